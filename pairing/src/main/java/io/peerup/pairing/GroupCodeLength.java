package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteReader;

/// How long a code wants to be, by the parts of it that are there: so that a truncated code can say
/// how much is missing.
///
/// @param bytes the whole code with its check
/// @param exact false if the part that says the length is itself missing: then it is a lower bound
record GroupCodeLength(int bytes, boolean exact) {

  private static final int HEAD_BYTES =
      1 + GroupCode.TOKEN_BYTES + GroupCode.GROUP_SECRET_BYTES + GroupCode.RELAY_PIN_BYTES;
  private static final int PORT_BYTES = 2;
  private static final int CHECK_BYTES = 3;
  private static final int SHORTEST_ADDRESS_BYTES = 3;

  static GroupCodeLength of(byte[] partial) {
    if (partial.length == 0) {
      return atLeast(HEAD_BYTES + SHORTEST_ADDRESS_BYTES + PORT_BYTES);
    }
    int at = HEAD_BYTES;
    switch (partial[0] >> 1 & 3) {
      case 0 -> at += 4;
      case 1 -> at += 16;
      default -> {
        int after = afterField(partial, at, Limits.HOST_CHARS_MAX);
        if (after < 0) {
          return atLeast(at + SHORTEST_ADDRESS_BYTES + PORT_BYTES);
        }
        at = after;
      }
    }
    at += PORT_BYTES;
    if ((partial[0] & 1) != 0) {
      int after = afterField(partial, at, Limits.NAMESPACE_CHARS_MAX);
      if (after < 0) {
        return atLeast(at + 2);
      }
      at = after;
    }
    return new GroupCodeLength(at + CHECK_BYTES, true);
  }

  private static GroupCodeLength atLeast(int bytesBeforeCheck) {
    return new GroupCodeLength(bytesBeforeCheck + CHECK_BYTES, false);
  }

  /// Where the length-prefixed field that starts at `at` ends, or -1 if its length is not there.
  private static int afterField(byte[] partial, int at, int max) {
    if (at >= partial.length) {
      return -1;
    }
    ByteReader in = new ByteReader(partial, at, partial.length - at);
    try {
      int length = (int) in.varint(max);
      return partial.length - in.remaining() + length;
    } catch (MalformedInput e) {
      if (!in.hasRemaining()) {
        return -1;
      }
      throw new MalformedInput(
          "the code is mistyped: it announces a part that is too long",
          "compare it with the original, or paste it",
          e);
    }
  }
}
