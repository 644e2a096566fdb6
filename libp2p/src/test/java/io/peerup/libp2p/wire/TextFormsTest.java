package io.peerup.libp2p.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Base58, base36, base32, multibase and IP literals.
class TextFormsTest {

  private final SeededRandom random = SeededRandom.of(TextFormsTest.class);

  /// From the base58 draft (draft-msporny-base58-03, section 5).
  @Test
  void base58MatchesTheDraftsExamples() {
    assertThat(Radix.BASE58.encode("Hello World!".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("2NEpo7TZRRrLZSi2U");
    assertThat(Radix.BASE58.encode(HexFormat.of().parseHex("0000287fb4cd"))).isEqualTo("11233QC4");
    assertThat(Radix.BASE58.decode("11233QC4")).isEqualTo(HexFormat.of().parseHex("0000287fb4cd"));
    assertThat(Radix.BASE58.encode(new byte[0])).isEmpty();
    assertThat(Radix.BASE58.decode("")).isEmpty();
    assertThat(Radix.BASE58.encode(new byte[3])).isEqualTo("111");
    assertThat(Radix.BASE58.decode("111")).isEqualTo(new byte[3]);
  }

  @Test
  void base36AgreesWithTheBigIntegersOfTheJdk() {
    for (int i = 0; i < 500; i++) {
      byte[] value = random.bytes(1 + random.nextInt(40));
      value[0] |= 1;
      String text = Radix.BASE36.encode(value);
      assertThat(text).isEqualTo(new BigInteger(1, value).toString(36));
      assertThat(Radix.BASE36.decode(text)).isEqualTo(value);
    }
  }

  /// RFC 4648 section 10, in lower case and without padding.
  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "f, my",
    "fo, mzxq",
    "foo, mzxw6",
    "foob, mzxw6yq",
    "fooba, mzxw6ytb",
    "foobar, mzxw6ytboi"
  })
  void base32MatchesTheRfc(String plain, String text) {
    byte[] bytes = plain.getBytes(StandardCharsets.UTF_8);
    assertThat(Base32.encode(bytes)).isEqualTo(text);
    assertThat(Base32.decode(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "mz1", "MY", "mz", "mzxw6ytbo", "my=", "mzx"})
  void base32OfImpossibleLengthLettersOrEndIsRefused(String text) {
    assertThatThrownBy(() -> Base32.decode(text)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void everyValueComesBackFromEveryBase() {
    for (int i = 0; i < 2_000; i++) {
      byte[] value = random.bytes(random.nextInt(64));
      if (value.length > 2 && random.nextBoolean()) {
        value[0] = 0;
        value[1] = 0;
      }
      assertThat(Radix.BASE58.decode(Radix.BASE58.encode(value))).isEqualTo(value);
      assertThat(Radix.BASE36.decode(Radix.BASE36.encode(value))).isEqualTo(value);
      assertThat(Base32.decode(Base32.encode(value))).isEqualTo(value);
      assertThat(Multibase.decode("b" + Base32.encode(value))).isEqualTo(value);
      assertThat(Multibase.decode("k" + Radix.BASE36.encode(value))).isEqualTo(value);
      assertThat(Multibase.decode("z" + Radix.BASE58.encode(value))).isEqualTo(value);
      assertThat(Multibase.decode(Multibase.base64Url(value))).isEqualTo(value);
      assertThat(Multibase.decode("f" + HexFormat.of().formatHex(value))).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x00", "uYQ==", "uYR", "uY", "u+/8", "fAB", "fa", "k-", "z0", "zl", "b1", "é"})
  void multibaseTextThatIsNotTheOneFormOfAValueIsRefused(String text) {
    assertThatThrownBy(() -> Multibase.decode(text)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void radixTextAtTheLimitIsReadAndOneLongerIsRefused() {
    assertThat(Radix.BASE58.decode("z".repeat(Radix.CHARS_MAX))).isNotEmpty();
    assertThatThrownBy(() -> Radix.BASE58.decode("z".repeat(Radix.CHARS_MAX + 1)))
        .isInstanceOf(MalformedInput.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.-4",
        "1.2.3.+4",
        "01.2.3.4",
        "1.2.3.04",
        "1.2.3.4 ",
        "1..3.4",
        "0x1.2.3.4",
        "1.2.3.١",
        "127.1",
        "2130706433",
        "1.2.3.4.",
        "1.2.3.1234"
      })
  void onlyFourPlainNumbersAreAnIpv4Address(String text) {
    assertThatThrownBy(() -> IpLiteral.parse4(text)).isInstanceOf(MalformedInput.class);
  }

  @ParameterizedTest
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "2001:DB8::0001, 2001:db8::1",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
    "::ffff:1.2.3.4, ::ffff:1.2.3.4",
    "::ffff:102:304, ::ffff:1.2.3.4",
    "64:ff9b::192.0.2.1, 64:ff9b::c000:201",
    "fe80::0, fe80::"
  })
  void ipv6AddressIsWrittenAsRfc5952Says(String text, String canonical) {
    byte[] bytes = IpLiteral.parse6(text);
    assertThat(IpLiteral.format(bytes)).isEqualTo(canonical);
    assertThat(IpLiteral.parse6(canonical)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        ":::",
        "::1::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "g::",
        ":1::",
        "::1:",
        "1:",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "fe80::1%eth0",
        "[::1]",
        "1.2.3.4",
        "1.2.3.4::",
        "::1.2.3",
        "::1.2.3.4:1",
        "1:2:3:4:5:6:7:1.2.3.4",
        "::١",
        "::-1"
      })
  void otherTextIsNoIpv6Address(String text) {
    assertThatThrownBy(() -> IpLiteral.parse6(text)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void everyAddressComesBackAndMeansTheSameToTheJdk() throws UnknownHostException {
    for (int i = 0; i < 2_000; i++) {
      byte[] v6 = random.bytes(16);
      int from = random.nextInt(16);
      Arrays.fill(v6, from, from + random.nextInt(17 - from), (byte) 0);
      String text = IpLiteral.format(v6);
      assertThat(IpLiteral.parse6(text)).isEqualTo(v6);
      // A literal: the JDK asks no name server either.
      assertThat(InetAddress.getByName(text)).isEqualTo(InetAddress.getByAddress(v6));
      byte[] v4 = random.bytes(4);
      assertThat(IpLiteral.parse4(IpLiteral.format(v4))).isEqualTo(v4);
    }
  }
}
