package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.AttemptLimit;
import io.peerup.pairing.PairingInitiator;
import io.peerup.pairing.PairingInitiator.Step;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.rendezvous.RendezvousClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// The joiner's side: finds who made a code, runs the pairing with it, writes down what came of it.
/// Blocks; one at a time.
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
  /// @param relay the relay that brought us together
  /// @param warnings for the user
  public record Joined(
      PeerId inviter, String name, String network, Multiaddr relay, List<String> warnings) {}

  private final Host host;
  private final PrivateKey identity;
  private final KeyRandom random;
  private final NodeGater gater;
  private final Roster roster;
  private final RelayLinks relays;
  private final Invites invites;
  private final PairingGuests guests;
  private final InstantSource clock;
  private final String software;

  public CodeJoiner(
      Host host,
      PrivateKey identity,
      KeyRandom random,
      NodeGater gater,
      Roster roster,
      RelayLinks relays,
      Invites invites,
      PairingGuests guests,
      InstantSource clock,
      String software) {
    this.host = host;
    this.identity = identity;
    this.random = random;
    this.gater = gater;
    this.roster = roster;
    this.relays = relays;
    this.invites = invites;
    this.guests = guests;
    this.clock = clock;
    this.software = software;
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
    Connection relay = relay(code);
    PeerId relayId = relay.remotePeer();
    try {
      PeerId inviter = find(relay, code);
      guests.startVisit(inviter);
      try {
        Connection connection = dial(relay, inviter);
        try {
          return run(connection, relay, code.secret(), name, networks);
        } finally {
          connection.close();
        }
      } finally {
        guests.endVisit(inviter);
      }
    } finally {
      gater.endJoining(relayId);
      if (!relays.isRelay(relayId)) {
        relay.close();
      }
    }
  }

  private void checkAttempts(PairingSecret secret) {
    InviteStore store = invites.store();
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

  /// Any relay that the code names, whoever it is: the inviter proves itself through it, and only
  /// what the inviter says of its relays is believed.
  private Connection relay(Wanted code) {
    List<Multiaddr> candidates = new ArrayList<>(code.relays());
    if (candidates.isEmpty()) {
      relays.views().stream()
          .filter(RelayLinks.RelayView::reserved)
          .map(view -> view.address().withoutPeer().withPeer(view.peer()))
          .forEach(candidates::add);
    }
    if (candidates.isEmpty()) {
      throw new Failure(
          "no-relay",
          "the code does not say at which relay it is known, and this device has none",
          "write the relay behind the code: peerup join CODE@HOST");
    }
    @Nullable OverlayException last = null;
    for (Multiaddr each : candidates) {
      AtomicReference<PeerId> met = new AtomicReference<>();
      each.peer().ifPresent(gater::startJoining);
      try {
        return host.connect(
            each,
            peer -> {
              if (each.peer().isPresent() && !each.peer().get().equals(peer)) {
                return false;
              }
              met.set(peer);
              gater.startJoining(peer);
              return true;
            },
            Limits.DIAL);
      } catch (OverlayException e) {
        each.peer().ifPresent(gater::endJoining);
        if (met.get() != null) {
          gater.endJoining(met.get());
        }
        last = e;
      }
    }
    throw new Failure(
        "relay-unreachable",
        "cannot reach the relay at " + candidates.getLast() + reason(last),
        "check that this device is online and that the relay runs (`peerup relay info` there)",
        last);
  }

  private static String reason(@Nullable OverlayException why) {
    return why == null ? "" : ": " + why.getMessage();
  }

  private PeerId find(Connection relay, Wanted code) {
    PeerId found;
    try {
      found =
          new RendezvousClient(relay, Limits.DIALOGUE)
              .find(Selector.of(code.secret().kind(), code.secret().selector()))
              .orElseThrow(() -> failed(null));
    } catch (OverlayException e) {
      throw failed(e);
    }
    if (code.inviter().isPresent() && !code.inviter().get().equals(found)) {
      throw failed(null);
    }
    return found;
  }

  private Connection dial(Connection relay, PeerId inviter) {
    Multiaddr circuit =
        relay
            .remoteAddress()
            .withoutPeer()
            .withPeer(relay.remotePeer())
            .plus(Multiaddr.parse("/p2p-circuit"))
            .withPeer(inviter);
    try {
      return host.connect(circuit, PeerExpectation.exactly(inviter), Limits.DIAL);
    } catch (OverlayException e) {
      throw unreachable(e);
    }
  }

  private static Failure unreachable(@Nullable OverlayException why) {
    return new Failure(
        "inviter-unreachable",
        "could not reach the device that made the code" + reason(why),
        "check that it is online and its daemon runs, then try the same code again",
        why);
  }

  private static Failure failed(@Nullable Throwable cause) {
    return new Failure(
        "pairing-failed",
        "pairing failed",
        "the code may be mistyped, used, expired or revoked; try once more, then ask for a new"
            + " code",
        cause);
  }

  private Joined run(
      Connection connection,
      Connection relay,
      PairingSecret secret,
      String name,
      NetworkCheck networks) {
    PeerCard card =
        new PeerCard(
            name,
            host.advertisedAddresses().stream().limit(16).toList(),
            software,
            "",
            List.of(),
            new byte[0]);
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
            Joined joined = settle(paired.inviter(), connection, relay, name, networks);
            stream.writeFrame(paired.done());
            stream.closeWrite();
            awaitEnd(stream);
            return joined;
          }
          case Step.Failed _ -> throw failed(null);
          case Step.Unreachable _ -> throw unreachable(null);
        }
      }
    } catch (DeadlineExceeded e) {
      throw unreachable(e);
    } catch (OverlayException e) {
      // Turned away, with or without a word: what a wrong code gets, too.
      throw failed(e);
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
    InviteStore store = invites.store();
    synchronized (store) {
      try {
        store.attempts().count(AttemptLimit.keyOf(secret), clock.instant());
      } catch (LimitReached e) {
        throw tooManyAttempts(e);
      }
      store.save();
    }
  }

  /// First what this device is now part of, then who is trusted: a crash in between leaves a relay
  /// too many and nobody let in.
  private Joined settle(
      PeerCard inviter,
      Connection connection,
      Connection relay,
      String name,
      NetworkCheck networks) {
    networks.check(inviter.namespace());
    List<String> warnings = new ArrayList<>();
    List<Multiaddr> named =
        inviter.relays().stream().filter(each -> each.peer().isPresent()).toList();
    Multiaddr used = relay.remoteAddress().withoutPeer().withPeer(relay.remotePeer());
    if (named.stream().noneMatch(each -> each.peer().equals(used.peer()))) {
      warnings.add("the inviter does not name the relay of this code as one of its own");
    }
    InviteStore store = invites.store();
    synchronized (store) {
      store.call(name);
      store.adopt(inviter.namespace(), named);
      store.save();
    }
    PeerId peer = connection.remotePeer();
    String called = roster.invited(peer, inviter.name());
    for (Multiaddr each : named) {
      PeerId id = each.peer().orElseThrow();
      try {
        relays.keep(id, List.of(each.withoutPeer()));
        // It may have turned us away before, when it did not know us.
        relays.retry(id);
      } catch (LimitReached e) {
        warnings.add("the relay " + each + " is not used: " + e.getMessage());
      }
    }
    return new Joined(peer, called, inviter.namespace(), used, warnings);
  }
}
