package io.peerup.libp2p.transport;

/// Tells a peer that keeps us busy from one that sends something. QUIC has many frames that cost
/// the receiver memory or work and move nothing: PATH_CHALLENGE, NEW_CONNECTION_ID, PING, bytes out
/// of order of which each is stored on its own (CVE-2023-49295, CVE-2024-22189 of quic-go,
/// CVE-2026-25800 of quinn). We cannot see frames, but packets: those that neither bring bytes to a
/// reader nor answer bytes of ours are counted, and only so many of them are free. A machine.
final class QuicFloodGuard {

  private static final double NANOS_PER_SECOND = 1e9;

  private long packetsBefore;
  private long usefulBefore;
  private long nanosBefore;
  private double idlePackets;

  QuicFloodGuard(long nowNanos) {
    nanosBefore = nowNanos;
  }

  /// @param packets received so far in all
  /// @param useful what was read and written so far: calls, and full packets' worth of bytes
  /// @return whether the peer has gone too far
  boolean exceeded(long packets, long useful, long nowNanos) {
    double free = (nowNanos - nanosBefore) / NANOS_PER_SECOND * QuicLimits.IDLE_PACKETS_PER_SECOND;
    idlePackets += packets - packetsBefore - (useful - usefulBefore) - free;
    idlePackets = Math.max(0, idlePackets);
    packetsBefore = packets;
    usefulBefore = useful;
    nanosBefore = nowNanos;
    return idlePackets > QuicLimits.IDLE_PACKETS_MAX;
  }
}
