package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.node.peers.PeerLinks;
import io.peerup.pairing.AttemptLimit;
import io.peerup.pairing.PairingInitiator;
import io.peerup.pairing.PairingInitiator.Step;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The joiner's side: runs the pairing with who made a code ([InviterSearch] finds it), and writes
/// down what came of it. Blocks; one at a time.
public final class CodeJoiner {

  /// A code as this class needs it.
  ///
  /// @param secret the caller's to wipe
  /// @param relays where to ask, with or without peer ids; empty asks our own relays
  /// @param inviter whom the code names, if it does
  public record Wanted(PairingSecret secret, List<Multiaddr> relays, Optional<PeerId> inviter) {}

  /// What came of it.
  ///
  /// @param inviter who
  /// @param name what we call it
  /// @param network the network that the inviter is in, empty for the default one
  /// @param relay the relay that brought us together; empty if the local network did
  /// @param warnings for the user
  public record Joined(
      PeerId inviter,
      String name,
      String network,
      Optional<Multiaddr> relay,
      List<String> warnings) {}

  private final PrivateKey identity;
  private final KeyRandom random;
  private final InviterSearch inviter;
  private final Cards cards;
  private final PeerLinks links;
  private final InviteStore store;
  private final Settling settling;
  private final InstantSource clock;

  public CodeJoiner(
      PrivateKey identity,
      KeyRandom random,
      InviterSearch inviter,
      Cards cards,
      PeerLinks links,
      InviteStore store,
      Settling settling,
      InstantSource clock) {
    this.identity = identity;
    this.random = random;
    this.inviter = inviter;
    this.cards = cards;
    this.links = links;
    this.store = store;
    this.settling = settling;
    this.clock = clock;
  }

  /// Says whether this device may become part of a network; throws [Failure] if not.
  public interface NetworkCheck {
    void check(String network);
  }

  /// Joins under this name.
  ///
  /// @throws Failure `no-relay`; `relay-unreachable`; `too-many-attempts`; `inviter-unreachable`;
  ///   `pairing-failed`, for everything that depends on the code; what `networks` throws
  public Joined join(Wanted code, String name, NetworkCheck networks) {
    checkAttempts(code.secret());
    try (Met met = inviter.meet(code)) {
      return run(met, code.secret(), name, networks);
    }
  }

  private void checkAttempts(PairingSecret secret) {
    synchronized (store) {
      if (store.attempts().left(AttemptLimit.keyOf(secret), clock.instant()) <= 0) {
        throw tooManyAttempts(null);
      }
    }
  }

  private static Failure tooManyAttempts(@Nullable Throwable cause) {
    return new Failure(
        "too-many-attempts",
        "this code was tried too often from this device",
        "ask for a new code",
        cause);
  }

  private Joined run(Met met, PairingSecret secret, String name, NetworkCheck networks) {
    Connection connection = met.connection();
    PeerCard card = cards.ofJoiner(name, new byte[0]);
    PairingInitiator run =
        new PairingInitiator(
            secret, PairingServer.channel(identity.peerId(), connection), identity, card, random);
    try (Stream stream = connection.openStream(List.of(PairingProtocol.ID), Limits.DIALOGUE)) {
      stream.writeFrame(run.start(clock.instant()));
      while (true) {
        Step step = next(run, stream);
        switch (step) {
          case Step.Send send -> stream.writeFrame(send.frame());
          case Step.CountAndSend proof -> {
            count(secret);
            stream.writeFrame(proof.frame());
          }
          case Step.Paired paired -> {
            networks.check(paired.inviter().namespace());
            Joined joined = settle(paired.inviter(), met, name);
            stream.writeFrame(paired.done());
            stream.closeWrite();
            awaitEnd(stream);
            return joined;
          }
          case Step.Failed _ -> throw InviterSearch.failed(null);
          case Step.Unreachable _ -> throw InviterSearch.unreachable(null);
        }
      }
    } catch (DeadlineExceeded e) {
      throw InviterSearch.unreachable(e);
    } catch (OverlayException e) {
      // Turned away, with or without a word: what a wrong code gets, too.
      throw InviterSearch.failed(e);
    }
  }

  private Step next(PairingInitiator run, Stream stream) {
    try {
      Duration left = Duration.between(clock.instant(), run.deadline());
      stream.deadline(left.isPositive() ? left : Duration.ofMillis(1));
      byte[] frame = stream.readFrame(Limits.FRAME_BYTES_MAX);
      return run.receive(frame, clock.instant());
    } catch (OverlayException e) {
      return clock.instant().isBefore(run.deadline()) ? run.lost() : run.timeOut();
    }
  }

  /// The last frame must leave before the connection is closed; the inviter ends its side then.
  private static void awaitEnd(Stream stream) {
    try {
      stream.deadline(Limits.VOUCH);
      stream.read(new byte[1], 0, 1);
    } catch (OverlayException e) {
      // Whether it came or not shows when this device connects again.
    }
  }

  private void count(PairingSecret secret) {
    synchronized (store) {
      try {
        store.attempts().count(AttemptLimit.keyOf(secret), clock.instant());
      } catch (LimitReached e) {
        throw tooManyAttempts(e);
      }
      store.save();
    }
  }

  private Joined settle(PeerCard inviter, Met met, String name) {
    PeerId peer = met.connection().remotePeer();
    Settling.Settled settled = settling.settle(peer, inviter, name, Settling.Way.CODE);
    links.learn(peer, inviter.addresses());
    List<String> warnings = new ArrayList<>();
    Optional<PeerId> used = met.relay().flatMap(Multiaddr::peer);
    if (used.isPresent() && inviter.relays().stream().noneMatch(each -> each.peer().equals(used))) {
      warnings.add("the inviter does not name the relay of this code as one of its own");
    }
    if (inviter.requiresSas()) {
      warnings.add(
          "neither device may do anything with the other until both have run peerup verify");
    }
    warnings.addAll(settled.warnings());
    return new Joined(peer, settled.name(), inviter.namespace(), met.relay(), warnings);
  }
}
