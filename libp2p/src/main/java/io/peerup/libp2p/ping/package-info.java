/// `/ipfs/ping/1.0.0`: 32 random bytes there and back (ping/ping.md of the libp2p specs). Blocking
/// dialogues on virtual threads.
@NullMarked
package io.peerup.libp2p.ping;

import org.jspecify.annotations.NullMarked;
