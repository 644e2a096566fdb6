/// Tests of group pairing at the relay.
@NullMarked
package io.peerup.relay.group;

import org.jspecify.annotations.NullMarked;
