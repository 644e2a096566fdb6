# Part of the launcher: the caches of loaded classes (docs/adr/0013-class-caches.md). POSIX sh.
# Wants $java and $app. The caches lie beside the jars because they are code as the jars are.

# On Linux the JDK has one kind of selector. Asked for by name it does not look for another in every jar, which costs a
# short command a fifth of its time.
selector=
[ ! -e /proc/sys/kernel/ostype ] || selector=-Djava.nio.channels.spi.SelectorProvider=sun.nio.ch.EPollSelectorProvider

# What the caches were made of: names, sizes and dates, not where the installation lies and who owns it.
# JDK 25 looks only at its own files when it takes a cache and not at our jars, so this does.
caches_of() {
  (
    cd "$app" || exit 1
    LC_ALL=C ls -go ./*.options lib/*.jar "${java%/bin/java}"/lib/modules "${java%/bin/java}"/lib/server/libjvm.* 2>/dev/null |
      while read -r _ _ rest; do printf '%s\n' "$rest"; done
  )
}

# Whether they are of these jars and this JDK. The dates also find a jar rewritten in the minute in which it was made.
caches_fit() {
  [ -f "$app/caches/of" ] && [ "$(caches_of)" = "$(cat "$app/caches/of")" ] || return 1
  for jar in "$app"/lib/*.jar; do
    # shellcheck disable=SC3013
    [ ! "$jar" -nt "$app/caches/of" ] || return 1
  done
}

# Makes them, with what a relay and two nodes on loopback and some commands load. Nobody uses them before they are
# whole, and of two that make them one does. One that was killed is in the way for ten minutes.
caches_make() {
  umask 022
  if ! mkdir "$app/caches.lock" 2>/dev/null; then
    [ -n "$(find "$app/caches.lock" -prune -mmin +10 2>/dev/null)" ] || return 0
    touch "$app/caches.lock"
    rm -rf "$app/caches.lock"/*
  fi
  made="$app/caches.lock/$$"
  mkdir "$made" && caches_of >"$made/of" || return 1
  if caches_rehearse "$made/world" && [ -s "$made/client.aot" ] && [ -s "$made/daemon.aot" ] &&
    [ "$(caches_of)" = "$(cat "$made/of")" ]; then
    rm -rf "$made/world" "$app/caches" && mv "$made" "$app/caches" && rmdir "$app/caches.lock"
  else
    # Not tried again at once.
    rm -rf "$made"
    return 1
  fi
}

# Everything it starts it also ends, and all of it takes place in one folder.
caches_rehearse() {
  world=$1
  unset PEERUP_LAUNCHER PEERUP_HOME
  mkdir "$world"
  pids=
  trap 'kill $pids 2>/dev/null; rm -rf "$made"' EXIT
  trap 'exit 1' HUP INT TERM
  caches_start relay "" relay serve --listen /ip4/127.0.0.1/tcp/0
  caches_start b "" daemon
  caches_start a "" daemon
  caches_await relay && caches_await a && caches_await b || return 1
  codes=$(caches_java client Peerup relay pair --count 3 --ttl 10m --home "$world/relay" --json |
    grep -oE '"[0-9A-Z]{8}(-[0-9A-Z]{8})+' | tr -d '"')
  # shellcheck disable=SC2086
  set -- $codes
  (caches_java client Peerup join "$1" --name a --home "$world/a") || return 1
  (caches_java client Peerup join "$2" --name b --home "$world/b") || return 1
  # Kept is a start with members and a relay to come back to, and most of a join: the relay refuses a member.
  (caches_java client Peerup daemon stop --home "$world/a") || return 1
  caches_start a "-XX:AOTCacheOutput=$made/daemon.aot" daemon
  caches_await a || return 1
  (caches_java client Peerup join "$3" --name a --home "$world/a") || :
  (caches_java client -XX:AOTCacheOutput="$made/client.aot" Rehearsal b "$world/a") || return 1
  # shellcheck disable=SC2086
  kill $pids 2>/dev/null || :
  wait
  trap - EXIT HUP INT TERM
}

# Becomes a java: KIND of options, perhaps an option more, class, arguments.
caches_java() {
  kind=$1
  shift
  more=
  case "$1" in -*) more=$1 && shift ;; esac
  main=$1
  shift
  exec "$java" -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining "@$app/$kind.options" $selector ${more:+"$more"} -cp "$app/lib/*" "io.peerup.cli.$main" "$@"
}

# HOME, option or nothing, arguments of what stays.
caches_start() {
  mkdir -p "$world/$1"
  # With all defaults the second time; that is what most homes have.
  [ -n "$2" ] || printf 'network:\n  listen: [/ip4/127.0.0.1/tcp/0]\ndiscovery:\n  lan: false\n' >"$world/$1/config.yaml"
  [ -z "$2" ] || rm "$world/$1/config.yaml"
  home=$1 option=$2
  shift 2
  # What it said when it was started before would be taken for an answer.
  rm -f "$world/$home.out"
  caches_java daemon ${option:+"$option"} Peerup "$@" --home "$world/$home" >"$world/$home.out" &
  pids="$pids $!"
}

# Until it says where it listens, half a minute at most.
caches_await() {
  tries=0
  until grep -q '^Listening' "$world/$1.out" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || return 1
    sleep 0.1
  done
}
