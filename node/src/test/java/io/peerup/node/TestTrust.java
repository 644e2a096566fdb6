package io.peerup.node;

import io.peerup.libp2p.PeerId;
import io.peerup.node.peers.HybridPeers;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeers;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;

/// Decisions from lists that tests keep.
public final class TestTrust {

  private TestTrust() {}

  /// Nobody is remembered to speak hybrid.
  public static HybridPeers noPins() {
    return new HybridPeers(Path.of("no-such-file"), PeerId::toString);
  }

  /// Everyone who is in the collection at the time is authorised by hand.
  public static Authorizer allowing(Collection<PeerId> peers) {
    return new Authorizer(
        () ->
            AuthorizedKeys.parse(
                peers.stream().map(peer -> peer + "\n").collect(Collectors.joining())),
        BlockedPeers::empty);
  }
}
