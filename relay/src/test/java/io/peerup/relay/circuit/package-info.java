/// Tests of circuits: machines by themselves, dialogues between real hosts on loopback.
@NullMarked
package io.peerup.relay.circuit;

import org.jspecify.annotations.NullMarked;
