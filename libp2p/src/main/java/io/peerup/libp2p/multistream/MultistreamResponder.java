package io.peerup.libp2p.multistream;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Objects;
import java.util.function.Predicate;

/// The side that answers: echoes the first supported proposal, says `na` to the others (also to the
/// legacy `ls`, which nobody sends: our choice). Give every received chunk to [#consume] until
/// [#step()] is `Agreed`. Not thread-safe.
public final class MultistreamResponder {

  private final Predicate<String> supports;
  private final Tokens.Reader reader = new Tokens.Reader();
  private ByteWriter pending = new ByteWriter();
  private boolean headerSent;
  private boolean headerSeen;
  private int proposals;
  private boolean failed;
  private Step step = new Step.NeedMore();

  /// `supports` decides on each proposed id, byte for byte as it came; called on the thread of
  /// [#consume].
  public MultistreamResponder(Predicate<String> supports) {
    this.supports = supports;
  }

  /// Optional: the header, to be written before anything arrived (for a remote side that waits for
  /// ours first). Without this call the header goes out with the first answer, in one piece.
  public byte[] start() {
    if (headerSent) {
      throw new IllegalStateException("the header is already sent");
    }
    headerSent = true;
    return Tokens.encode(Tokens.HEADER);
  }

  /// Takes bytes from `in[offset … offset + length)` and returns how many it took: all of them, or
  /// fewer when the negotiation ended before them. Ask [#step()] after each call.
  ///
  /// Throws [ProtocolViolation] when the header does not come first, a token is malformed or too
  /// long, or there are more than [Limits#PROPOSALS_MAX] proposals; every later call then throws
  /// [IllegalStateException].
  public int consume(byte[] in, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, in.length);
    if (failed) {
      throw new IllegalStateException("the negotiation has failed");
    }
    try {
      int used = 0;
      while (used < length && !(step instanceof Step.Agreed)) {
        used += reader.consume(in, offset + used, length - used);
        String token = reader.take();
        if (token != null) {
          accept(token);
        }
      }
      return used;
    } catch (ProtocolViolation e) {
      failed = true;
      throw e;
    }
  }

  /// What to do now: `NeedMore`, `Send` (returned once) or `Agreed`; never `NoneSupported`, because
  /// the initiator may always propose again.
  public Step step() {
    if (step instanceof Step.Agreed) {
      return step;
    }
    byte[] answers = takePending();
    return answers.length == 0 ? step : new Step.Send(answers);
  }

  private void accept(String token) {
    if (!headerSeen) {
      if (!token.equals(Tokens.HEADER)) {
        throw new ProtocolViolation(
            "multistream header expected first, got " + Tokens.shown(token));
      }
      headerSeen = true;
      if (!headerSent) {
        // At once, not with the first answer: the initiator may wait for it before it proposes.
        headerSent = true;
        pending.bytes(Tokens.encode(Tokens.HEADER));
      }
      return;
    }
    if (++proposals > Limits.PROPOSALS_MAX) {
      throw new ProtocolViolation(
          "more than " + Limits.PROPOSALS_MAX + " multistream proposals on one channel");
    }
    // Nothing but names is a proposal, whatever the predicate says.
    if (Tokens.isProposable(token) && supports.test(token)) {
      pending.bytes(Tokens.encode(token));
      step = new Step.Agreed(token, takePending());
    } else {
      pending.bytes(Tokens.encode(Tokens.NOT_AVAILABLE));
    }
  }

  private byte[] takePending() {
    byte[] bytes = pending.toByteArray();
    pending = new ByteWriter();
    return bytes;
  }
}
