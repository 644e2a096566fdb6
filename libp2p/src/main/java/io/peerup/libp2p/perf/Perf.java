package io.peerup.libp2p.perf;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Semaphore;

/// Both sides of the perf protocol. The client names how many bytes it wants back, uploads, ends
/// its direction; the server reads to the end and only then sends, so the first byte that comes
/// back confirms that the whole upload arrived.
public final class Perf {

  /// The protocol id.
  public static final String PROTOCOL = "/perf/1.0.0";

  /// One write or read: large enough that calls do not matter beside bytes.
  private static final int CHUNK_BYTES = 256 * 1024;

  /// Longest run that is served, however many bytes were asked for: up to 2^63 - 1 can be.
  static final Duration RUN_MAX = Duration.ofMinutes(10);

  /// Time for the eight bytes that say how much is wanted.
  static final Duration REQUEST_MAX = Duration.ofSeconds(10);

  /// Runs served at a time, for all peers, because each has a buffer: as many as `peerup p2p perf`
  /// makes on one connection at most, together 64 MiB.
  public static final int RUNS_MAX = 256;

  private Perf() {}

  /// What one run measured.
  ///
  /// @param uploadBytes bytes sent
  /// @param upload from the first byte sent until the far side confirmed (its first byte or its
  ///   end)
  /// @param downloadBytes bytes received
  /// @param download from that confirmation to the last byte received
  public record Result(long uploadBytes, Duration upload, long downloadBytes, Duration download) {}

  /// The server. It costs the server what the client asks for, bounded only by the time of a run
  /// and [#RUNS_MAX]; offer it only where that is wanted.
  public static StreamHandler server() {
    Semaphore places = new Semaphore(RUNS_MAX);
    return stream -> {
      if (!places.tryAcquire()) {
        throw new LimitReached("more than " + RUNS_MAX + " runs of perf at a time");
      }
      try {
        serve(stream);
      } finally {
        places.release();
      }
    };
  }

  /// Runs the client on a stream of its own. Blocks for at most `timeout`. Throws
  /// [ProtocolViolation] if the server sends more or fewer bytes than asked for.
  public static Result run(
      Connection connection,
      long uploadBytes,
      long downloadBytes,
      Duration timeout,
      InstantSource clock) {
    try (Stream stream = connection.openStream(List.of(PROTOCOL), timeout)) {
      stream.deadline(timeout);
      Instant start = clock.instant();
      stream.write(ByteBuffer.allocate(8).putLong(downloadBytes).array());
      send(stream, uploadBytes);
      stream.closeWrite();
      byte[] chunk = new byte[CHUNK_BYTES];
      int first = stream.read(chunk, 0, chunk.length);
      Instant confirmed = clock.instant();
      long received = Math.max(0, first) + (first < 0 ? 0 : drain(stream, chunk));
      if (received != downloadBytes) {
        throw new ProtocolViolation(
            "perf server sent " + received + " bytes where " + downloadBytes + " were asked for");
      }
      return new Result(
          uploadBytes,
          Duration.between(start, confirmed),
          downloadBytes,
          Duration.between(confirmed, clock.instant()));
    }
  }

  private static void serve(Stream stream) {
    stream.deadline(REQUEST_MAX);
    long wanted = ByteBuffer.wrap(stream.readExactly(8)).getLong();
    if (wanted < 0) {
      throw new ProtocolViolation("perf client asks for 2^63 bytes or more");
    }
    stream.deadline(RUN_MAX);
    drain(stream, new byte[CHUNK_BYTES]);
    send(stream, wanted);
    stream.closeWrite();
  }

  private static void send(Stream stream, long bytes) {
    byte[] chunk = new byte[CHUNK_BYTES];
    for (long left = bytes; left > 0; left -= Math.min(left, chunk.length)) {
      stream.write(chunk, 0, (int) Math.min(left, chunk.length));
    }
  }

  private static long drain(Stream stream, byte[] chunk) {
    long total = 0;
    for (int count = stream.read(chunk, 0, chunk.length);
        count >= 0;
        count = stream.read(chunk, 0, chunk.length)) {
      total += count;
    }
    return total;
  }
}
