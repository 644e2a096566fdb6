/// The rendezvous (`docs/protocols/rendezvous.md`): how somebody who knows a code finds the member
/// that waits for it. `RendezvousService` is the relay's shell around
/// `pairing.rendezvous.RendezvousTable`, `RendezvousClient` a device's side. All of it blocks and
/// runs on virtual threads; only what [Rendezvous] says so of may be asked from event loops.
@NullMarked
package io.peerup.relay.rendezvous;

import org.jspecify.annotations.NullMarked;
