/// The Noise security layer `/noise`: `Noise_XX_25519_ChaChaPoly_SHA256` with the libp2p identity
/// payload. Machines over byte arrays: no sockets, threads or clocks (the deadline belongs to the
/// caller); one event loop owns one handshake and its two ciphers. Specs: libp2p `noise/README.md`,
/// `connections/inlined-muxer-negotiation.md`, the Noise Protocol Framework revision 34.
@NullMarked
package io.peerup.libp2p.noise;

import org.jspecify.annotations.NullMarked;
