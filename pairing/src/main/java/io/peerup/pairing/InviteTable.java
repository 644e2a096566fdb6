package io.peerup.pairing;

import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.SafeText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The inviter's invites: which there are, who used them, how many guesses are left. A machine: the
/// node calls it and the [PairingResponder]s under one lock, writes [#snapshot] to a file of mode
/// 0600 when a step says so, and only then goes on.
///
/// Runs against one invite are evaluated one after the other, which is what makes three attempts
/// mean three: from the third frame to the fifth a run holds the invite, others wait.
///
/// The snapshot is also the journal of pairing: a peer that an invite admitted stays in
/// [#unentered] until the node says that its trust entry is on disk, so a crash between the two
/// files ends in both or neither.
public final class InviteTable {

  /// Whose trust entry must be written.
  ///
  /// @param inviteId which invite admitted it, for [#entered]
  /// @param peer who
  /// @param name what it calls itself
  public record Admitted(String inviteId, PeerId peer, String name) {}

  /// Whether a run may go on to the point where it can be evaluated.
  enum Turn {
    /// Now.
    GRANTED,
    /// After the runs before it.
    WAIT,
    /// Never: too many wait already, it waited too long, or the invite is over.
    REFUSED
  }

  private static final long NOBODY = Invite.NOBODY;

  private final List<Invite> invites;
  private final byte[] dummyPrs;
  private long runs;

  /// A table without invites.
  public InviteTable(KeyRandom random) {
    this(random, List.of());
  }

  private InviteTable(KeyRandom random, List<Invite> invites) {
    this.dummyPrs = random.bytes(PairingSecret.PRS_BYTES);
    this.invites = new ArrayList<>(invites);
  }

  /// Adds an invite that can be used from `now` for `ttl`. Copies the secret. Throws [LimitReached]
  /// when too many are open, [MalformedInput] for a bad argument or a selector that is in use.
  public InviteSummary create(PairingSecret secret, Duration ttl, String label, Instant now) {
    if (ttl.compareTo(Limits.INVITE_TTL_MIN) < 0 || ttl.compareTo(Limits.INVITE_TTL_MAX) > 0) {
      throw new MalformedInput(
          "an invite works for 1 minute to 1 hour", "choose another time to live, e.g. 10m");
    }
    if (!label.isEmpty()) {
      SafeText.check(label, Limits.NAME_BYTES_MAX, "the invite's name");
    }
    prune(now);
    if (invites.stream().filter(i -> isOpen(i, now)).count() >= Limits.OPEN_INVITES_MAX) {
      throw new LimitReached(
          "there are %d open invites already".formatted(Limits.OPEN_INVITES_MAX),
          "revoke one, or wait until one expires");
    }
    if (invites.size() >= Limits.INVITES_MAX) {
      throw new LimitReached(
          "there were %d invites within a day".formatted(Limits.INVITES_MAX), "revoke old ones");
    }
    Invite invite = new Invite(secret, now, now.plus(ttl), label);
    if (invites.stream().anyMatch(i -> i.isFor(invite.kind, invite.selector))) {
      throw new MalformedInput("an invite with this code exists already", "make a new code");
    }
    invites.add(invite);
    return invite.summary(now);
  }

  /// From now on the peer that this invite admits, and the inviter, trust each other only once two
  /// people have compared a live code.
  public void requireSas(String id) {
    byId(id).ifPresent(invite -> invite.requiresSas = true);
  }

  /// Whether [#requireSas] was called for this invite.
  public boolean requiresSas(String id) {
    return byId(id).filter(invite -> invite.requiresSas).isPresent();
  }

  /// Forgets an invite at once, whoever is trying it. A peer that already joined stays. False if
  /// there is none with this id.
  public boolean revoke(String id) {
    Optional<Invite> found = byId(id);
    found.ifPresent(this::forget);
    return found.isPresent();
  }

  /// The public part of the code of an invite, by which a relay knows it.
  public Optional<byte[]> selectorOf(String id) {
    return byId(id).map(invite -> invite.selector.clone());
  }

  /// All invites, oldest first; those that are over stay for a day.
  public List<InviteSummary> invites(Instant now) {
    return invites.stream().map(i -> i.summary(now)).toList();
  }

  /// Forgets invites that ended more than a day ago. True if there were any.
  public boolean prune(Instant now) {
    List<Invite> old =
        invites.stream()
            .filter(i -> i.isOver(now.minus(Limits.INVITE_MEMORY)))
            .filter(i -> i.consumed == null || i.consumed.entered())
            .toList();
    old.forEach(this::forget);
    return !old.isEmpty();
  }

  /// Peers that invites admitted and whose trust entry is not known to be on disk: after a start,
  /// write each and call [#entered].
  public List<Admitted> unentered() {
    List<Admitted> out = new ArrayList<>();
    for (Invite invite : invites) {
      Invite.Consumed consumed = invite.consumed;
      if (consumed != null && !consumed.entered()) {
        out.add(new Admitted(invite.id(), consumed.peer(), consumed.name()));
      }
    }
    return out;
  }

