/// Codes, introductions and group pairing (`docs/protocols/group-pairing.md`) as machines: bytes or
/// events and the time in, decisions out; no threads, clocks or sockets. May use `libp2p` for
/// identities and wire primitives. Nothing here is thread-safe unless it says so: whoever owns a
/// machine calls it from one thread at a time.
@NullMarked
package io.peerup.pairing;

import org.jspecify.annotations.NullMarked;
