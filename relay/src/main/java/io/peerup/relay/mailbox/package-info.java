/// The mailbox (`docs/protocols/mailbox.md`): messages for members that are offline, left by
/// whoever was given the right to. `MailboxService` and `Mailboxes` are the relay's shell and disk
/// around `pairing.mailbox.MailboxTable`, `MailboxClient` a device's side. All of it blocks and
/// runs on virtual threads; only [Mailboxes#isOpen()] may be asked from event loops.
@NullMarked
package io.peerup.relay.mailbox;

import org.jspecify.annotations.NullMarked;