  /// The trust entry of the peer that this invite admitted is on disk.
  public void entered(String inviteId) {
    byId(inviteId)
        .filter(i -> i.consumed != null)
        .ifPresent(i -> {
          Invite.Consumed consumed = i.consumed;
          if (consumed != null) {
            i.consumed = new Invite.Consumed(consumed.peer(), consumed.name(), true);
          }
        });
  }

  /// Everything, the secrets included: for a file of mode 0600.
  public JsonObject snapshot() {
    return InviteTableJson.write(invites);
  }

  /// The table of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static InviteTable restore(JsonObject snapshot, KeyRandom random) {
    return new InviteTable(random, InviteTableJson.read(snapshot));
  }

  /// The invite that this peer's run is about, if the run is worth more than a dummy.
  Optional<Invite> find(int kind, byte[] selector, PeerId peer, Instant now) {
    return invites.stream()
        .filter(i -> i.isFor(kind, selector) && i.isLiveFor(peer, now))
        .findFirst();
  }

  /// What runs use that are about no invite: the same for the life of the process, so that they
  /// take the same time.
  byte[] dummyPrs() {
    return dummyPrs;
  }

  /// A number for a run, by which [#enter] knows it.
  long newRun() {
    return ++runs;
  }

  /// Asks for the invite. Repeat after [Turn#WAIT] whenever [#leave] was called for another run.
  Turn enter(Invite invite, long run, PeerId peer, Instant now) {
    if (invite.holder != NOBODY && !now.isBefore(invite.heldUntil)) {
      lose(invite);
    }
    invite.queue.removeIf(w -> !now.isBefore(w.until()));
    boolean first = invite.queue.isEmpty() || invite.queue.getFirst().run() == run;
    boolean waiting = invite.queue.stream().anyMatch(w -> w.run() == run);
    if (!invites.contains(invite) || !invite.isLiveFor(peer, now)) {
      invite.queue.removeIf(w -> w.run() == run);
      return Turn.REFUSED;
    }
    if (invite.holder == NOBODY && first) {
      invite.queue.removeIf(w -> w.run() == run);
      invite.holder = run;
      invite.heldUntil = now.plus(Limits.HOLD_TIME);
      return Turn.GRANTED;
    }
    if (waiting) {
      return Turn.WAIT;
    }
    if (invite.queue.size() >= Limits.WAITING_RUNS_MAX) {
      return Turn.REFUSED;
    }
    invite.queue.addLast(new Invite.Waiting(run, now.plus(Limits.WAIT_TIME)));
    return Turn.WAIT;
  }

  /// True while this run holds the invite, and may therefore be evaluated.
  boolean holds(Invite invite, long run, Instant now) {
    return invites.contains(invite) && invite.holder == run && now.isBefore(invite.heldUntil);
  }

  /// The run goes away without having been evaluated. True if that changed what must be on disk.
  boolean leave(Invite invite, long run) {
    invite.queue.removeIf(w -> w.run() == run);
    if (invite.holder != run) {
      return false;
    }
    lose(invite);
    return true;
  }

  /// The run that holds the invite turned out to be wrong. True if that changed what must be on
  /// disk, before anything else happens: a guess by the peer that was admitted is none.
  boolean wrong(Invite invite) {
    invite.holder = NOBODY;
    if (invite.consumed != null) {
      return false;
    }
    invite.failures++;
    wipeIfBurned(invite);
    return true;
  }

  /// The run that holds the invite is right. True if that changed the table: false for a peer that
  /// asks again because our answer was lost.
  boolean right(Invite invite, PeerId peer, String name) {
    invite.holder = NOBODY;
    if (invite.consumed != null) {
      return false;
    }
    invite.consumed = new Invite.Consumed(peer, name, false);
    return true;
  }

  private static void lose(Invite invite) {
    invite.holder = NOBODY;
    if (invite.consumed == null) {
      invite.lost++;
      wipeIfBurned(invite);
    }
  }

  private static void wipeIfBurned(Invite invite) {
    if (invite.isBurned()) {
      invite.wipe();
    }
  }

  private void forget(Invite invite) {
    invite.wipe();
    invites.remove(invite);
  }

  private Optional<Invite> byId(String id) {
    return invites.stream().filter(i -> i.id().equals(id)).findFirst();
  }

  private static boolean isOpen(Invite invite, Instant now) {
    return switch (invite.summary(now).state()) {
      case OPEN, RESERVED -> true;
      case CONSUMED, BURNED, EXPIRED -> false;
    };
  }

  /// Shows no secret.
  @Override
  public String toString() {
    return "InviteTable[invites=" + invites.size() + "]";
  }
}
