package io.peerup.node;

import io.peerup.libp2p.PeerId;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeers;
import java.util.Collection;
import java.util.stream.Collectors;

/// Decisions from lists that tests keep.
public final class TestTrust {

  private TestTrust() {}

  /// Everyone who is in the collection at the time is authorised by hand.
  public static Authorizer allowing(Collection<PeerId> peers) {
    return new Authorizer(
        () ->
            AuthorizedKeys.parse(
                peers.stream().map(peer -> peer + "\n").collect(Collectors.joining())),
        BlockedPeers::empty);
  }
}
