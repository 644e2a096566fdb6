package io.peerup.libp2p.multistream;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/// What a negotiation made of some bytes, fed in chunks as an event loop would.
///
/// @param used how many of the bytes it took before it was over or wanted more
/// @param sent hex of everything it asked to send
/// @param end the last step: `agreed <protocol>`, `none supported`, `need more` or `violation`
record Feeding(int used, String sent, String end) {

  @FunctionalInterface
  interface Consumer {
    int consume(byte[] in, int offset, int length);
  }

  /// Feeds everything; `chunk` says how many of the remaining bytes come next.
  static Feeding of(Consumer machine, Supplier<Step> step, byte[] in, IntUnaryOperator chunk) {
    ByteWriter sent = new ByteWriter();
    int at = 0;
    while (true) {
      int length = Math.min(in.length - at, chunk.applyAsInt(in.length - at));
      try {
        at += machine.consume(in, at, length);
      } catch (ProtocolViolation e) {
        return new Feeding(-1, hex(sent), "violation");
      }
      switch (step.get()) {
        case Step.NeedMore() -> {}
        case Step.Send send -> sent.bytes(send.bytes());
        case Step.Agreed agreed -> {
          sent.bytes(agreed.bytes());
          return new Feeding(at, hex(sent), "agreed " + agreed.protocol());
        }
        case Step.NoneSupported() -> {
          return new Feeding(at, hex(sent), "none supported");
        }
      }
      if (at == in.length) {
        return new Feeding(at, hex(sent), "need more");
      }
    }
  }

  static Feeding whole(MultistreamInitiator machine, byte[] in) {
    return of(machine::consume, machine::step, in, rest -> rest);
  }

  static Feeding whole(MultistreamResponder machine, byte[] in) {
    return of(machine::consume, machine::step, in, rest -> rest);
  }

  static Feeding byteByByte(MultistreamInitiator machine, byte[] in) {
    return of(machine::consume, machine::step, in, _ -> 1);
  }

  static Feeding byteByByte(MultistreamResponder machine, byte[] in) {
    return of(machine::consume, machine::step, in, _ -> 1);
  }

  /// Tokens as the wire has them, written apart from the code under test: one length byte (or two
  /// above 127), the text, a newline.
  static byte[] tokens(String... tokens) {
    ByteWriter out = new ByteWriter();
    for (String token : tokens) {
      byte[] text = (token + "\n").getBytes(StandardCharsets.UTF_8);
      if (text.length > 127) {
        out.u8(text.length % 128 + 128).u8(text.length / 128);
      } else {
        out.u8(text.length);
      }
      out.bytes(text);
    }
    return out.toByteArray();
  }

  static byte[] concat(byte[]... parts) {
    ByteWriter out = new ByteWriter();
    Arrays.stream(parts).forEach(out::bytes);
    return out.toByteArray();
  }

  static byte[] unhex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String hex(ByteWriter bytes) {
    return hex(bytes.toByteArray());
  }
}
