/// Assembly of a node: listeners, connection pool, dialling, peer memory, stream negotiation and
/// the protocols every node speaks (identify, ping, and perf on request). Dialogues run on virtual
/// threads; bytes move on the event loops of `transport`. Start at [HostBuilder]; the limits are in
/// [HostLimits] (connections/README.md of the libp2p specs).
@NullMarked
package io.peerup.libp2p.host;

import org.jspecify.annotations.NullMarked;
