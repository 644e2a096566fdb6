package io.peerup.trust;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.util.Arrays;

/// Identities for the tests of this package.
final class Peers {

  private Peers() {}

  static PeerId peer(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    seed[0] += (byte) (number >> 8);
    return PeerId.of(PrivateKey.ofEd25519Seed(seed).publicKey());
  }
}
