package io.peerup.relay.circuit;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.ReservationGrant;
import io.peerup.relay.circuit.wire.Voucher;
import io.peerup.relay.circuit.wire.VoucherBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes down what a reservation promises: until when, where this relay is reached, a signed
/// voucher, and the limits of its circuits. Thread-safe.
final class GrantWriter {

  private final Host host;
  private final PrivateKey identity;
  private final RelayPolicy policy;

  GrantWriter(Host host, PrivateKey identity, RelayPolicy policy) {
    this.host = host;
    this.identity = identity;
    this.policy = policy;
  }

  /// The positive answer, with as many of our addresses as fit the message.
  byte[] write(PeerId peer, Instant expires) {
    Voucher voucher = new Voucher(host.id(), peer, expires);
    VoucherBytes sealed = new VoucherBytes(Envelopes.seal(identity, voucher));
    List<Multiaddr> addresses = new ArrayList<>(ownAddresses());
    while (true) {
      byte[] answer =
          HopCodec.encode(
              new HopMessage.Status(
                  RelayStatus.OK.code(),
                  Optional.of(new ReservationGrant(expires, addresses, Optional.of(sealed))),
                  policy.announced()));
      if (answer.length <= Limits.MESSAGE_BYTES_MAX || addresses.isEmpty()) {
        return answer;
      }
      addresses.removeLast();
    }
  }

  /// Public addresses if there are any, else whatever we have: a relay in a home or on loopback
  /// must work for those who reach it there.
  private List<Multiaddr> ownAddresses() {
    List<Multiaddr> direct =
        host.advertisedAddresses().stream().filter(address -> !address.isCircuit()).toList();
    List<Multiaddr> routable = direct.stream().filter(Multiaddr::isPublic).toList();
    return (routable.isEmpty() ? direct : routable)
        .stream()
            .limit(Limits.RELAY_ADDRESSES_MAX)
            .map(address -> address.withoutPeer().withPeer(host.id()))
            .toList();
  }
}
