package io.peerup.libp2p;

import java.util.List;
import java.util.Optional;

/// What a peer said of itself through identify (identify.md), within limits: at most 1024
/// protocols, 500 addresses, texts cut at 256 characters. Everything but the id is a claim.
public record PeerInfo(
    PeerId peer,
    String agentVersion,
    String protocolVersion,
    List<String> protocols,
    List<Multiaddr> listenAddresses,
    Optional<Multiaddr> observedAddress,
    boolean signedRecord) {

  public PeerInfo {
    protocols = List.copyOf(protocols);
    listenAddresses = List.copyOf(listenAddresses);
  }
}
