package io.peerup.relay.rendezvous;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Limits;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages.Close;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.RendezvousMessages.Open;
import io.peerup.pairing.rendezvous.RendezvousMessages.Request;
import io.peerup.pairing.rendezvous.RendezvousMessages.Vouch;
import io.peerup.relay.group.AuditLog;
import io.peerup.relay.group.Membership;
import io.peerup.relay.group.UniformProtocol;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves `/peerup/rendezvous/1`: members open and close invites and vouch, whoever was let in asks
/// who waits for a code. Whatever is wrong, the answer is the same.
public final class RendezvousService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RendezvousService.class);

  private final Host host;
  private final Rendezvous rendezvous;
  private final Membership membership;
  private final Vouching vouching;
  private final AuditLog audit;
  private final UniformProtocol protocol;

  /// Serves from now on.
  public RendezvousService(
      Host host,
      Rendezvous rendezvous,
      Membership membership,
      Vouching vouching,
      AuditLog audit,
      InstantSource clock) {
    this.host = host;
    this.rendezvous = rendezvous;
    this.membership = membership;
    this.vouching = vouching;
    this.audit = audit;
    this.protocol =
        new UniformProtocol(
            host,
            RendezvousMessages.PROTOCOL,
            Limits.FRAME_BYTES_MAX,
            membership,
            clock,
            this::decide);
  }

  @Override
  public void close() {
    protocol.close();
  }

  private byte[] decide(byte[] frame, Connection connection) {
    Request request;
    try {
      request = RendezvousMessages.decodeRequest(frame);
    } catch (MalformedInput e) {
      return RendezvousMessages.failed();
    }
    return decide(request, connection).orElseGet(RendezvousMessages::failed);
  }

  private Optional<byte[]> decide(Request request, Connection connection) {
    PeerId peer = connection.remotePeer();
    if (request instanceof Find(var selector)) {
      return rendezvous
          .find(peer, UniformProtocol.source(connection), selector)
          .map(RendezvousMessages::encodeFound);
    }
    if (!membership.isMember(peer)) {
      return Optional.empty();
    }
    return switch (request) {
      case Open(var selector, var ttl) ->
          rendezvous.open(peer, selector, ttl).map(opened -> RendezvousMessages.encode(opened));
      case Close(var selector) -> done(rendezvous.close(peer, selector));
      case Vouch(PeerId other) -> done(vouch(peer, other));
      case Find _ -> throw new IllegalStateException("internal error: answered above");
    };
  }

  private static Optional<byte[]> done(boolean yes) {
    return yes ? Optional.of(RendezvousMessages.encodeDone()) : Optional.empty();
  }

  private boolean vouch(PeerId by, PeerId peer) {
    try {
      Vouching.Outcome outcome = vouching.vouch(by, peer);
      if (outcome == Vouching.Outcome.ADMITTED) {
        audit.recordVouch(by, peer, "admitted");
        host.connections(peer).forEach(membership::leftProbation);
      }
      return outcome != Vouching.Outcome.REFUSED;
    } catch (Failure e) {
      log.atError()
          .addKeyValue("peer", peer)
          .addKeyValue("by", by)
          .addKeyValue("code", e.code())
          .addKeyValue("reason", e.message())
          .log("a peer that was vouched for could not be written");
      return false;
    }
  }
}
