package io.peerup.libp2p.multistream;

/// What the caller does next, after it fed a negotiation some bytes.
///
/// ```java
/// int used = negotiation.consume(in, offset, length);
/// switch (negotiation.step()) {
///   case Step.NeedMore() -> {}                     // everything was used; wait for more
///   case Step.Send send -> write(send.bytes());    // everything was used; then wait for more
///   case Step.Agreed agreed -> …                   // write agreed.bytes(); in[offset + used…] is
///                                                  // the protocol's
///   case Step.NoneSupported() -> …                 // close, nothing to write
/// }
/// ```
public sealed interface Step {

  /// Nothing to do until more bytes arrive.
  record NeedMore() implements Step {}

  /// Write these bytes, in one piece if possible, then wait for more.
  final class Send implements Step {
    private final byte[] bytes;

    Send(byte[] bytes) {
      this.bytes = bytes;
    }

    /// The bytes to write. Owned by the caller from now on.
    public byte[] bytes() {
      return bytes;
    }
  }

  /// Both sides mean the same protocol from now on. The bytes behind the consumed ones belong to
  /// it.
  final class Agreed implements Step {
    private final String protocol;
    private final byte[] bytes;

    Agreed(String protocol, byte[] bytes) {
      this.protocol = protocol;
      this.bytes = bytes;
    }

    /// The protocol id, exactly as proposed.
    public String protocol() {
      return protocol;
    }

    /// The bytes to write before the protocol's own first byte; empty for an initiator whose peer
    /// answers only what was asked. Owned by the caller from now on.
    public byte[] bytes() {
      return bytes;
    }
  }

  /// The responder refused every proposal; the negotiation is over.
  record NoneSupported() implements Step {}
}
