package io.peerup.libp2p;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A secured, multiplexed connection to one authenticated peer. Thread-safe.
public interface Connection {

  /// A number unique within this host, for logs.
  long id();

  /// Who the handshake proved the other side to be.
  PeerId remotePeer();

  /// The key behind [#remotePeer()].
  PublicKey remoteKey();

  /// Our end, as far as known. For circuits: the relay's address and `/p2p-circuit`.
  Multiaddr localAddress();

  /// Their end, without a trailing `/p2p`. For circuits `<relay address>/p2p/<relay>/p2p-circuit`.
  Multiaddr remoteAddress();

  /// Who dialled.
  Direction direction();

  /// The relay this connection passes through, or empty if it is direct.
  Optional<PeerId> relay();

  /// True if a relay announced limits: only protocols that opt in may open streams (circuit-v2.md).
  boolean limited();

  /// The negotiated security protocol id, e.g. `/noise`.
  String security();

  /// The negotiated muxer id, e.g. `/yamux/1.0.0`.
  String muxer();

  /// 32 bytes that both ends of this handshake share and nobody else can choose (Noise: the
  /// handshake hash), or an empty array where the security protocol has none. A fresh copy.
  byte[] channelBinding();

  /// When it was established.
  Instant openedAt();

  /// The last round trip that the muxer's own ping measured, or empty before the first.
  Optional<Duration> lastRtt();

  /// Opens a stream and agrees on the first of `protocols` that the peer speaks. Blocks for at most
  /// `timeout`. Throws [Refused] when the peer speaks none or the gater forbids it, [LimitReached]
  /// when too many streams wait for the peer.
  Stream openStream(List<String> protocols, Duration timeout);

  /// Streams open now, both directions.
  int streamCount();

  /// What became of its datagrams.
  default DatagramCounts datagramCounts() {
    return DatagramCounts.NONE;
  }

  /// True until either side closed it.
  boolean isOpen();

  /// Says good-bye (go-away 0) and closes. Streams end. Idempotent, does not block.
  default void close() {
    close(0);
  }

  /// As [#close()], with a connection error code for the peer (libp2p error codes; advisory).
  void close(long code);
}
