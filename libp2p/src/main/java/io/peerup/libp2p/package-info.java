/// The libp2p stack, Java first: identities, addresses, hosts, connections, streams. Nothing in
/// this package mentions Netty or protobuf, and nothing handed to a user is reference-counted.
///
/// Machines (`multistream`, `noise`, `yamux`) turn bytes into decisions and have no threads, clocks
/// or sockets; `transport` runs them on event loops; `host` wires them. Blocking calls are meant
/// for virtual threads.
@NullMarked
package io.peerup.libp2p;

import org.jspecify.annotations.NullMarked;
