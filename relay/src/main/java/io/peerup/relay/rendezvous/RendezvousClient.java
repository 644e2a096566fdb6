package io.peerup.relay.rendezvous;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.pairing.rendezvous.Limits;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages.Close;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.RendezvousMessages.Open;
import io.peerup.pairing.rendezvous.RendezvousMessages.Opened;
import io.peerup.pairing.rendezvous.RendezvousMessages.Request;
import io.peerup.pairing.rendezvous.RendezvousMessages.Vouch;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.group.UniformProtocol;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/// A device's side of the rendezvous, over a direct connection to a relay. Thread-safe: a relay
/// takes one request a connection at a time and resets a second one, so they go one after the
/// other. Calls block for at most twice the timeout once it is their turn, and belong on virtual
/// threads.
///
/// Every call throws [io.peerup.libp2p.Refused] if the relay does not speak the protocol or does
/// not let us, [io.peerup.libp2p.StreamReset] if it has no place for the request,
/// [io.peerup.libp2p.DeadlineExceeded], [io.peerup.libp2p.PeerUnreachable], and [ProtocolViolation]
/// for an answer that is none. "No" is an ordinary answer, and the relay does not say why.
public final class RendezvousClient {

  // Also what the requests of all clients of one connection wait for.
  private final Connection relay;
  private final Duration timeout;

  /// @param relay a connection to the relay itself, not through one
  /// @param timeout for opening the stream, and again for the answer; the relay takes 100 to 150 ms
  public RendezvousClient(Connection relay, Duration timeout) {
    this.relay = relay;
    this.timeout = timeout;
  }

  /// For members: waits for whoever knows the code with this selector; without one the relay allots
  /// a nameplate. Asking again prolongs. Empty if the selector is somebody else's, the time is not
  /// within [Limits#TTL_MIN] … [Limits#TTL_MAX], or there are too many.
  public Optional<Opened> open(Optional<Selector> selector, Duration ttl) {
    int kind = selector.map(Selector::kind).orElse(Selector.SPOKEN);
    Optional<Opened> opened =
        ask(new Open(selector, ttl), body -> RendezvousMessages.decodeOpened(body, kind));
    if (opened.isPresent()
        && selector.isPresent()
        && !opened.get().selector().equals(selector.get())) {
      throw new ProtocolViolation("the relay opened another selector than it was asked for");
    }
    return opened;
  }

  /// Who waits for the code with this selector, as the relay says: the pairing must prove it. The
  /// answer comes with the right to one circuit to that peer, for [Limits#TICKET_TIME]. Empty if
  /// nobody waits, somebody else is trying, or we asked too often.
  public Optional<PeerId> find(Selector selector) {
    return ask(new Find(selector), RendezvousMessages::decodeFound);
  }

  /// For members: waits no more. False if we had no such invite.
  public boolean close(Selector selector) {
    return ask(new Close(selector), RendezvousMessages::decodeDone);
  }

  /// For members: "I paired with this peer, let it in." True if it is a member of the relay now,
  /// also if it was before.
  public boolean vouch(PeerId peer) {
    return ask(new Vouch(peer), RendezvousMessages::decodeDone);
  }

  private <T> T ask(Request request, Function<byte[], T> read) {
    byte[] answer;
    synchronized (relay) {
      answer =
          UniformProtocol.ask(
              relay,
              RendezvousMessages.PROTOCOL,
              RendezvousMessages.encode(request),
              Limits.FRAME_BYTES_MAX,
              timeout);
    }
    try {
      return read.apply(answer);
    } catch (MalformedInput e) {
      throw new ProtocolViolation("the relay's answer is malformed: " + e.getMessage(), e);
    }
  }
}
