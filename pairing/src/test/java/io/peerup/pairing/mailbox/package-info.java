/// Tests of the mailbox machine.
@NullMarked
package io.peerup.pairing.mailbox;

import org.jspecify.annotations.NullMarked;
