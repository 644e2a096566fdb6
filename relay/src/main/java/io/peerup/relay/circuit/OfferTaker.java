package io.peerup.relay.circuit;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes or declines the circuits that relays offer us (the stop protocol), and proves who is at
/// their far end. One virtual thread an offer.
final class OfferTaker {

  private static final Logger log = LoggerFactory.getLogger(OfferTaker.class);

  private final Host host;
  private final Predicate<Connection> mayOffer;
  private final Semaphore upgrades = new Semaphore(Limits.INBOUND_UPGRADES_MAX);

  /// @param mayOffer whether the peer of a connection may offer circuits
  OfferTaker(Host host, Predicate<Connection> mayOffer) {
    this.host = host;
    this.mayOffer = mayOffer;
  }

  /// Serves one offer of a circuit, on the stream's virtual thread.
  void take(Stream stream) {
    Connection carrier = stream.connection();
    PeerId relay = carrier.remotePeer();
    stream.deadline(Limits.INBOUND_UPGRADE_MAX);
    StopMessage message;
    try {
      message = StopCodec.decode(stream.readFrame(Limits.MESSAGE_BYTES_MAX));
    } catch (MalformedInput e) {
      decline(stream, RelayStatus.MALFORMED_MESSAGE);
      return;
    }
    if (!(message instanceof StopMessage.Connect(PeerId source, Optional<CircuitLimit> limit))) {
      decline(stream, RelayStatus.UNEXPECTED_MESSAGE);
      return;
    }
    if (!mayOffer.test(carrier) || source.equals(host.id())) {
      decline(stream, RelayStatus.PERMISSION_DENIED);
      return;
    }
    if (!upgrades.tryAcquire()) {
      decline(stream, RelayStatus.RESOURCE_LIMIT_EXCEEDED);
      return;
    }
    try {
      stream.writeFrame(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK)));
      stream.clearDeadline();
      host.upgrade(
          stream,
          Direction.INBOUND,
          CircuitClient.circuit(carrier, limit),
          // The relay's word for who is calling is only worth something when the handshake agrees.
          PeerExpectation.exactly(source),
          Limits.INBOUND_UPGRADE_MAX);
    } finally {
      upgrades.release();
    }
    log.atDebug().addKeyValue("peer", source).addKeyValue("relay", relay).log("circuit taken");
  }

  private static void decline(Stream stream, RelayStatus status) {
    log.atDebug()
        .addKeyValue("relay", stream.connection().remotePeer())
        .addKeyValue("status", status)
        .log("circuit declined");
    stream.writeFrame(StopCodec.encode(StopMessage.Status.of(status)));
    stream.close();
  }
}
