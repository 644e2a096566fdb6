/// Circuit relay v2 (libp2p specs, `relay/circuit-v2.md`), both sides. `ReservationTable` and
/// `ReservationSchedule` decide and know no clock or socket; `CircuitRelay` lends this host to
/// others, `CircuitClient` reaches peers through a relay and is reached through it, and
/// `Reservations` keeps reservations at relays. Dialogues run on virtual threads, one a stream; the
/// bytes of a circuit are spliced by the host on its event loops and never pass through here.
@NullMarked
package io.peerup.relay.circuit;

import org.jspecify.annotations.NullMarked;
