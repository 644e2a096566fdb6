/// The server of a home's control socket: HTTP/1.1 and JSON over a Unix domain socket, for our own
/// user only. The one place in this module where Netty appears; its event loop moves bytes, and
/// handlers run on virtual threads. See `docs/protocols/control.md`.
@NullMarked
package io.peerup.control.server;

import org.jspecify.annotations.NullMarked;
