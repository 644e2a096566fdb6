package io.peerup.relay.circuit;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.relay.circuit.wire.Voucher;

/// Vouchers in signed envelopes.
final class Envelopes {

  record Opened(PeerId signer, Voucher voucher) {}

  private Envelopes() {}

  static byte[] seal(PrivateKey identity, Voucher voucher) {
    throw new UnsupportedOperationException("waits for signed envelopes: " + identity + voucher);
  }

  static Opened open(byte[] envelope) {
    throw new UnsupportedOperationException("waits for signed envelopes: " + envelope.length);
  }
}
