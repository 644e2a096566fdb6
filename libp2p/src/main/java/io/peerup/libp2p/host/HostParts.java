package io.peerup.libp2p.host;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.transport.BufferBudget;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// What a host is made of.
///
/// @param security ids of the ways to secure a connection, best first
/// @param budget what all connections may buffer together
/// @param loops event loop threads
/// @param random key material
/// @param chance everything else that is random
/// @param nanoTime a monotonic clock for deadlines
/// @param identify whether every new connection is asked who it is
record HostParts(
    PrivateKey identity,
    ConnectionGater gater,
    HostLimits limits,
    List<String> security,
    YamuxLimits muxer,
    BufferBudget budget,
    int loops,
    String agentVersion,
    InstantSource clock,
    LongSupplier nanoTime,
    KeyRandom random,
    RandomGenerator chance,
    boolean perf,
    boolean identify) {}
