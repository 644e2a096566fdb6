package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ByteReaderTest {

  @Test
  void fieldsComeBackAsTheyWereWritten() {
    byte[] bytes =
        new ByteWriter()
            .u8(0xfe)
            .u16(0xfedc)
            .u64(0xfedcba9876543210L)
            .varint(300)
            .lengthPrefixed(new byte[] {1, 2})
            .bytes(new byte[] {3, 4})
            .toByteArray();
    assertThat(bytes)
        .isEqualTo(HexFormat.of().parseHex("fefedcfedcba9876543210ac0202" + "01020304"));
    ByteReader in = new ByteReader(bytes);
    assertThat(in.u8()).isEqualTo(0xfe);
    assertThat(in.u16()).isEqualTo(0xfedc);
    assertThat(in.u64()).isEqualTo(0xfedcba9876543210L);
    assertThat(in.varint(300)).isEqualTo(300);
    assertThat(in.lengthPrefixed(2)).containsExactly(1, 2);
    assertThat(in.remaining()).isEqualTo(2);
    assertThat(in.rest()).containsExactly(3, 4);
    assertThat(in.hasRemaining()).isFalse();
    in.expectEnd();
  }

  @Test
  void nothingIsReadBeyondTheEndOfTheSlice() {
    byte[] source = new byte[16];
    assertThat(new ByteReader(source, 4, 8).u64()).isZero();
    assertMalformed(new ByteReader(source, 4, 7)::u64);
    assertMalformed(new ByteReader(source, 4, 1)::u16);
    assertMalformed(new ByteReader(source, 4, 0)::u8);
    assertMalformed(() -> new ByteReader(source, 4, 3).bytes(4));
    assertMalformed(() -> new ByteReader(source, 4, 3).bytes(-1));
    assertMalformed(() -> new ByteReader(source, 4, 3).bytes(Integer.MAX_VALUE));
    assertMalformed(() -> new ByteReader(source, 4, 3).expectEnd());
  }

  @Test
  void lengthIsJudgedBeforeAnythingIsAllocated() {
    byte[] huge = Varint.encode(Integer.MAX_VALUE);
    assertMalformed(() -> new ByteReader(huge).lengthPrefixed(1024));
    assertMalformed(() -> new ByteReader(huge).lengthPrefixed(Integer.MAX_VALUE));
    byte[] beyondInt = Varint.encode(1L << 32);
    assertMalformed(() -> new ByteReader(beyondInt).lengthPrefixed(Integer.MAX_VALUE));
  }

  @Test
  void sliceMustLieWithinItsArray() {
    assertThatThrownBy(() -> new ByteReader(new byte[4], 2, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> new ByteReader(new byte[4], 2, Integer.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static void assertMalformed(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(MalformedInput.class);
  }
}
