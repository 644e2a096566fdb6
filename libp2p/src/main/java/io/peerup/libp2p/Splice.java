package io.peerup.libp2p;

/// Two streams connected byte for byte; see [Host#splice].
public interface Splice {

  /// Bytes passed from the first stream to the second so far.
  long bytesForward();

  /// Bytes passed from the second stream to the first so far.
  long bytesBackward();

  /// Resets both streams.
  void cut();

  /// Told once when the splice ended.
  @FunctionalInterface
  interface Done {

    /// `reason` is a sentence part: "both sides finished", "time limit", "reset by one side", …
    void ended(Splice splice, String reason);
  }
}
