/// What every muxer offers, whatever carries it: one stream, seen from the event loop that owns it.
/// yamux is one such muxer, QUIC brings its own. Types only, no threads.
@NullMarked
package io.peerup.libp2p.muxer;

import org.jspecify.annotations.NullMarked;
