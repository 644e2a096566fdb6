/// The relay's mailbox: who may leave a message with whom, and what waits there. `MailboxTable` is
/// the machine, `MailboxMessages` its wire. Bytes, states and limits: `docs/protocols/mailbox.md`.
@NullMarked
package io.peerup.pairing.mailbox;

import org.jspecify.annotations.NullMarked;
