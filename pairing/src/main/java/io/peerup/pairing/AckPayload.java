package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;

/// What an acknowledgement says: `00` and the inviter's card, or `01`: somebody else was faster.
sealed interface AckPayload {

  /// The joiner is in.
  record Accepted(PeerCard card) implements AckPayload {}

  /// The link admitted other devices.
  record AlreadyUsed() implements AckPayload {}

  default byte[] encoded() {
    return switch (this) {
      case Accepted accepted ->
          new ByteWriter().u8(0).bytes(accepted.card().encoded()).toByteArray();
      case AlreadyUsed _ -> new byte[] {1};
    };
  }

  static AckPayload decode(byte[] encoded) {
    ByteReader in = new ByteReader(encoded);
    int status = in.u8();
    return switch (status) {
      case 0 -> new Accepted(PeerCard.decode(in.rest()));
      case 1 -> {
        in.expectEnd();
        yield new AlreadyUsed();
      }
      default -> throw new MalformedInput("an acknowledgement of kind " + status);
    };
  }
}
