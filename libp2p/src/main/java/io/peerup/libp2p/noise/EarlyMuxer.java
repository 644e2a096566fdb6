package io.peerup.libp2p.noise;

import io.peerup.libp2p.Refused;
import java.util.List;
import java.util.Optional;

/// The muxer choice inside the handshake (connections/inlined-muxer-negotiation.md).
final class EarlyMuxer {

  private EarlyMuxer() {}

  /// The first entry of the initiator's list that the responder lists too; empty when either side
  /// sent no list (fall back to multistream). Throws [Refused] when both sent one and they have
  /// nothing in common, as the spec says; go-libp2p falls back there.
  static Optional<String> choose(List<String> initiator, List<String> responder) {
    if (initiator.isEmpty() || responder.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> common = initiator.stream().filter(responder::contains).findFirst();
    if (common.isEmpty()) {
      throw new Refused(
          "Noise handshake: no muxer in common ("
              + initiator.size()
              + " offered by the dialer, "
              + responder.size()
              + " by the listener)");
    }
    return common;
  }
}
