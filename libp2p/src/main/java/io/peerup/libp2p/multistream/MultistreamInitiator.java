package io.peerup.libp2p.multistream;

import java.util.List;

/// The side that proposes. Write [#start()], then give every received chunk to [#consume] until
/// [#step()] is `Agreed` or `NoneSupported`.
///
/// Lazy (0-RTT): with a single proposal the caller may write application bytes right behind
/// `start()` and treat the protocol as agreed; it must still feed what arrives to this machine
/// until the step is `Agreed` (the echo), before the first application byte is read. Use that on
/// streams only, with a protocol that the peer announced. Not thread-safe.
public final class MultistreamInitiator {

  /// Proposes in the order of the list. Throws [IllegalArgumentException] on an empty list, on a
  /// name that cannot be a token (empty, longer than [Limits#TOKEN_BYTES_MAX] with its newline,
  /// containing a newline), or if lazy with more than one proposal.
  public MultistreamInitiator(List<String> proposals, boolean lazy) {
    throw new UnsupportedOperationException("written next");
  }

  /// The first bytes to write: header and first proposal. Call once.
  public byte[] start() {
    throw new UnsupportedOperationException("written next");
  }

  /// Takes bytes from `in[offset … offset + length)` and returns how many it took: all of them, or
  /// fewer when the negotiation ended before them. Ask [#step()] after each call.
  ///
  /// Throws [io.peerup.libp2p.ProtocolViolation] when the answer is neither the header in its
  /// place, the echo, nor `na`; the machine must not be used after that.
  public int consume(byte[] in, int offset, int length) {
    throw new UnsupportedOperationException("written next");
  }

  /// What to do now. `Send` is returned once; the others stay.
  public Step step() {
    throw new UnsupportedOperationException("written next");
  }

  /// True if the caller may treat its only proposal as agreed right after `start()`.
  public boolean lazy() {
    throw new UnsupportedOperationException("written next");
  }
}
