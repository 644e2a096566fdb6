package io.peerup.relay.circuit;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.util.Arrays;

/// Identities that are the same in every run.
public final class TestPeers {

  private TestPeers() {}

  public static PrivateKey key(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    seed[0] = (byte) (number >>> 8);
    return PrivateKey.ofEd25519Seed(seed);
  }

  public static PeerId peer(int number) {
    return PeerId.of(key(number).publicKey());
  }
}
