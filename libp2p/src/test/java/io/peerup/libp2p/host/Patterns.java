package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import java.util.SplittableRandom;

/// Long byte sequences that are known in advance, so that a lost, doubled or moved byte shows.
final class Patterns {

  static final StreamHandler ECHOES =
      stream -> {
        stream.inputStream().transferTo(stream.outputStream());
        stream.closeWrite();
      };

  private static final int CHUNK = 100_003;

  private Patterns() {}

  /// Writes the sequence and ends the direction.
  static void write(Stream stream, long seed, long count) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] chunk = new byte[CHUNK];
    for (long left = count; left > 0; left -= Math.min(left, CHUNK)) {
      random.nextBytes(chunk);
      stream.write(chunk, 0, (int) Math.min(left, CHUNK));
    }
    stream.closeWrite();
  }

  /// Reads the sequence and the end behind it.
  static void expect(Stream stream, long seed, long count) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] expected = new byte[CHUNK];
    byte[] chunk = new byte[CHUNK];
    for (long left = count; left > 0; left -= Math.min(left, CHUNK)) {
      random.nextBytes(expected);
      int wanted = (int) Math.min(left, CHUNK);
      for (int at = 0; at < wanted; ) {
        int got = stream.read(chunk, at, wanted - at);
        assertThat(got).as("bytes before the end, %s left", left - at).isPositive();
        at += got;
      }
      assertThat(java.util.Arrays.equals(chunk, 0, wanted, expected, 0, wanted)).isTrue();
    }
    assertThat(stream.read(chunk, 0, 1)).isEqualTo(-1);
  }
}
