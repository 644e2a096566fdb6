package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import java.util.List;

/// What all Noise handshakes of a host share: its identity, one static X25519 key, and the
/// identity's signature of that key. noise/README.md leaves open how long a static key lives; one
/// that lives as long as the host spares each handshake a key pair and a signature. It shows nobody
/// more than the identity does, which goes the same way under the same encryption; what keeps old
/// traffic closed are the ephemeral keys, and those are fresh each time. Thread-safe.
public final class NoiseKeys {

  private final PrivateKey identity;
  private final byte[] staticPrivate;
  private final byte[] staticPublic;
  private final byte[] signature;

  private NoiseKeys(PrivateKey identity, byte[] staticPrivate) {
    this.identity = identity;
    this.staticPrivate = staticPrivate;
    this.staticPublic = HandshakeState.publicOf(staticPrivate);
    this.signature = identity.sign(IdentityPayload.signedBytes(staticPublic));
  }

  /// Draws a static key from `random` and signs it. The identity must not be destroyed before the
  /// host has closed: it signs in each handshake what the host offers.
  public static NoiseKeys of(PrivateKey identity, KeyRandom random) {
    return new NoiseKeys(identity, random.bytes(HandshakeState.KEY_BYTES));
  }

  PublicKey identity() {
    return identity.publicKey();
  }

  /// What the identity says of these offers in the handshake with this transcript hash.
  IdentityPayload.Offer offer(byte[] payloadHash, List<String> offered) {
    return new IdentityPayload.Offer(
        offered, identity.sign(IdentityPayload.offerBytes(payloadHash, offered)));
  }

  /// A copy, the caller's to wipe.
  byte[] staticPrivate() {
    return staticPrivate.clone();
  }

  byte[] staticPublic() {
    return staticPublic.clone();
  }

  byte[] signature() {
    return signature.clone();
  }

  /// Wipes the static key. Handshakes that run keep their copy; new ones prove nothing.
  public void destroy() {
    SymmetricState.wipe(staticPrivate);
  }
}
