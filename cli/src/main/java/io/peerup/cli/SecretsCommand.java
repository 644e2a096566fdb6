package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.control.Printable;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.IdentityCare;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.Passphrase;
import io.peerup.trust.SealedKey;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "secrets",
    description = "Protect the key that makes this home who it is.",
    subcommands = {SecretsCommand.Status.class, SecretsCommand.PassphraseCommand.class})
final class SecretsCommand extends GroupCommand {

  @Command(
      name = "status",
      description = "Say whether a passphrase protects identity.key. Needs no passphrase.")
  static final class Status extends PeerupCommand {
    @Override
    protected int run(Home home, Voice voice) {
      Running.refuseMissing(home);
      PeerId self = IdentityFile.peerId(home).orElseThrow(() -> WhoamiCommand.noIdentity(home));
      Optional<SealedKey> sealed = IdentityFile.sealed(home);
      List<Path> backups = IdentityCare.backups(home);
      if (voice.json()) {
        JsonObject out = document(home, self, sealed.isPresent());
        sealed.ifPresent(seal -> {
          out.addProperty("memoryKib", seal.kib());
          out.addProperty("passes", seal.passes());
        });
        JsonArray list = new JsonArray();
        backups.forEach(each -> list.add(each.toString()));
        out.add("backups", list);
        voice.emit(out);
        return Peerup.DONE;
      }
      voice.say("Peer id    " + self);
      voice.say(
          "Key        "
              + (sealed.isPresent()
                  ? voice.good("protected by a passphrase")
                  : "not protected; whoever gets a copy of this home's files is this peer"));
      sealed.ifPresent(seal ->
          voice.say(
              "A guess    costs "
                  + seal.kib() / 1024
                  + " MiB of memory and "
                  + seal.passes()
                  + " passes over it"));
      for (Path each : backups) {
        voice.warn("a run that was cut short left the key's old file: " + each);
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "passphrase",
      description = {
        "Set, change or remove the passphrase of identity.key.",
        "The daemon or relay must be stopped. Afterwards every start needs the passphrase: typed,"
            + " or from a file (--passphrase-file, or secrets.passphrase-file in config.yaml)."
      },
      subcommands = {Set.class, Change.class, Remove.class})
  static final class PassphraseCommand extends GroupCommand {}

  /// One change of how the key is kept.
  abstract static class Keeping extends PeerupCommand {
    @Mixin PassphraseOptions passphrase = new PassphraseOptions();

    @Override
    protected final int run(Home home, Voice voice) {
      passphrase.given();
      Running.refuseMissing(home);
      PeerId self;
      boolean sealedNow;
      try (HomeLock _ = HomeLock.acquire(home.ensure())) {
        if (IdentityFile.peerId(home).isEmpty()) {
          throw WhoamiCommand.noIdentity(home);
        }
        self = change(home, voice, IdentityFile.sealed(home).isPresent());
        sealedNow = IdentityFile.sealed(home).isPresent();
      }
      if (voice.json()) {
        voice.emit(document(home, self, sealedNow));
        return Peerup.DONE;
      }
      voice.say(
          sealedNow
              ? "The key of " + self + " is protected by the new passphrase."
              : "The key of " + self + " is no longer protected.");
      if (sealedNow) {
        voice.say("Nothing can bring it back if the passphrase is forgotten.");
        voice.say("Older backups of this home still open with what was before: remove them.");
      }
      return Peerup.DONE;
    }

    /// Does it. @return who this home is
    abstract PeerId change(Home home, Voice voice, boolean sealed);

    static PeerId protect(Home home, Passphrase.Source current, Optional<Passphrase> next) {
      try {
        next.ifPresent(Passphrase::checkLength);
        return IdentityCare.protect(
            home, current, next, KeyRandom.secure(), InstantSource.system().instant());
      } finally {
        next.ifPresent(Passphrase::close);
      }
    }

    /// Asks twice: nobody sees what is typed.
    static Passphrase typedTwice(Voice voice, Home home) {
      Passphrase first =
          voice
              .secret("New passphrase: ")
              .map(Passphrase::ofTyped)
              .orElseThrow(() ->
                  new Failure(
                      "passphrase-needed",
                      "there is nobody to ask for a new passphrase of "
                          + Printable.of(home.identityKey().toString()),
                      "give it with --passphrase-file FILE or --passphrase-stdin; see --help"));
      try (Passphrase again =
          voice.secret("The same again: ").map(Passphrase::ofTyped).orElseGet(first::copy)) {
        if (!again.same(first)) {
          first.close();
          throw new Failure(
              "bad-passphrase", "the two passphrases differ", "nothing was changed; try again");
        }
        return first;
      }
    }

    static void refuseOpen(boolean sealed) {
      if (!sealed) {
        throw new Failure(
            "not-protected",
            "no passphrase protects this home's key",
            "set one: peerup secrets passphrase set");
      }
    }
  }

  @Command(
      name = "set",
      description = {
        "Put identity.key under a passphrase.",
        "It is asked for twice, or read as the options say."
      })
  static final class Set extends Keeping {
    @Override
    PeerId change(Home home, Voice voice, boolean sealed) {
      if (sealed) {
        throw new Failure(
            "already-protected",
            "a passphrase protects this home's key already",
            "change it: peerup secrets passphrase change");
      }
      Passphrase next =
          passphrase
              .given()
              .map(source -> source.ask(home.identityKey().toString()))
              .orElseGet(() -> typedTwice(voice, home));
      return protect(home, Passphrase.Source.NONE, Optional.of(next));
    }
  }

  @Command(
      name = "change",
      description = {
        "Put identity.key under another passphrase.",
        "With --passphrase-stdin the first line is the old one and the second the new one, unless"
            + " --new-passphrase-file has it."
      })
  static final class Change extends Keeping {
    @Option(
        names = "--new-passphrase-file",
        paramLabel = "FILE",
        description = "Read the new passphrase from this file of one line, mode 0600.")
    @Nullable String newFile;

    @Override
    PeerId change(Home home, Voice voice, boolean sealed) {
      refuseOpen(sealed);
      try (Passphrase old = passphrase.source(home, voice).ask(home.identityKey().toString())) {
        Passphrase next =
            newFile != null
                ? PassphraseOptions.readFile(PassphraseOptions.path(newFile))
                : passphrase.stdin
                    ? PassphraseOptions.readLine(System.in)
                    : typedTwice(voice, home);
        return protect(home, _ -> old.copy(), Optional.of(next));
      }
    }
  }

  @Command(
      name = "remove",
      description = "Let identity.key lie open again; the passphrase is needed for it.")
  static final class Remove extends Keeping {
    @Override
    PeerId change(Home home, Voice voice, boolean sealed) {
      refuseOpen(sealed);
      return protect(home, passphrase.source(home, voice), Optional.empty());
    }
  }

  private static JsonObject document(Home home, PeerId self, boolean sealed) {
    JsonObject out = new JsonObject();
    out.addProperty("peerId", self.toString());
    out.addProperty("home", home.root().toString());
    out.addProperty("protected", sealed);
    return out;
  }
}
