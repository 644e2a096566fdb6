/// Tests of the relay as a whole: real hosts, real files, the real control socket.
@NullMarked
package io.peerup.relay.server;

import org.jspecify.annotations.NullMarked;
