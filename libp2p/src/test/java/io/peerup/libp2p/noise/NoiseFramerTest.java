package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.SeededRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class NoiseFramerTest {

  private final SeededRandom random = SeededRandom.of(NoiseFramerTest.class);

  @Test
  void framesComeOutWholeWhereverChunksEnd() {
    List<byte[]> bodies =
        List.of(
            random.bytes(3),
            new byte[0],
            random.bytes(1),
            random.bytes(Limits.FRAME_BYTES_MAX),
            random.bytes(255),
            random.bytes(256));
    ByteWriter stream = new ByteWriter();
    bodies.forEach(body -> stream.bytes(NoiseFramer.frame(body)));
    byte[] in = stream.toByteArray();
    assertThat(in).startsWith(0, 3);

    assertThat(split(in, rest -> rest)).containsExactlyElementsOf(bodies);
    assertThat(split(in, _ -> 1)).containsExactlyElementsOf(bodies);
    assertThat(split(in, _ -> 1 + random.nextInt(5_000))).containsExactlyElementsOf(bodies);
  }

  @Test
  void nothingIsTakenBeyondTheFrame() {
    NoiseFramer framer = new NoiseFramer(10);
    byte[] in = {0, 2, 7, 8, 0, 1, 9};
    assertThat(framer.consume(in, 0, in.length)).isEqualTo(4);
    assertThat(framer.complete()).isTrue();
    assertThat(framer.consume(in, 4, 3)).isZero();
    assertThat(framer.bodyCopy()).containsExactly(7, 8);
  }

  @Test
  void aFrameAtTheLimitIsTaken() {
    NoiseFramer framer = new NoiseFramer(300);
    byte[] frame = NoiseFramer.frame(new byte[300]);
    assertThat(framer.consume(frame, 0, frame.length)).isEqualTo(302);
    assertThat(framer.bodyLength()).isEqualTo(300);
  }

  @Test
  void aFrameOneByteAboveTheLimitIsRefusedAtItsLength() {
    NoiseFramer framer = new NoiseFramer(300);
    byte[] length = {1, 45};
    assertThatThrownBy(() -> framer.consume(length, 0, 2))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("301");
    assertThatThrownBy(() -> framer.consume(length, 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThat(framer.complete()).isFalse();
  }

  @Test
  void theLimitMayRiseAfterTheHandshake() {
    NoiseFramer framer = new NoiseFramer(Limits.HANDSHAKE_FRAME_BYTES_MAX);
    framer.bodyBytesMax(Limits.FRAME_BYTES_MAX);
    byte[] frame = NoiseFramer.frame(new byte[Limits.FRAME_BYTES_MAX]);
    framer.consume(frame, 0, frame.length);
    assertThat(framer.bodyLength()).isEqualTo(Limits.FRAME_BYTES_MAX);
  }

  @Test
  void anIdleFramerHoldsNoBuffer() {
    NoiseFramer framer = new NoiseFramer(Limits.FRAME_BYTES_MAX);
    byte[] frame = NoiseFramer.frame(random.bytes(5_000));
    framer.consume(frame, 0, frame.length);
    framer.shrink(); // not idle: the body must survive
    assertThat(framer.body()).hasSizeGreaterThanOrEqualTo(5_000);
    framer.next();
    framer.shrink();
    assertThat(framer.body()).isEmpty();
    assertThat(framer.consume(frame, 0, frame.length)).isEqualTo(frame.length);
    assertThat(framer.bodyCopy()).isEqualTo(Arrays.copyOfRange(frame, 2, frame.length));
  }

  @Test
  void aBodyThatTwoLengthBytesCannotSayIsNotFramed() {
    assertThatThrownBy(() -> NoiseFramer.frame(new byte[Limits.FRAME_BYTES_MAX + 1]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static List<byte[]> split(byte[] in, IntUnaryOperator chunk) {
    NoiseFramer framer = new NoiseFramer(Limits.FRAME_BYTES_MAX);
    List<byte[]> bodies = new ArrayList<>();
    int at = 0;
    while (at < in.length) {
      at += framer.consume(in, at, Math.min(in.length - at, chunk.applyAsInt(in.length - at)));
      if (framer.complete()) {
        bodies.add(framer.bodyCopy());
        framer.next();
      }
    }
    return bodies;
  }
}
