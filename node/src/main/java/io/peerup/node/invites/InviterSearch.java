package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.node.invites.CodeJoiner.Wanted;
import io.peerup.node.lan.Lan;
import io.peerup.node.lan.LanAddress;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.rendezvous.RendezvousClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the device that made a code and connects to it: through a relay, or, where no relay brings
/// us to it, directly on the local network. Neither way begins the pairing, so trying both spends
/// no guess; the pairing runs on the one connection that comes of it.
public final class InviterSearch {

  private static final Logger LOG = LoggerFactory.getLogger(InviterSearch.class);

  private final Host host;
  private final NodeGater gater;
  private final RelayLinks relays;
  private final PairingGuests guests;
  private final Lan lan;

  public InviterSearch(
      Host host, NodeGater gater, RelayLinks relays, PairingGuests guests, Lan lan) {
    this.host = host;
    this.gater = gater;
    this.relays = relays;
    this.guests = guests;
    this.lan = lan;
  }

  /// Blocks for half a minute at most. @throws Failure why the relay did not help, when the local
  /// network did not either
  Met meet(Wanted code) {
    try {
      return throughRelay(code);
    } catch (Failure e) {
      Selector selector = Selector.of(code.secret().kind(), code.secret().selector());
      return lan.find(selector, code.inviter(), this::near).orElseThrow(() -> e);
    }
  }

  private Optional<Met> near(LanAddress found) {
    guests.startVisit(found.peer());
    try {
      Connection connection =
          host.connect(found.address(), PeerExpectation.exactly(found.peer()), Limits.DIAL_NEAR);
      Runnable end = () -> guests.endVisit(found.peer());
      return Optional.of(new Met(connection, Optional.empty(), end));
    } catch (OverlayException e) {
      guests.endVisit(found.peer());
      LOG.atDebug()
          .addKeyValue("peer", found.peer())
          .addKeyValue("addr", found.address())
          .log("who answers for the code is not there: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private Met throughRelay(Wanted code) {
    Connection relay = relay(code);
    try {
      PeerId inviter = find(relay, code);
      guests.startVisit(inviter);
      try {
        Connection connection = dial(relay, inviter);
        Runnable end =
            () -> {
              guests.endVisit(inviter);
              leave(relay);
            };
        return new Met(connection, Optional.of(addressOf(relay)), end);
      } catch (Failure e) {
        guests.endVisit(inviter);
        throw e;
      }
    } catch (Failure e) {
      leave(relay);
      throw e;
    }
  }

  private void leave(Connection relay) {
    gater.endJoining(relay.remotePeer());
    if (!relays.isRelay(relay.remotePeer())) {
      relay.close();
    }
  }

  private static Multiaddr addressOf(Connection relay) {
    return relay.remoteAddress().withoutPeer().withPeer(relay.remotePeer());
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
          "no device on this network answers to the code, and it names no relay to ask",
          "check that both devices are on one network and the code is still valid, or write the"
              + " relay behind the code: peerup join CODE@HOST");
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
    Multiaddr circuit = addressOf(relay).plus(Multiaddr.parse("/p2p-circuit")).withPeer(inviter);
    try {
      return host.connect(circuit, PeerExpectation.exactly(inviter), Limits.DIAL);
    } catch (OverlayException e) {
      throw unreachable(e);
    }
  }

  static Failure unreachable(@Nullable OverlayException why) {
    return new Failure(
        "inviter-unreachable",
        "could not reach the device that made the code" + reason(why),
        "check that it is online and its daemon runs, then try the same code again",
        why);
  }

  static Failure failed(@Nullable Throwable cause) {
    return new Failure(
        "pairing-failed",
        "pairing failed",
        "the code may be mistyped, used, expired or revoked; try once more, then ask for a new"
            + " code",
        cause);
  }
}
