package io.peerup.libp2p.noise;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PublicKey;
import java.util.Optional;

/// What a finished handshake yields.
///
/// @param remoteKey the remote identity, proven by its signature over the Noise static key
/// @param remotePeer the id of that key
/// @param muxer the muxer agreed within the handshake; empty: negotiate it with multistream
/// @param sender encrypts what we write
/// @param receiver decrypts what we read
/// @param binding the handshake hash: binds other protocols to this very session (channel binding)
public record NoiseSession(
    PublicKey remoteKey,
    PeerId remotePeer,
    Optional<String> muxer,
    NoiseCipher sender,
    NoiseCipher receiver,
    ChannelBinding binding) {}
