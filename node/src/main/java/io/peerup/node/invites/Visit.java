package io.peerup.node.invites;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.RelayLinks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One visit to the relays of an accepted link, as their guest: leaves the drop in the inviter's
/// mailbox and looks for the acknowledgement in ours. Used by one thread, which it blocks.
final class Visit implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Visit.class);

  /// What came of leaving the drop.
  ///
  /// @param reached some relay was
  /// @param taken a relay has it now
  /// @param refused a relay does not want it
  /// @param unanswered a relay was asked and did not say: it may have it
  /// @param trouble why a relay could not be asked; empty if all could
  record Left(
      boolean reached, boolean taken, boolean refused, boolean unanswered, String trouble) {}

  private final Host host;
  private final RelayLinks relays;
  private final PairingGuests guests;
  private final Mailroom mailroom;
  private final List<PeerId> hosts = new ArrayList<>();

  /// In each case whether it is there for this visit only.
  private final Map<Connection, Boolean> visited = new LinkedHashMap<>();

  Visit(Host host, RelayLinks relays, PairingGuests guests, Mailroom mailroom) {
    this.host = host;
    this.relays = relays;
    this.guests = guests;
    this.mailroom = mailroom;
  }

  /// Leaves the drop at every relay of the link that can be reached, which changes nothing if it is
  /// there already.
  Left leaveDrop(Acceptance mine) {
    boolean taken = false;
    boolean refused = false;
    int unanswered = 0;
    String trouble = "";
    for (Multiaddr relay : mine.relays) {
      try {
        Connection connection = reach(relay);
        unanswered++;
        boolean yes =
            mailroom.talk(
                connection,
                mailbox ->
                    mailbox.deposit(mine.capability, mine.accept.drop(), Optional.of(mine.reply)));
        unanswered--;
        taken |= yes;
        refused |= !yes;
      } catch (OverlayException e) {
        trouble = String.valueOf(e.getMessage());
      }
    }
    return new Left(!visited.isEmpty(), taken, refused, unanswered > 0, trouble);
  }

  private Connection reach(Multiaddr relay) {
    PeerId id = relay.peer().orElseThrow();
    guests.startVisit(id);
    hosts.add(id);
    Optional<Connection> known = Mailroom.direct(host, id);
    Connection connection =
        known.isPresent()
            ? known.get()
            : host.connect(relay, PeerExpectation.exactly(id), Limits.DIAL);
    visited.put(connection, known.isEmpty());
    return connection;
  }

  /// Fetches what waits for us at every relay that was reached.
  void look() {
    for (Connection relay : visited.keySet()) {
      try {
        mailroom.collect(relay);
      } catch (OverlayException e) {
        LOG.atDebug().log("no look into the mailbox: {}", e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    hosts.forEach(guests::endVisit);
    visited.forEach((connection, ours) -> {
      if (ours && !relays.isRelay(connection.remotePeer())) {
        connection.close();
      }
    });
  }
}
