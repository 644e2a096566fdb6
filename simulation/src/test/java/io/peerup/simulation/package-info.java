/// Multistream, Noise, yamux, circuit relay and pairing together, on a network in memory whose
/// order, delays, cuts and restarts come from a seed. One thread, no socket, no clock but its own.
@NullMarked
package io.peerup.simulation;

import org.jspecify.annotations.NullMarked;
