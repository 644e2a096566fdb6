package io.peerup.node;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.util.Arrays;

/// Identities for tests.
public final class Ids {

  private Ids() {}

  /// The identity whose seed is this byte, 32 times.
  public static PrivateKey key(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    return PrivateKey.ofEd25519Seed(seed);
  }

  public static PeerId peer(int number) {
    return PeerId.of(key(number).publicKey());
  }
}
