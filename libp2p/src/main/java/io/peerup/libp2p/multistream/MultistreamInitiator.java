package io.peerup.libp2p.multistream;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.List;
import java.util.Objects;

/// The side that proposes. Write [#start()], then give every received chunk to [#consume] until
/// [#step()] is `Agreed` or `NoneSupported`.
///
/// Lazy (0-RTT): with a single proposal the caller may write application bytes right behind
/// `start()` and treat the protocol as agreed; it must still feed what arrives to this machine
/// until the step is `Agreed` (the echo), before the first application byte is read; at
/// `NoneSupported` the stream is to be reset. Use that on streams only, with a protocol that the
/// peer announced. Not thread-safe.
public final class MultistreamInitiator {

  private final List<String> proposals;
  private final boolean lazy;
  private final Tokens.Reader reader = new Tokens.Reader();
  // Proposals to send. Kept until asked for, so that the result never depends on where a chunk
  // ends, even with a responder that answers ahead.
  private ByteWriter pending = new ByteWriter();
  private boolean headerSeen;
  private int proposed;
  private boolean failed;
  private Step step = new Step.NeedMore();

  /// Proposes in the order of the list. Throws [IllegalArgumentException] on an empty list, on a
  /// name that cannot be a proposal (empty, longer than [Limits#TOKEN_BYTES_MAX] with its newline,
  /// containing a newline, `na`, the header), or if lazy with more than one proposal.
  public MultistreamInitiator(List<String> proposals, boolean lazy) {
    if (proposals.isEmpty()) {
      throw new IllegalArgumentException("no protocol to propose");
    }
    if (lazy && proposals.size() > 1) {
      throw new IllegalArgumentException("lazy negotiation has exactly one proposal: " + proposals);
    }
    for (String protocol : proposals) {
      if (!Tokens.isProposable(protocol)) {
        throw new IllegalArgumentException("not a protocol id: " + Tokens.shown(protocol));
      }
    }
    this.proposals = List.copyOf(proposals);
    this.lazy = lazy;
  }

  /// The first bytes to write: header and first proposal, pipelined. Call once, before anything is
  /// consumed.
  public byte[] start() {
    if (proposed > 0) {
      throw new IllegalStateException("already started");
    }
    proposed = 1;
    return Tokens.encode(Tokens.HEADER, proposals.getFirst());
  }

  /// Takes bytes from `in[offset … offset + length)` and returns how many it took: all of them, or
  /// fewer when the negotiation ended before them. Ask [#step()] after each call.
  ///
  /// Throws [ProtocolViolation] when the answer is neither the header in its place, the echo, nor
  /// `na`; every later call then throws [IllegalStateException].
  public int consume(byte[] in, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, in.length);
    if (failed || proposed == 0) {
      throw new IllegalStateException(failed ? "the negotiation has failed" : "not started");
    }
    try {
      int used = 0;
      while (used < length && !over()) {
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

  /// What to do now. `Send` is returned once; the others stay.
  public Step step() {
    if (over()) {
      return step;
    }
    byte[] next = takePending();
    return next.length == 0 ? step : new Step.Send(next);
  }

  /// True if the caller may treat its only proposal as agreed right after `start()`.
  public boolean lazy() {
    return lazy;
  }

  private boolean over() {
    return step instanceof Step.Agreed || step instanceof Step.NoneSupported;
  }

  private void accept(String token) {
    String current = proposals.get(proposed - 1);
    if (!headerSeen) {
      if (!token.equals(Tokens.HEADER)) {
        throw new ProtocolViolation(
            "multistream header expected first, got " + Tokens.shown(token));
      }
      headerSeen = true;
    } else if (token.equals(current)) {
      step = new Step.Agreed(current, takePending());
    } else if (!token.equals(Tokens.NOT_AVAILABLE)) {
      throw new ProtocolViolation(
          "multistream answer to '"
              + current
              + "' is neither its echo nor 'na': "
              + Tokens.shown(token));
    } else if (proposed == proposals.size()) {
      step = new Step.NoneSupported();
    } else {
      pending.bytes(Tokens.encode(proposals.get(proposed++)));
    }
  }

  private byte[] takePending() {
    byte[] bytes = pending.toByteArray();
    pending = new ByteWriter();
    return bytes;
  }
}
