package io.peerup.libp2p;

/// The outside of a relayed connection, as needed to upgrade it.
///
/// @param relay the relay's id
/// @param localAddress our end
/// @param remoteAddress their end, `<relay address>/p2p/<relay>/p2p-circuit`
/// @param limited whether the relay announced a limit on time or bytes
public record Circuit(
    PeerId relay, Multiaddr localAddress, Multiaddr remoteAddress, boolean limited) {}
