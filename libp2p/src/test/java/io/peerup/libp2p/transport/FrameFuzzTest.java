package io.peerup.libp2p.transport;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.perf.Perf;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.Decoding;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What is read straight from a stream, before any codec sees it.
class FrameFuzzTest {

  private static final int BYTES_MAX = 300;

  @MethodSource("frames")
  @FuzzTest
  void frame(byte[] input) {
    FedStream stream = new FedStream(input);
    Decoding.of(input, ProtocolViolation.class, _ -> new FedStream(input).readFrame(BYTES_MAX))
        .ifPresent(body -> {
          stream.readFrame(BYTES_MAX);
          check(body.length <= BYTES_MAX, "no longer than allowed");
          byte[] whole = new ByteWriter().lengthPrefixed(body).toByteArray();
          check(stream.at == whole.length, "not one byte more is taken");
        });
  }

  static Stream<byte[]> frames() {
    return Stream.of(
        new ByteWriter().lengthPrefixed(new byte[5]).u8(1).toByteArray(),
        new ByteWriter().lengthPrefixed(new byte[BYTES_MAX]).toByteArray(),
        new byte[] {(byte) 0x80, 0});
  }

  /// The server of perf, asked for anything by anybody: it sends what was asked for and no more,
  /// until the client stops taking it.
  @MethodSource("requests")
  @FuzzTest
  void perf(byte[] input) throws Exception {
    FedStream stream = new FedStream(input);
    try {
      Perf.server().handle(stream);
      check(input.length >= 8, "without a size nothing is sent");
    } catch (ProtocolViolation e) {
      check(stream.written == 0, "a refused request is not served");
    } catch (FedStream.Full e) {
      check(stream.written > 0, "it was served as far as the client took it");
    }
  }

  static Stream<byte[]> requests() {
    return Stream.of(
        new ByteWriter().u64(1000).bytes(new byte[30]).toByteArray(),
        new ByteWriter().u64(Long.MAX_VALUE).toByteArray(),
        new ByteWriter().u64(-1).toByteArray());
  }
}
