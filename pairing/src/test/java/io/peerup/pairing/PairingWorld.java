package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An inviter with one invite, and whoever wants to join. Without stretching, which is slow and
/// tested elsewhere.
final class PairingWorld {

  static final int KIND = 2;
  static final byte[] SELECTOR = Crypto.ascii("EJWJ7KQ");
  static final PeerId RELAY = Fixtures.peer(77);
  static final PrivateKey INVITER = Fixtures.identity(1);
  static final PrivateKey JOINER = Fixtures.identity(2);
  static final PrivateKey STRANGER = Fixtures.identity(3);
  static final byte[] BINDING = Crypto.sha256("binding");

  final KeyRandom random;
  final VirtualClock clock = new VirtualClock();
  final PairingSecret secret;
  final PairingSecret wrong;
  InviteTable table;

  PairingWorld(SeededRandom source) {
    this.random = Fixtures.random(source);
    this.table = new InviteTable(random);
    this.secret = new PairingSecret(KIND, SELECTOR, random.bytes(32));
    this.wrong = new PairingSecret(KIND, SELECTOR, random.bytes(32));
    table.create(secret, Duration.ofMinutes(10), "", now());
  }

  Instant now() {
    return clock.instant();
  }

  InviteSummary invite() {
    return table.invites(now()).getFirst();
  }

  /// What is on disk comes back, and nothing else.
  void restart() {
    table = InviteTable.restore(table.snapshot(), random);
  }

  static PairingChannel channel(PrivateKey self, PrivateKey remote) {
    return new PairingChannel(
        self.peerId(), remote.publicKey(), Optional.of(RELAY), "/noise", BINDING);
  }

  static PeerCard card(String name) {
    return PeerCard.of(name, List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/7777")));
  }

  PairingInitiator joiner(PairingSecret code, PrivateKey identity) {
    return joiner(code, identity, channel(identity, INVITER));
  }

  PairingInitiator joiner(PairingSecret code, PrivateKey identity, PairingChannel channel) {
    return new PairingInitiator(code, channel, identity, card("laptop"), random);
  }

  PairingResponder inviter(PrivateKey joiner) {
    return inviter(channel(INVITER, joiner));
  }

  PairingResponder inviter(PairingChannel channel) {
    return new PairingResponder(table, channel, INVITER, card("home"), random, now());
  }

  /// A whole run of this identity with this code.
  Run run(PairingSecret code, PrivateKey identity) {
    return new Run(joiner(code, identity), inviter(identity)).finish(this);
  }

  /// What may happen to a frame on its way.
  interface Wire {

    /// The frame that arrives instead; `number` is 1 for m1 and so on.
    byte[] carry(int number, byte[] frame);
  }

  /// Both sides of a run and how far they got.
  static final class Run {
    final PairingInitiator a;
    final PairingResponder b;
    PairingInitiator.@Nullable Step lastOfA;
    PairingResponder.@Nullable Step lastOfB;
    PairingResponder.@Nullable Step committed;
    int attempts;

    Run(PairingInitiator a, PairingResponder b) {
      this.a = a;
      this.b = b;
    }

    Run finish(PairingWorld world) {
      return finish(world, (number, frame) -> frame);
    }

    /// Carries frames until a side stops.
    Run finish(PairingWorld world, Wire wire) {
      byte[] toB = a.start(world.now());
      for (int number = 1; ; number += 2) {
        PairingResponder.Step b1 = b.receive(wire.carry(number, toB), world.now());
        lastOfB = b1;
        byte[] toA;
        switch (b1) {
          case PairingResponder.Step.Send send -> toA = send.frame();
          case PairingResponder.Step.Commit commit -> {
            committed = commit;
            toA = commit.frame();
          }
          default -> {
            lastOfA = a.lost();
            return this;
          }
        }
        PairingInitiator.Step a1 = a.receive(wire.carry(number + 1, toA), world.now());
        lastOfA = a1;
        switch (a1) {
          case PairingInitiator.Step.Send send -> toB = send.frame();
          case PairingInitiator.Step.CountAndSend send -> {
            attempts++;
            toB = send.frame();
          }
          case PairingInitiator.Step.Paired paired -> toB = paired.done();
          default -> {
            lastOfB = b.lost(world.now());
            return this;
          }
        }
      }
    }

    boolean joinerPaired() {
      return lastOfA instanceof PairingInitiator.Step.Paired
          || lastOfB instanceof PairingResponder.Step.Acknowledged;
    }

    boolean inviterPaired() {
      return committed != null;
    }

    boolean acknowledged() {
      return lastOfB instanceof PairingResponder.Step.Acknowledged;
    }
  }
}
