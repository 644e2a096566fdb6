package io.peerup.libp2p.yamux;

import java.time.Duration;

/// Every bound of a session. The constants belong to the protocol or to its neighbours; the
/// components are ours to choose, [#DEFAULT] is a sensible start.
///
/// @param inboundStreamsMax streams the peer may have open; one more is answered with RST
/// @param outboundStreamsMax streams we may have open
/// @param ackBacklogMax streams we may have opened that the peer has not acknowledged
/// @param streamWindowBytesMax how far one receive window may grow
/// @param windowGrowthBytesMax how far all receive windows together may grow beyond their initial
///   size
/// @param bufferedBytesMax unread bytes of all streams together; beyond, the fullest stream is
///   reset
/// @param keepAlive time between our pings
/// @param answerMax how long the peer may send nothing at all after our ping
/// @param writeStallMax how long the transport may take nothing while something waits
/// @param lingerMax how long a stream that we closed waits for the peer's FIN
public record YamuxLimits(
    int inboundStreamsMax,
    int outboundStreamsMax,
    int ackBacklogMax,
    int streamWindowBytesMax,
    long windowGrowthBytesMax,
    long bufferedBytesMax,
    Duration keepAlive,
    Duration answerMax,
    Duration writeStallMax,
    Duration lingerMax) {

  /// yamux/README.md: the window of every stream begins with exactly 256 KiB.
  public static final int INITIAL_WINDOW_BYTES = 256 * 1024;

  /// The largest frame we send, header included: the plaintext of one full Noise message, so that a
  /// frame never straddles two (noise/README.md: 65535 bytes with a tag of 16).
  public static final int FRAME_BYTES_MAX = 65519;

  /// What go-libp2p and js-libp2p also use, but for the memory bounds, which are ours.
  public static final YamuxLimits DEFAULT =
      new YamuxLimits(
          1000,
          1000,
          256,
          16 << 20,
          64L << 20,
          64L << 20,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(60));

  public YamuxLimits {
    if (streamWindowBytesMax < INITIAL_WINDOW_BYTES) {
      throw new IllegalArgumentException(
          "the protocol demands a window of " + INITIAL_WINDOW_BYTES + " bytes at least");
    }
  }

  /// As this, with other bounds on open streams.
  public YamuxLimits withStreams(int inboundMax, int outboundMax) {
    return new YamuxLimits(
        inboundMax,
        outboundMax,
        ackBacklogMax,
        streamWindowBytesMax,
        windowGrowthBytesMax,
        bufferedBytesMax,
        keepAlive,
        answerMax,
        writeStallMax,
        lingerMax);
  }

  /// As this, with other bounds on memory.
  public YamuxLimits withMemory(int streamWindowMax, long windowGrowthMax, long bufferedMax) {
    return new YamuxLimits(
        inboundStreamsMax,
        outboundStreamsMax,
        ackBacklogMax,
        streamWindowMax,
        windowGrowthMax,
        bufferedMax,
        keepAlive,
        answerMax,
        writeStallMax,
        lingerMax);
  }

  /// As this, with another rhythm of pings and another patience for the answers.
  public YamuxLimits withKeepAlive(Duration interval, Duration patience) {
    return new YamuxLimits(
        inboundStreamsMax,
        outboundStreamsMax,
        ackBacklogMax,
        streamWindowBytesMax,
        windowGrowthBytesMax,
        bufferedBytesMax,
        interval,
        patience,
        writeStallMax,
        lingerMax);
  }
}
