package io.peerup.relay.circuit;

import io.peerup.relay.circuit.wire.CircuitLimit;

/// The right to one circuit.
///
/// @param limit what the circuit is cut at
/// @param ended called once, when the circuit has ended or did not come up
public record CircuitPass(CircuitLimit limit, Runnable ended) {}
