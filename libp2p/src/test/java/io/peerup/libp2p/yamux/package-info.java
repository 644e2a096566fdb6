/// Tests of the yamux machine: two sessions back to back, or one session and raw frames.
@NullMarked
package io.peerup.libp2p.yamux;

import org.jspecify.annotations.NullMarked;
