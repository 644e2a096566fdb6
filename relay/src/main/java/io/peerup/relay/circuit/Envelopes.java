package io.peerup.relay.circuit;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.SignedEnvelope;
import io.peerup.relay.circuit.wire.Voucher;

/// Vouchers in signed envelopes, the form in which they travel.
final class Envelopes {

  /// A voucher and who signed it; whether that is the right one is for the caller to decide.
  record Opened(PeerId signer, Voucher voucher) {}

  private Envelopes() {}

  static byte[] seal(PrivateKey identity, Voucher voucher) {
    return SignedEnvelope.seal(identity, Voucher.DOMAIN, Voucher.payloadType(), voucher.encode())
        .encoded();
  }

  /// Throws [io.peerup.libp2p.MalformedInput] also for a signature that does not fit.
  static Opened open(byte[] envelope) {
    SignedEnvelope opened = SignedEnvelope.open(envelope, Voucher.DOMAIN, Voucher.payloadType());
    return new Opened(opened.signer(), Voucher.decode(opened.payload()));
  }
}
