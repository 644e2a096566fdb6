package io.peerup.libp2p.ping;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/// Both sides of ping.
public final class Ping {

  /// The protocol id.
  public static final String PROTOCOL = "/ipfs/ping/1.0.0";

  /// Length of a ping.
  public static final int BYTES = 32;

  /// Inbound ping streams of one peer at a time; ping.md: "a peer MUST accept at most two".
  public static final int STREAMS_PER_PEER_MAX = 2;

  /// How long a served stream may go without a whole ping: pingers of other stacks go on after half
  /// a minute on the same stream.
  public static final Duration IDLE = Duration.ofSeconds(60);

  private final Map<PeerId, Integer> serving = new ConcurrentHashMap<>();
  private final RandomGenerator random;
  private final LongSupplier nanoTime;

  /// @param random payloads, which need not be secret
  /// @param nanoTime a monotonic clock
  public Ping(RandomGenerator random, LongSupplier nanoTime) {
    this.random = random;
    this.nanoTime = nanoTime;
  }

  /// Something that sends a stream back what comes on it, for as long as `unitBytes` of it come at
  /// least every `idleMax`; runs `done` once when that has ended. Throws, and runs nothing, if it
  /// cannot begin.
  @FunctionalInterface
  public interface Echo {
    void start(Stream stream, int unitBytes, Duration idleMax, Runnable done);
  }

  /// Has the stream echoed, if the peer has not too many of them. Does not block.
  public void serve(Stream stream, Echo echo) {
    PeerId peer = stream.connection().remotePeer();
    if (serving.merge(peer, 1, Integer::sum) > STREAMS_PER_PEER_MAX) {
      served(peer);
      throw new LimitReached("more than " + STREAMS_PER_PEER_MAX + " ping streams of " + peer);
    }
    boolean began = false;
    try {
      echo.start(stream, BYTES, IDLE, () -> served(peer));
      began = true;
    } finally {
      if (!began) {
        served(peer);
      }
    }
  }

  private void served(PeerId peer) {
    serving.computeIfPresent(peer, (ignored, count) -> count == 1 ? null : count - 1);
  }

  /// One ping, blocking, on a stream that is not used by anyone else meanwhile. Returns the round
  /// trip. The stream's deadline holds. Throws [ProtocolViolation] if something else comes back.
  public Duration once(Stream stream) {
    byte[] payload = new byte[BYTES];
    random.nextBytes(payload);
    long start = nanoTime.getAsLong();
    stream.write(payload);
    byte[] echo = stream.readExactly(BYTES);
    long end = nanoTime.getAsLong();
    if (!MessageDigest.isEqual(payload, echo)) {
      throw new ProtocolViolation("the peer answered a ping with other bytes");
    }
    return Duration.ofNanos(end - start);
  }
}
