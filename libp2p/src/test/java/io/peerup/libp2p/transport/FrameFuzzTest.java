package io.peerup.libp2p.transport;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.perf.Perf;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.Decoding;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What is read straight from a stream, before any codec sees it.
class FrameFuzzTest {

  private static final int BYTES_MAX = 300;

  @MethodSource("frames")
  @FuzzTest
  void frame(byte[] input) {
    Fed stream = new Fed(input);
    Decoding.of(input, ProtocolViolation.class, _ -> new Fed(input).readFrame(BYTES_MAX))
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
    Fed stream = new Fed(input);
    try {
      Perf.server().handle(stream);
      check(input.length >= 8, "without a size nothing is sent");
    } catch (ProtocolViolation e) {
      check(stream.written == 0, "a refused request is not served");
    } catch (Fed.Full e) {
      check(stream.written > 0, "it was served as far as the client took it");
    }
  }

  static Stream<byte[]> requests() {
    return Stream.of(
        new ByteWriter().u64(1000).bytes(new byte[30]).toByteArray(),
        new ByteWriter().u64(Long.MAX_VALUE).toByteArray(),
        new ByteWriter().u64(-1).toByteArray());
  }

  /// A stream that brings these bytes, then the end; it takes 1 MiB.
  private static final class Fed extends FramedStream {

    private final byte[] bytes;
    private int at;
    private long written;

    /// The far side has enough.
    static final class Full extends RuntimeException {
      private static final long serialVersionUID = 1;
    }

    Fed(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (at == bytes.length) {
        return length == 0 ? 0 : -1;
      }
      int count = Math.min(length, bytes.length - at);
      System.arraycopy(bytes, at, target, offset, count);
      at += count;
      return count;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      if (written > 1 << 20) {
        throw new Full();
      }
      written += length;
    }

    @Override
    public Connection connection() {
      throw new UnsupportedOperationException();
    }

    @Override
    public String protocol() {
      return "/test/1";
    }

    @Override
    public Direction direction() {
      return Direction.INBOUND;
    }

    @Override
    public void closeWrite() {}

    @Override
    public void reset(long code) {}

    @Override
    public void close() {}

    @Override
    public void deadline(Duration fromNow) {}

    @Override
    public void clearDeadline() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public String toString() {
      return "a fed stream";
    }
  }
}
