package io.peerup.libp2p.transport;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.Varint;
import io.peerup.testkit.Decoding;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What peers put into the datagrams of a QUIC connection.
class DatagramFuzzTest {

  @MethodSource("datagrams")
  @FuzzTest
  void datagram(byte[] input) {
    Decoding.of(
            input,
            MalformedInput.class,
            bytes -> {
              ByteBuf in = Unpooled.wrappedBuffer(bytes);
              long number = DatagramHeader.read(in);
              check(
                  DatagramHeader.isKeepAlive(Unpooled.wrappedBuffer(bytes)) == keepsAlive(bytes),
                  "0");
              if (number != DatagramHeader.NOTHING) {
                byte[] content = new byte[in.readableBytes()];
                in.readBytes(content);
                same(DatagramHeader.with(number, content), bytes);
              }
              return number;
            })
        .ifPresent(number -> same(number, slowly(input)));
  }

  private static boolean keepsAlive(byte[] bytes) {
    return bytes.length > 0 && bytes[0] == 0;
  }

  /// As every other varint here is read.
  private static long slowly(byte[] input) {
    Varint.Decoder decoder = new Varint.Decoder();
    try {
      for (byte each : input) {
        if (decoder.accept(each)) {
          return decoder.value();
        }
      }
    } catch (MalformedInput e) {
      // No number.
    }
    return DatagramHeader.NOTHING;
  }

  static Stream<byte[]> datagrams() {
    byte[] endless = new byte[12];
    Arrays.fill(endless, (byte) 0xff);
    return Stream.of(
        new byte[0],
        new byte[] {0},
        new byte[] {(byte) 0x81, 0},
        endless,
        DatagramHeader.with(1, new byte[0]),
        DatagramHeader.with(128, new byte[] {1, 2}),
        DatagramHeader.with(1L << 62, new byte[20]));
  }
}
