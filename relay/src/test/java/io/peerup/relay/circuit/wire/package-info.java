/// Tests of the circuit relay messages against bytes that other implementations made.
@NullMarked
package io.peerup.relay.circuit.wire;

import org.jspecify.annotations.NullMarked;
