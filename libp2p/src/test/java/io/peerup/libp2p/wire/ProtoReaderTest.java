package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.Mutator;
import io.peerup.testkit.SeededRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {

  @Test
  void fieldsComeBackAsTheyWereWritten() {
    byte[] bytes =
        new ProtoWriter()
            .uint(1, 0)
            .uint(2, -1)
            .bytes(3, new byte[] {7})
            .string(4, "grüß")
            .fixed64(5, 0x0102030405060708L)
            .message(16, new ProtoWriter().uint(1, 150))
            .toByteArray();
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo(
            "0800"
                + "10ffffffffffffffffff01"
                + "1a0107"
                + "22066772c3bcc39f"
                + "290807060504030201"
                + "820103089601");
    ProtoReader in = new ProtoReader(bytes);
    assertThat(in.next()).isTrue();
    assertThat(in.field()).isEqualTo(1);
    assertThat(in.uint()).isZero();
    assertThat(in.next()).isTrue();
    assertThat(in.uint()).isEqualTo(-1);
    assertThat(in.next()).isTrue();
    assertThat(in.bytes()).containsExactly(7);
    assertThat(in.next()).isTrue();
    assertThat(in.string()).isEqualTo("grüß");
    assertThat(in.next()).isTrue();
    assertThat(in.fixed64()).isEqualTo(0x0102030405060708L);
    assertThat(in.next()).isTrue();
    assertThat(in.field()).isEqualTo(16);
    ProtoReader nested = new ProtoReader(in.bytes());
    assertThat(nested.next()).isTrue();
    assertThat(nested.uint()).isEqualTo(150);
    assertThat(nested.next()).isFalse();
    assertThat(in.next()).isFalse();
  }

  /// Protobuf's readers take what a strict varint reader refuses.
  @ParameterizedTest
  @CsvSource({
    "088100, 1",
    "0880808080808080808000, 0",
    "8a80800000, 0",
    "08ffffffffffffffffff01, -1"
  })
  void nonMinimalNumbersAreTaken(String hex, long value) {
    ProtoReader in = new ProtoReader(HexFormat.of().parseHex(hex));
    assertThat(in.next()).isTrue();
    assertThat(in.field()).isEqualTo(1);
    if (hex.startsWith("08")) {
      assertThat(in.uint()).isEqualTo(value);
    } else {
      assertThat(in.bytes()).hasSize((int) value);
    }
    assertThat(in.next()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "08", // no value
        "0880", // value ends early
        "08ffffffffffffffffffff01", // eleven bytes
        "0a", // no length
        "0a02aa", // longer than its message
        "0affffffffffffffffff01", // length 2^64-1
        "0affffffff07", // length 2^31-1
        "0900000000000000", // seven bytes of a fixed64
        "0d000000", // three bytes of a fixed32
        "0b", // group start
        "0c", // group end
        "0e", // no such wire type
        "00", // field 0
        "8080808080808080808000", // tag too long
        "8080808080808001" // field number far above 2^29
      })
  void illFormedMessageIsRefusedWhenSkippedOver(String hex) {
    assertThatThrownBy(() -> skipAll(HexFormat.of().parseHex(hex)))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void unknownFieldsOfAllWireTypesAreSkipped() {
    byte[] bytes =
        HexFormat.of().parseHex("0896010a03aabbcc090102030405060708" + "0d01020304" + "1005");
    ProtoReader in = new ProtoReader(bytes);
    long second = 0;
    while (in.next()) {
      if (in.field() == 2) {
        second = in.uint();
      } else {
        in.skip();
      }
    }
    assertThat(second).isEqualTo(5);
  }

  @Test
  void valueOfAnotherWireTypeIsRefused() {
    byte[] number = new ProtoWriter().uint(1, 5).toByteArray();
    byte[] bytes = new ProtoWriter().bytes(1, new byte[8]).toByteArray();
    assertThatThrownBy(() -> first(number).bytes()).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> first(number).fixed64()).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> first(bytes).uint()).isInstanceOf(MalformedInput.class);
  }

  @Test
  void textMustBeUtf8() {
    byte[] bytes = new ProtoWriter().bytes(1, new byte[] {(byte) 0xc3}).toByteArray();
    assertThatThrownBy(() -> first(bytes).string()).isInstanceOf(MalformedInput.class);
  }

  @Test
  void enumsBeyondAnIntBecomeTheLargestInt() {
    assertThat(first(new ProtoWriter().uint(1, Integer.MAX_VALUE).toByteArray()).uint31())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(first(new ProtoWriter().uint(1, -1).toByteArray()).uint31())
        .isEqualTo(Integer.MAX_VALUE);
    assertThat(first(new ProtoWriter().uint(1, 7).toByteArray()).uint31()).isEqualTo(7);
  }

  @Test
  void messageMayHaveItsLimitOfFieldsAndNotOneMore() {
    byte[] most = HexFormat.of().parseHex("0801".repeat(ProtoReader.FIELDS_MAX));
    skipAll(most);
    byte[] tooMany = HexFormat.of().parseHex("0801".repeat(ProtoReader.FIELDS_MAX + 1));
    assertThatThrownBy(() -> skipAll(tooMany)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void fieldMustBeConsumedExactlyOnce() {
    ProtoReader forgotten = first(HexFormat.of().parseHex("0801"));
    assertThatThrownBy(forgotten::next).isInstanceOf(IllegalStateException.class);
    ProtoReader twice = first(HexFormat.of().parseHex("08010801"));
    twice.skip();
    assertThatThrownBy(twice::uint).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void damagedMessagesAreReadOrRefusedButNothingElse() {
    SeededRandom random = SeededRandom.of(ProtoReaderTest.class);
    Mutator mutator = new Mutator(random);
    byte[] valid =
        new ProtoWriter()
            .uint(1, 300)
            .bytes(2, new byte[20])
            .fixed64(3, 9)
            .uint(40, 1)
            .toByteArray();
    int refused = 0;
    for (int i = 0; i < 50_000; i++) {
      try {
        skipAll(mutator.mutate(valid));
      } catch (MalformedInput expected) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1_000, 49_000);
  }

  private static ProtoReader first(byte[] bytes) {
    ProtoReader in = new ProtoReader(bytes);
    assertThat(in.next()).isTrue();
    return in;
  }

  private static void skipAll(byte[] bytes) {
    ProtoReader in = new ProtoReader(bytes);
    while (in.next()) {
      in.skip();
    }
  }
}
