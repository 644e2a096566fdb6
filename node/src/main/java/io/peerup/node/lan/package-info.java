/// Finding the device behind a code, and peers, on the local network without a relay: multicast DNS
/// (RFC 6762), as little as this takes. [DnsMessage], [LanAnswers], [LanSearch] and [SeekPlan]
/// decide; [LanSocket], [Lan] and [LanPeers] are the shells around them, on virtual threads. See
/// `docs/protocols/lan.md`.
@NullMarked
package io.peerup.node.lan;

import org.jspecify.annotations.NullMarked;
