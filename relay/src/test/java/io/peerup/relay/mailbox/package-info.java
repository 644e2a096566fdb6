/// Tests of the mailbox at the relay.
@NullMarked
package io.peerup.relay.mailbox;

import org.jspecify.annotations.NullMarked;
