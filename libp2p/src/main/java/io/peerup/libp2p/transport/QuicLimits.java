package io.peerup.libp2p.transport;

import java.time.Duration;

/// The bounds of QUIC. Where quiche, the library below, has a bound of its own that cannot be set,
/// the constant names it and tests hold it to that.
public final class QuicLimits {

  /// Streams that a peer may have open at a time on one connection, as in go-libp2p; one more is a
  /// fault of the peer, which quiche answers by closing.
  public static final int INBOUND_STREAMS_MAX = 256;

  /// Calls that may wait for the peer to allow another stream; more are refused at once.
  public static final int WAITING_OPENS_MAX = 256;

  /// The window of a stream before anything was read, as in yamux. quiche doubles it, up to
  /// [#STREAM_WINDOW_BYTES_MAX], while the reader empties it within two round trips.
  static final int STREAM_WINDOW_BYTES = 256 * 1024;

  /// What all streams of a connection may bring before anything was read.
  static final int CONNECTION_WINDOW_BYTES = 1 << 20;

  /// quiche's bound on the window of one stream (`MAX_STREAM_WINDOW`).
  static final int STREAM_WINDOW_BYTES_MAX = 16 << 20;

  /// quiche's bound on what one connection may have sent and we not have read
  /// (`MAX_CONNECTION_WINDOW`).
  static final int CONNECTION_WINDOW_BYTES_MAX = 24 << 20;

  /// Bytes handed to quiche at a time, and so the most that waits beyond what the peer allows:
  /// there is always a little waiting, because only then does quiche tell that the peer stopped
  /// reading.
  static final int WRITE_BYTES_MAX = 64 * 1024;

  /// Bytes taken from quiche at a time, and so the most that a stream holds which its reader has
  /// not taken.
  static final int READ_BYTES_MAX = 64 * 1024;

  /// UDP payloads that we send and take on usual links: 1500 bytes less the headers of IPv6 and
  /// UDP. Each path is probed up to it (RFC 9000 section 14.3).
  static final int PAYLOAD_BYTES_MAX = 1452;

  /// The same on links that take large frames: 9000 bytes less these headers.
  static final int LARGE_PAYLOAD_BYTES_MAX = 8952;

  /// Smallest datagram that may begin a connection (RFC 9000 section 14.1): an answer is never much
  /// longer than the question.
  static final int INITIAL_BYTES_MIN = 1200;

  /// Every connection id that we issue.
  static final int CONNECTION_ID_BYTES = 20;

  /// Connection ids of the peer that we keep, and its addresses in the life of a connection: quiche
  /// never forgets one, and drops what comes from one more. A device that moves so often needs
  /// another connection then; more would be given, and kept, with every connection. A flood of new
  /// ids is a fault that quiche answers by closing.
  public static final int PEER_CONNECTION_IDS_MAX = 8;

  /// DATAGRAM frames that wait in quiche to be sent; more are dropped, as datagrams may be. More
  /// would be a long queue on a slow line.
  static final int DATAGRAMS_MAX = 64;

  /// DATAGRAM frames that have come and wait in quiche for us: some in each of the packets that we
  /// take from the socket at a time. More are dropped.
  static final int DATAGRAMS_ARRIVED_MAX = 1024;

  /// Datagrams of a connection that wait for its loop; more are dropped. What programs send in the
  /// milliseconds for which a busy loop does something else.
  static final int DATAGRAMS_WAITING_MAX = 256;

  /// Datagrams for a stream that ended so lately are no fault of the peer: a round trip on a bad
  /// line, and what waited before it.
  static final Duration LATE_DATAGRAMS = Duration.ofSeconds(5);

  /// Such streams that a connection remembers; the one that ended first is forgotten.
  static final int LATE_STREAMS_MAX = 256;

  /// A connection on which nothing comes for so long is over, as in go-libp2p: the keep-alive and
  /// its repetitions were lost.
  static final Duration IDLE_MAX = Duration.ofSeconds(30);

  /// When a connection was silent for so long we send a byte, which also keeps NAT mappings alive
  /// (those of UDP live from 30 s on). If it is lost quiche probes again within a second.
  static final Duration KEEP_ALIVE = Duration.ofSeconds(25);

  /// How long the handshake of a dial that was given up may go on to end in an orderly way: one
  /// with a slow peer.
  static final Duration LINGER = Duration.ofSeconds(5);

  /// How old the answer to a Retry may be: a round trip and a retransmission.
  static final Duration TOKEN_AGE_MAX = Duration.ofSeconds(10);

  /// Packets of a peer that brought nothing, see [QuicFloodGuard]: more than the largest window in
  /// the smallest packets, which is what one lost packet may delay.
  static final int IDLE_PACKETS_MAX = 32_768;

  /// Bytes of a peer that brought nothing, in packets, see [QuicFloodGuard]: a handshake and what
  /// may lie behind a gap when nothing was read yet. quiche keeps each piece that came out of order
  /// on its own: 9 bytes in a packet then cost 170 in memory. Who waits for a slow reader may have
  /// sent a first window more, and whose bytes are read as much again as twice these, because
  /// windows grow so.
  static final int IDLE_BYTES_MAX = 256 * 1024;

  /// And such bytes that are free every second: of streams that were refused when more was on its
  /// way, what was sent twice.
  static final int IDLE_BYTES_PER_SECOND = 32 * 1024;

  /// When a socket has taken so many bytes its connections are judged, else every second.
  static final int JUDGED_BYTES = 1 << 20;

  /// Packets without use that are free every second: acknowledgements, probes, keep-alives.
  static final int IDLE_PACKETS_PER_SECOND = 500;

  /// What one packet with data carries at least, most of the time.
  static final int USEFUL_BYTES_PER_PACKET = 1000;

  private QuicLimits() {}
}
