package io.peerup.pairing.mailbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.pairing.mailbox.MailboxMessages.Delete;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.mailbox.MailboxMessages.Fetch;
import io.peerup.pairing.mailbox.MailboxMessages.Grant;
import io.peerup.pairing.mailbox.MailboxMessages.Request;
import io.peerup.pairing.mailbox.MailboxMessages.Revoke;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class MailboxMessagesTest {

  static final List<Request> REQUESTS =
      List.of(
          new Grant(Post.hash(1), 16, Duration.ofDays(30)),
          new Revoke(Post.hash(1)),
          Post.deposit(1, "drop"),
          Post.deposit(1, "drop", 2),
          new Fetch(-1, 15),
          new Delete(List.of(1L, -1L)));

  @Test
  void requestsHaveTheirPublishedBytes() {
    String hash = "d7e7d16b2dd9a5eb1bb4cf9ba7e9e0eb4ea2e1d4f5a7bd0e1a6dbf7ae2b0f1c3";
    CapabilityHash any = new CapabilityHash(hash);
    assertThat(hex(new Grant(any, 16, Duration.ofDays(30))))
        .isEqualTo("0101" + hash + "10" + "00278d00");
    assertThat(hex(new Revoke(any))).isEqualTo("0102" + hash);
    String capability = "0107".substring(0, 2) + "00" + "07".repeat(30);
    assertThat(hex(Post.deposit(1, "drop")))
        .isEqualTo("0103" + capability + "04" + "64726f70" + "00");
    assertThat(hex(new Fetch(0x0102, 15))).isEqualTo("0104" + "0000000000000102" + "0f");
    assertThat(hex(new Delete(List.of(1L)))).isEqualTo("0105" + "01" + "0000000000000001");
    assertThat(MailboxMessages.failed())
        .isEqualTo("\1\0mailbox failed".getBytes(StandardCharsets.US_ASCII));
    assertThat(MailboxMessages.done()).containsExactly(1, 1);
    assertThat(MailboxMessages.notice()).containsExactly(1, 1);
  }

  @Test
  void requestsComeBackAsTheyWere() {
    for (Request request : REQUESTS) {
      byte[] encoded = MailboxMessages.encode(request);
      assertThat(MailboxMessages.encode(MailboxMessages.decodeRequest(encoded))).isEqualTo(encoded);
    }
  }

  @Test
  void answersComeBackAsTheyWere() {
    Instant end = Instant.ofEpochSecond(1_800_000_000);
    assertThat(MailboxMessages.decodeGranted(MailboxMessages.encodeGranted(end))).contains(end);
    Mail mail = new Mail(-7, new byte[] {1, 2});
    List<Mail> read =
        MailboxMessages.decodeFetched(MailboxMessages.encodeFetched(List.of(mail))).orElseThrow();
    assertThat(read).singleElement().isEqualTo(new Mail(-7, read.getFirst().message()));
    assertThat(read.getFirst().message()).containsExactly(1, 2);
    assertThat(MailboxMessages.decodeDone(MailboxMessages.done())).isTrue();
    byte[] failed = MailboxMessages.failed();
    assertThat(MailboxMessages.decodeGranted(failed)).isEmpty();
    assertThat(MailboxMessages.decodeFetched(failed)).isEmpty();
    assertThat(MailboxMessages.decodeDone(failed)).isFalse();
  }

  @Test
  void theLargestAnswerFitsItsFrame() {
    List<Mail> most =
        Collections.nCopies(Limits.FETCH_MAX, new Mail(1, new byte[Limits.MESSAGE_BYTES_MAX]));
    byte[] answer = MailboxMessages.encodeFetched(most);
    assertThat(answer.length).isLessThanOrEqualTo(Limits.ANSWER_BYTES_MAX);
    assertThat(MailboxMessages.decodeFetched(answer).orElseThrow()).hasSize(Limits.FETCH_MAX);
  }

  @Test
  void everyTruncationAndEveryTrailingByteIsRefused() {
    for (Request request : REQUESTS) {
      byte[] whole = MailboxMessages.encode(request);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> MailboxMessages.decodeRequest(cut))
            .as("%s cut to %d", request, length)
            .isInstanceOf(MalformedInput.class);
      }
      assertThatThrownBy(
              () -> MailboxMessages.decodeRequest(Arrays.copyOf(whole, whole.length + 1)))
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void partsOutOfBoundsAreRefused() {
    byte[] grant = MailboxMessages.encode(new Grant(Post.hash(1), 16, Duration.ofDays(1)));
    byte[] fetch = MailboxMessages.encode(new Fetch(0, 15));
    for (int count : new int[] {0, 17, 255}) {
      grant[34] = (byte) count;
      fetch[10] = (byte) count;
      for (byte[] wrong : new byte[][] {grant, fetch}) {
        assertThatThrownBy(() -> MailboxMessages.decodeRequest(wrong))
            .isInstanceOf(MalformedInput.class);
      }
    }
    assertThatThrownBy(() -> Post.deposit(1, "")).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> Post.deposit(1, new byte[Limits.MESSAGE_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> new Delete(Collections.nCopies(65, 1L)))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> MailboxMessages.decodeRequest(new byte[Limits.FRAME_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("above the limit");
    assertThatThrownBy(() -> CapabilityHash.of(new byte[31])).isInstanceOf(MalformedInput.class);
    byte[] largest = MailboxMessages.encode(Post.deposit(1, new byte[Limits.MESSAGE_BYTES_MAX]));
    assertThat(MailboxMessages.decodeRequest(largest)).isInstanceOf(Deposit.class);
  }

  @Test
  void aLogShowsNoCapability() {
    assertThat(Post.deposit(1, "drop", 2).toString()).isEqualTo("Deposit[4 bytes]");
    assertThat(Post.hash(1).toString()).hasSize(9);
  }

  private static String hex(Request request) {
    return HexFormat.of().formatHex(MailboxMessages.encode(request));
  }
}
