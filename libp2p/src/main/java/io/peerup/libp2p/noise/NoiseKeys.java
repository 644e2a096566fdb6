package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;

/// What all Noise handshakes of a host share: its identity, one static X25519 key, and the
/// identity's signature of that key. noise/README.md leaves open how long a static key lives; one
/// that lives as long as the host spares each handshake a key pair and a signature. It shows nobody
/// more than the identity does, which goes the same way under the same encryption; what keeps old
/// traffic closed are the ephemeral keys, and those are fresh each time. Thread-safe.
public final class NoiseKeys {

  private final PublicKey identity;
  private final byte[] staticPrivate;
  private final byte[] staticPublic;
  private final byte[] signature;

  private NoiseKeys(PrivateKey identity, byte[] staticPrivate) {
    this.identity = identity.publicKey();
    this.staticPrivate = staticPrivate;
    this.staticPublic = HandshakeState.publicOf(staticPrivate);
    this.signature = identity.sign(IdentityPayload.signedBytes(staticPublic));
  }

  /// Draws a static key from `random` and signs it.
  public static NoiseKeys of(PrivateKey identity, KeyRandom random) {
    return new NoiseKeys(identity, random.bytes(HandshakeState.KEY_BYTES));
  }

  PublicKey identity() {
    return identity;
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
