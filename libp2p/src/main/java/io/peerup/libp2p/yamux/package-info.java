/// yamux: many streams over one ordered byte pipe, with a window per stream (libp2p specs
/// `yamux/README.md`). A machine: no threads, sockets or clock of its own. One event loop owns a
/// session with all its streams and makes every call; callbacks run inside those calls.
@NullMarked
package io.peerup.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
