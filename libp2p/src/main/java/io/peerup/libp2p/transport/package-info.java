/// Event loops: sockets, the upgrade of a byte pipe to a secured and multiplexed connection, and
/// the one class that lets blocking code use a stream ([BlockingStream]). Netty lives only here and
/// none of its types leaves. State belongs to one loop; nothing here blocks but `BlockingStream`,
/// which is called by virtual threads (connections/README.md of the libp2p specs).
@NullMarked
package io.peerup.libp2p.transport;

import org.jspecify.annotations.NullMarked;
