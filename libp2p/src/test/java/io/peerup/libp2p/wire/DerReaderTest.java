package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.math.BigInteger;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DerReaderTest {

  @Test
  void elementsAreReadInOrder() {
    DerReader in =
        read("3016" + "020200ff" + "0402aabb" + "030200cc" + "06012a" + "0500" + "a003020105");
    assertThat(in.integer()).isEqualTo(BigInteger.valueOf(255));
    assertThat(in.octetString()).isEqualTo(HexFormat.of().parseHex("aabb"));
    assertThat(in.bitString()).isEqualTo(HexFormat.of().parseHex("cc"));
    assertThat(in.objectIdentifier()).containsExactly(0x2a);
    in.nothing();
    assertThat(in.optionalContext(1)).isNull();
    DerReader context = in.optionalContext(0);
    assertThat(context).isNotNull();
    assertThat(context.smallInteger()).isEqualTo(5);
    in.expectEnd();
    assertThat(in.optionalContext(0)).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        "30", // no length
        "3001", // no content
        "300202", // cut
        "3000" + "00", // bytes behind
        "3080" + "0000", // indefinite
        "308101" + "05", // length not minimal
        "30820003" + "020105", // length not minimal
        "3083000003" + "020105", // length of three bytes
        "30ff", // reserved length
        "3103020105", // a set
        "30020200", // empty integer
        "3003" + "0201ff", // negative
        "3004" + "02020005", // integer not minimal
        "3003" + "020205", // element longer than its parent
        "3003" + "040105", // not an integer
        "3004" + "02020080" // version of 128
      })
  void whatIsNotDerOrNotASmallIntegerIsRefused(String hex) {
    assertThatThrownBy(
            () -> {
              DerReader in = read(hex);
              in.smallInteger();
            })
        .isInstanceOf(MalformedInput.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"30020300", "3003030101", "3004030201ff"})
  void bitStringThatIsNotMadeOfBytesIsRefused(String hex) {
    assertThatThrownBy(() -> read(hex).bitString()).isInstanceOf(MalformedInput.class);
  }

  private static DerReader read(String hex) {
    return DerReader.ofSequence(HexFormat.of().parseHex(hex));
  }
}
