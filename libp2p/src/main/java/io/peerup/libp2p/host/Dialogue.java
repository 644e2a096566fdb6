package io.peerup.libp2p.host;

import io.peerup.libp2p.Stream;
import java.util.function.Supplier;

/// A short question and answer on a stream of its own.
final class Dialogue {

  private Dialogue() {}

  /// Returns what was said and closes the stream; resets it if that fails. A polite close would
  /// wait a minute for the end of a peer that has stalled already, and hold the stream's place.
  static <T> T on(Stream stream, Supplier<T> talk) {
    boolean done = false;
    try {
      T said = talk.get();
      stream.close();
      done = true;
      return said;
    } finally {
      if (!done) {
        stream.reset();
      }
    }
  }
}
