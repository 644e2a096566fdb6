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

  /// An id that is a hash: one that is a key costs the check of a curve point, a hundred times the
  /// reading of its line, and has targets of its own.
  static PeerId hashed(int number) {
    byte[] multihash = new byte[34];
    Arrays.fill(multihash, (byte) number);
    multihash[0] = 0x12; // SHA-256
    multihash[1] = 32;
    return PeerId.fromBytes(multihash);
  }
}
