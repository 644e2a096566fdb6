package io.peerup.pairing.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.rendezvous.RendezvousMessages.Close;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.RendezvousMessages.Open;
import io.peerup.pairing.rendezvous.RendezvousMessages.Opened;
import io.peerup.pairing.rendezvous.RendezvousMessages.Request;
import io.peerup.pairing.rendezvous.RendezvousMessages.Vouch;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RendezvousMessagesTest {

  private static final Selector TYPED = Selector.ofText(Selector.TYPED, "EJWJ7KQ");
  private static final Selector SPOKEN = Selector.ofText(Selector.SPOKEN, "4711");
  private static final Selector FULL = Selector.of(Selector.FULL, new byte[16]);
  private static final List<Request> REQUESTS =
      List.of(
          new Open(Optional.of(TYPED), Duration.ofMinutes(10)),
          new Open(Optional.empty(), Duration.ofSeconds(0xffff_ffffL >> 1)),
          new Open(Optional.of(SPOKEN), Duration.ZERO),
          new Find(TYPED),
          new Find(FULL),
          new Close(SPOKEN),
          new Vouch(PrivateKey.ofEd25519Seed(new byte[32]).peerId()));

  @Test
  void requestsHaveTheirPublishedBytes() {
    assertThat(hex(RendezvousMessages.encode(REQUESTS.get(0))))
        .isEqualTo("0101" + "02" + "07" + "454a574a374b51" + "00000258");
    assertThat(hex(RendezvousMessages.encode(new Open(Optional.empty(), Duration.ofHours(1)))))
        .isEqualTo("0101" + "01" + "00" + "00000e10");
    assertThat(hex(RendezvousMessages.encode(new Find(SPOKEN)))).isEqualTo("010201" + "0434373131");
    assertThat(hex(RendezvousMessages.encode(new Close(TYPED))))
        .isEqualTo("010302" + "07454a574a374b51");
    PeerId peer = PrivateKey.ofEd25519Seed(new byte[32]).peerId();
    assertThat(hex(RendezvousMessages.encode(new Vouch(peer))))
        .isEqualTo("0104" + "26" + hex(peer.bytes()));
    assertThat(RendezvousMessages.failed())
        .isEqualTo("\1\0pairing failed".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void requestsComeBackAsTheyWere() {
    for (Request request : REQUESTS) {
      assertThat(RendezvousMessages.decodeRequest(RendezvousMessages.encode(request)))
          .isEqualTo(request);
    }
  }

  @Test
  void answersComeBackAsTheyWere() {
    Opened opened = new Opened(SPOKEN, Instant.ofEpochSecond(1_800_000_000));
    assertThat(RendezvousMessages.decodeOpened(RendezvousMessages.encode(opened), Selector.SPOKEN))
        .contains(opened);
    PeerId inviter = PeerId.of(PrivateKey.ofEd25519Seed(new byte[32]).publicKey());
    assertThat(RendezvousMessages.decodeFound(RendezvousMessages.encodeFound(inviter)))
        .contains(inviter);
    assertThat(RendezvousMessages.decodeDone(RendezvousMessages.encodeDone())).isTrue();
    byte[] failed = RendezvousMessages.failed();
    assertThat(RendezvousMessages.decodeOpened(failed, Selector.TYPED)).isEmpty();
    assertThat(RendezvousMessages.decodeFound(failed)).isEmpty();
    assertThat(RendezvousMessages.decodeDone(failed)).isFalse();
  }

  @Test
  void everyTruncationAndEveryTrailingByteIsRefused() {
    for (Request request : REQUESTS) {
      byte[] whole = RendezvousMessages.encode(request);
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> RendezvousMessages.decodeRequest(cut))
            .as("%s cut to %d", request, length)
            .isInstanceOf(MalformedInput.class);
      }
      assertThatThrownBy(
              () -> RendezvousMessages.decodeRequest(Arrays.copyOf(whole, whole.length + 1)))
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void selectorsThatNoCodeHasAreRefused() {
    for (String digits : List.of("0999", "999", "100000", "12a4", "")) {
      assertThatThrownBy(() -> Selector.ofText(Selector.SPOKEN, digits))
          .as(digits)
          .isInstanceOf(MalformedInput.class);
    }
    for (int length : new int[] {0, 6, 8, 16}) {
      assertThatThrownBy(() -> Selector.of(Selector.TYPED, new byte[length]))
          .isInstanceOf(MalformedInput.class);
    }
    for (int kind : new int[] {0, 3, 4, 6, 255}) {
      assertThatThrownBy(() -> Selector.of(kind, new byte[7])).isInstanceOf(MalformedInput.class);
    }
    assertThat(Selector.ofText(Selector.SPOKEN, "1000").bytes()).hasSize(4);
    assertThat(Selector.ofText(Selector.SPOKEN, "99999").bytes()).hasSize(5);
  }

  @Test
  void aFrameOfOneByteMoreThanTheLimitIsRefused() {
    assertThatThrownBy(() -> RendezvousMessages.decodeRequest(new byte[Limits.FRAME_BYTES_MAX + 1]))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("above the limit");
  }

  @Test
  void aLogShowsTwoBytesOfASelectorAndNoMore() {
    assertThat(TYPED).hasToString("2:454a…");
    assertThat(new Find(TYPED).toString()).doesNotContain("574a374b51").doesNotContain("EJWJ7KQ");
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
