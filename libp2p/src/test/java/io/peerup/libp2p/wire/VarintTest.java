package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.SeededRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VarintTest {

  /// The examples of the multiformats unsigned-varint page, and the edges.
  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "127, 7f",
    "128, 8001",
    "255, ff01",
    "300, ac02",
    "16384, 808001",
    "9223372036854775807, ffffffffffffffff7f"
  })
  void numberHasItsPublishedBytes(long number, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThat(Varint.encode(number)).isEqualTo(bytes);
    assertThat(Varint.size(number)).isEqualTo(bytes.length);
    ByteReader in = new ByteReader(bytes);
    assertThat(in.varint(Long.MAX_VALUE)).isEqualTo(number);
    in.expectEnd();
  }

  @ParameterizedTest
  @CsvSource({
    "8100, not minimal",
    "8000, not minimal",
    "808000, not minimal",
    "ffffffffffffffff8000, longer than 9",
    "ffffffffffffffffff01, longer than 9",
    "80, ends early",
    "'', ends early"
  })
  void illFormedNumberIsRefused(String hex, String why) {
    ByteReader in = new ByteReader(HexFormat.of().parseHex(hex));
    assertThatThrownBy(() -> in.varint(Long.MAX_VALUE))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(why);
  }

  @Test
  void numberAtTheLimitIsTakenAndOneAboveIsRefused() {
    assertThat(new ByteReader(Varint.encode(300)).varint(300)).isEqualTo(300);
    assertThatThrownBy(() -> new ByteReader(Varint.encode(301)).varint(300))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void decoderTakesNoByteBehindTheNumber() {
    Varint.Decoder decoder = new Varint.Decoder();
    assertThat(decoder.accept((byte) 0xac)).isFalse();
    assertThat(decoder.accept((byte) 0x02)).isTrue();
    assertThat(decoder.value()).isEqualTo(300);
  }

  @Test
  void negativeNumbersHaveNoEncoding() {
    assertThatThrownBy(() -> Varint.encode(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Varint.write(-1, new byte[10], 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyNumberComesBack() {
    SeededRandom random = SeededRandom.of(VarintTest.class);
    for (int i = 0; i < 20_000; i++) {
      long number = random.nextLong() >>> (1 + random.nextInt(63));
      byte[] bytes = Varint.encode(number);
      byte[] target = new byte[12];
      assertThat(Varint.write(number, target, 2)).isEqualTo(2 + bytes.length);
      assertThat(new ByteReader(target, 2, bytes.length).varint(number)).isEqualTo(number);
    }
  }
}
