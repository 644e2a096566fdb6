package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsMessageTest {

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @Test
  void aQuestionHasTheBytesOfRfc1035() {
    byte[] question = DnsMessage.question(List.of("ab._x._tcp.local"));
    assertThat(question)
        .isEqualTo(
            hex(
                "0000 0000 0001 0000 0000 0000"
                    + "02 6162 02 5f78 04 5f746370 05 6c6f63616c 00"
                    + "0010 0001"));
    assertThat(DnsMessage.decode(question))
        .isEqualTo(new DnsMessage(false, List.of("ab._x._tcp.local"), List.of()));
  }

  @Test
  void anAnswerHasTheBytesOfRfc1035AndLivesForTenSeconds() {
    byte[] answer = DnsMessage.answer("ab.local", List.of("k=v", ""));
    assertThat(answer)
        .isEqualTo(
            hex(
                "0000 8400 0000 0001 0000 0000"
                    + "02 6162 05 6c6f63616c 00"
                    + "0010 0001 0000000a 0005 03 6b3d76 00"));
    assertThat(DnsMessage.decode(answer))
        .isEqualTo(
            new DnsMessage(
                true, List.of(), List.of(new DnsMessage.Text("ab.local", List.of("k=v", "")))));
  }

  @Test
  void namesAreReadThroughPointersWhateverTheirCaseAndOtherRecordsAreSkipped() {
    byte[] message =
        hex(
            "0000 8400 0001 0001 0001 0001"
                + "01 41 05 4c6f43614c 00 00ff 8001" // ANY A.LoCaL, unicast wanted
                + "c00c 0001 8001 00000078 0004 c0a80107" // an address
                + "01 62 c00e 0010 8001 00000078 0002 01 7a" // TXT b.local
                + "c00c 0010 0003 00000078 0002 01 79"); // TXT of another class
    assertThat(DnsMessage.decode(message))
        .isEqualTo(
            new DnsMessage(
                true, List.of("a.local"), List.of(new DnsMessage.Text("b.local", List.of("z")))));
  }

  @Test
  void aDotWithinALabelDoesNotMakeTwo() {
    byte[] message = hex("0000 0000 0001 0000 0000 0000 07 61 2e 6c6f63616c 00 0010 0001");
    assertThat(DnsMessage.decode(message).questions()).containsExactly("a\\.local");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0000 0000 0001 0000 0000",
        "0000 0000 0001 0000 0000 0000", // no question where one is announced
        "0000 0000 0001 0000 0000 0000 c00c 0010 0001", // points at itself
        "0000 0000 0001 0000 0000 0000 c00e c00c 0010 0001", // points ahead
        "0000 0000 0001 0000 0000 0000 0161 c00c 0010 0001", // around and around
        "0000 0000 0001 0000 0000 0000 4161 00 0010 0001", // a label of an unknown kind
        "0000 0000 0001 0000 0000 0000 0561", // a label that goes on behind the end
        "0000 2000 0000 0000 0000 0000", // another operation
        "0000 8003 0000 0000 0000 0000", // an error
        "0000 8400 0000 0001 0000 0000 00 0010 0001 00000000 0009 0161", // a record too long
        "0000 8400 0000 0001 0000 0000 00 0010 0001 00000000 0002 0261" // a string too long
      })
  void whatIsNoMessageIsRefused(String bytes) {
    assertThatThrownBy(() -> DnsMessage.decode(hex(bytes))).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aMessageOfTheLargestSizeIsReadAndNoLargerOne() {
    byte[] question = DnsMessage.question(List.of("a.local"));
    byte[] largest = ByteBuffer.allocate(Limits.MESSAGE_BYTES_MAX).put(question).array();
    assertThat(DnsMessage.decode(largest).questions()).containsExactly("a.local");
    assertThatThrownBy(() -> DnsMessage.decode(new byte[Limits.MESSAGE_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void asManyRecordsAsTheLimitAreReadAndNotOneMore() {
    assertThat(DnsMessage.decode(questions(Limits.RECORDS_MAX)).questions())
        .hasSize(Limits.RECORDS_MAX);
    assertThatThrownBy(() -> DnsMessage.decode(questions(Limits.RECORDS_MAX + 1)))
        .isInstanceOf(MalformedInput.class);
  }

  private static byte[] questions(int count) {
    ByteBuffer out = ByteBuffer.allocate(12 + 5 * count);
    out.putInt(0).putShort((short) count).putShort((short) 0).putInt(0);
    for (int i = 0; i < count; i++) {
      out.put((byte) 0).putShort((short) 16).putShort((short) 1);
    }
    return out.array();
  }

  @Test
  void aNameOf255BytesIsReadAndNoLongerOne() {
    String most = "a".repeat(63) + "." + "b".repeat(63) + "." + "c".repeat(63) + ".";
    assertThat(DnsMessage.decode(DnsMessage.question(List.of(most + "d".repeat(61)))).questions())
        .containsExactly(most + "d".repeat(61));
    byte[] longer = DnsMessage.question(List.of(most + "d".repeat(62)));
    assertThatThrownBy(() -> DnsMessage.decode(longer)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aStringThatIsTooLongIsNeverSent() {
    assertThat(DnsMessage.answer("a", List.of("x".repeat(Limits.ADDRESS_BYTES_MAX)))).isNotEmpty();
    assertThatThrownBy(
            () -> DnsMessage.answer("a", List.of("x".repeat(Limits.ADDRESS_BYTES_MAX + 1))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyCutAndEveryChangedByteOfAMessageIsReadOrRefused() {
    byte[] whole = Lans.answer("dnsaddr=/ip4/192.168.1.7/tcp/1", "x");
    for (int i = 0; i < whole.length; i++) {
      byte[] cut = java.util.Arrays.copyOf(whole, i);
      assertThatThrownBy(() -> DnsMessage.decode(cut)).isInstanceOf(MalformedInput.class);
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) (1 << bit);
        try {
          assertThat(DnsMessage.decode(changed).texts().size()).isLessThanOrEqualTo(1);
        } catch (MalformedInput e) {
          assertThat(e.getMessage()).isNotBlank();
        }
      }
    }
    assertThat(new String(whole, StandardCharsets.ISO_8859_1)).contains("dnsaddr=");
  }
}
