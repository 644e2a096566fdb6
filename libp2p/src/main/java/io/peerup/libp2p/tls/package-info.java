/// The TLS 1.3 security layer `/tls/1.0.0`: certificates that carry a libp2p identity, and the
/// JDK's TLS engine between records. No sockets and no threads of its own; one event loop owns one
/// engine. Specs: libp2p `tls/tls.md`, `connections/inlined-muxer-negotiation.md`, RFC 8446.
@NullMarked
package io.peerup.libp2p.tls;

import org.jspecify.annotations.NullMarked;
