package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PublicKey;
import java.util.Optional;

/// The connection that a run of pairing or verification happens on, as this side sees it. Both
/// sides see the same or the run fails: everything in here goes into the keys.
///
/// @param self our own peer id
/// @param remoteKey the key with which the other side authenticated the connection
/// @param relay the relay that carries it, or empty for a direct connection
/// @param securityProtocol the negotiated protocol id, e.g. `/noise`
/// @param binding 32 bytes that both ends of this very handshake share, or none if its protocol has
///   no such thing
// The array is ours: copied when it comes in.
@SuppressWarnings("ArrayRecordComponent")
public record PairingChannel(
    PeerId self,
    PublicKey remoteKey,
    Optional<PeerId> relay,
    String securityProtocol,
    byte[] binding) {

  public PairingChannel {
    binding = binding.clone();
  }

  /// Who is at the other end.
  public PeerId remote() {
    return PeerId.of(remoteKey);
  }

  @Override
  public String toString() {
    return "PairingChannel[remote=%s, relay=%s]".formatted(remote(), relay);
  }
}
