/// Group pairing as the relay runs it (`docs/protocols/relay-admission.md`): the shells around
/// `pairing.GroupTable`. `GroupStore` keeps it on disk, `PairingService` serves joiners with
/// answers that look and time alike, `PeerNotifier` tells members of each other, `AuditLog` keeps
/// one line for each thing that happened. All of it blocks and runs on virtual threads; only
/// [GroupStore#hasLiveGroup()] may be asked from event loops.
@NullMarked
package io.peerup.relay.group;

import org.jspecify.annotations.NullMarked;
