package io.peerup.libp2p.multistream;

import java.util.function.Predicate;

/// The side that answers: echoes the first supported proposal, says `na` to the others (also to the
/// legacy `ls`). Give every received chunk to [#consume] until [#step()] is `Agreed`. Not
/// thread-safe.
public final class MultistreamResponder {

  /// `supports` decides on each proposed id, byte for byte as it came; called on the thread of
  /// [#consume].
  public MultistreamResponder(Predicate<String> supports) {
    throw new UnsupportedOperationException("written next");
  }

  /// Optional: the header, to be written before anything arrived (for a remote side that waits for
  /// ours first). Without this call the header goes out with the first answer, in one piece.
  public byte[] start() {
    throw new UnsupportedOperationException("written next");
  }

  /// Takes bytes from `in[offset … offset + length)` and returns how many it took: all of them, or
  /// fewer when the negotiation ended before them. Ask [#step()] after each call.
  ///
  /// Throws [io.peerup.libp2p.ProtocolViolation] when the header does not come first, a token is
  /// malformed or too long, or there are more than [Limits#PROPOSALS_MAX] proposals; the machine
  /// must not be used after that.
  public int consume(byte[] in, int offset, int length) {
    throw new UnsupportedOperationException("written next");
  }

  /// What to do now: `NeedMore`, `Send` (returned once) or `Agreed`; never `NoneSupported`, because
  /// the initiator may always propose again.
  public Step step() {
    throw new UnsupportedOperationException("written next");
  }
}
