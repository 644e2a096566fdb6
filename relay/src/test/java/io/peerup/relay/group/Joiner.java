package io.peerup.relay.group;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.RelayHost;
import io.peerup.relay.circuit.TestPeers;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;

/// Makes codes and requests as the admin's and the joiners' machines do.
public final class Joiner {

  private Joiner() {}

  /// Key material that is different each time and the same in every run.
  public static KeyRandom random(long seed) {
    AtomicLong state = new AtomicLong(seed);
    return target -> new java.util.SplittableRandom(state.getAndIncrement()).nextBytes(target);
  }

  public static GroupCode.NewGroup group(int count, PeerId relay, int port, long seed) {
    return GroupCode.generate(
        count, relay, new RelayHost.Ip(InetAddress.getLoopbackAddress(), port), "", random(seed));
  }

  /// The request of this peer with this code.
  public static byte[] request(GroupCode code, PrivateKey identity, String name) {
    return new GroupJoin(code, identity, name, random(name.hashCode())).request();
  }

  /// The request of the numbered test peer.
  public static byte[] request(GroupCode code, int peer) {
    return request(code, TestPeers.key(peer), "device-" + peer);
  }

  /// A code of the same group with a token that is none of its.
  public static byte[] wrongToken(GroupCode code, int peer) {
    byte[] request = request(code, peer);
    request[2 + 8] ^= 1;
    return request;
  }

  /// A request for a group that does not exist.
  public static byte[] wrongSelector(GroupCode code, int peer) {
    byte[] request = request(code, peer);
    request[2] ^= 1;
    return request;
  }
}
