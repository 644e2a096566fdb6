package io.peerup.libp2p.identify;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.wire.Varint;
import java.time.Duration;
import java.util.Optional;

/// The identify dialogues: who opens an identify stream reads, who opens a push stream writes. Each
/// call blocks, on a virtual thread, for at most [Limits#TIMEOUT].
public final class Identify {

  /// "Tell me about yourself."
  public static final String PROTOCOL = "/ipfs/id/1.0.0";

  /// "Something about me changed."
  public static final String PUSH = "/ipfs/id/push/1.0.0";

  /// Informational, what everybody sends.
  public static final String PROTOCOL_VERSION = "ipfs/0.1.0";

  private Identify() {}

  /// Writes the message (and the sealed peer record, unless empty) and ends our direction.
  public static void send(Stream stream, IdentifyMessage message, byte[] envelope) {
    stream.deadline(Limits.TIMEOUT);
    message.encode(envelope).forEach(stream::writeFrame);
    stream.closeWrite();
  }

  /// Reads the message of the peer that this connection authenticated, in `timeout` or
  /// [Limits#TIMEOUT] if that is shorter. Throws [ProtocolViolation] when it is malformed, too
  /// long, or speaks for another key.
  public static IdentifyMessage receive(Stream stream, Duration timeout) {
    stream.deadline(timeout.compareTo(Limits.TIMEOUT) < 0 ? timeout : Limits.TIMEOUT);
    PeerId peer = stream.connection().remotePeer();
    try {
      IdentifyMessage.Decoder decoder = new IdentifyMessage.Decoder();
      for (Optional<byte[]> frame = frame(stream); frame.isPresent(); frame = frame(stream)) {
        decoder.add(frame.get());
      }
      IdentifyMessage message = decoder.message();
      if (message.key().isPresent() && !PeerId.of(message.key().get()).equals(peer)) {
        throw new ProtocolViolation("identify message of " + peer + " carries another peer's key");
      }
      return message;
    } catch (MalformedInput e) {
      throw new ProtocolViolation(
          "malformed identify message of " + peer + ": " + e.getMessage(), e);
    }
  }

  /// The next frame, or empty at the end of the stream between two frames.
  private static Optional<byte[]> frame(Stream stream) {
    Varint.Decoder length = new Varint.Decoder();
    byte[] one = new byte[1];
    boolean first = true;
    do {
      if (stream.read(one, 0, 1) < 0) {
        if (first) {
          return Optional.empty();
        }
        throw new ProtocolViolation("identify message ended within a frame");
      }
      first = false;
    } while (!length.accept(one[0]));
    if (length.value() > Limits.FRAME_BYTES_MAX) {
      throw new ProtocolViolation(
          "identify frame of "
              + length.value()
              + " bytes, at most "
              + Limits.FRAME_BYTES_MAX
              + " allowed");
    }
    return Optional.of(stream.readExactly((int) length.value()));
  }
}
