package io.peerup.libp2p.transport;

/// Tells a peer that keeps us busy from one that sends something. QUIC has many frames that cost
/// the receiver memory or work and move nothing: PATH_CHALLENGE, NEW_CONNECTION_ID, PING, bytes out
/// of order of which each is stored on its own (CVE-2023-49295, CVE-2024-22189 of quic-go,
/// CVE-2026-25800 of quinn). We cannot see frames, but packets and their bytes: those that neither
/// bring bytes to a reader nor answer bytes of ours are counted, and only so many of them are free.
/// A machine.
final class QuicFloodGuard {

  private static final double NANOS_PER_SECOND = 1e9;

  /// What headers and what was sent twice add to bytes that are read, at most.
  private static final double OVERHEAD = 1.125;

  /// A packet with little in it.
  private static final int SMALL_PACKET_BYTES = 128;

  private Traffic before = new Traffic(0, 0, 0, 0, 0, false);
  private long nanosBefore;
  private double idlePackets;
  private double idleBytes;

  QuicFloodGuard(long nowNanos) {
    nanosBefore = nowNanos;
  }

  /// What has happened on a connection so far.
  ///
  /// @param packets received
  /// @param bytes received, in packets
  /// @param calls in which users read or wrote
  /// @param read bytes that came to a reader
  /// @param written bytes of ours, and of datagrams of both sides
  /// @param readerSlow whether bytes wait for a reader
  record Traffic(
      long packets, long bytes, long calls, long read, long written, boolean readerSlow) {

    long useful() {
      return read + written;
    }
  }

  /// Whether the peer has gone too far.
  boolean exceeded(Traffic now, long nowNanos) {
    double seconds = (nowNanos - nanosBefore) / NANOS_PER_SECOND;
    double useful = now.useful() - before.useful();
    double calls = now.calls - before.calls;
    idlePackets += now.packets - before.packets;
    idlePackets -= calls + useful / QuicLimits.USEFUL_BYTES_PER_PACKET;
    idlePackets = Math.max(0, idlePackets - seconds * QuicLimits.IDLE_PACKETS_PER_SECOND);
    idleBytes += now.bytes - before.bytes;
    idleBytes -= OVERHEAD * useful + SMALL_PACKET_BYTES * calls;
    idleBytes = Math.max(0, idleBytes - seconds * QuicLimits.IDLE_BYTES_PER_SECOND);
    before = now;
    nanosBefore = nowNanos;
    return idlePackets > QuicLimits.IDLE_PACKETS_MAX || idleBytes > idleBytesMax(now);
  }

  /// What may lie behind a gap or before a reader: a window was doubled at most each time that half
  /// of it was read.
  private static double idleBytesMax(Traffic now) {
    double grown = Math.min(2.0 * now.read, QuicLimits.CONNECTION_WINDOW_BYTES_MAX);
    double first = now.readerSlow ? QuicLimits.CONNECTION_WINDOW_BYTES : 0;
    return QuicLimits.IDLE_BYTES_MAX + OVERHEAD * (first + grown);
  }
}
