/// The messages of circuit relay v2 (libp2p specs, `relay/circuit-v2.md`) as they may lawfully
/// exist, and the pure functions between them and bytes. Knows identities and protobuf fields,
/// nothing of hosts or streams; any thread may call it. Decoders throw only
/// [io.peerup.libp2p.MalformedInput].
@NullMarked
package io.peerup.relay.circuit.wire;

import org.jspecify.annotations.NullMarked;
