package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import org.junit.jupiter.api.Test;

class QuicInboxTest {

  private int held;
  private final QuicInbox inbox = new QuicInbox(bytes -> held += bytes);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void keep(int skipped, int... piece) {
    byte[] bytes = new byte[piece.length];
    for (int i = 0; i < piece.length; i++) {
      bytes[i] = (byte) piece[i];
    }
    inbox.keep(Unpooled.wrappedBuffer(bytes), skipped);
  }

  private int take(int max) {
    return inbox.offer((source, offset, length) -> {
      int count = Math.min(max, length);
      out.write(source, offset, count);
      return count;
    });
  }

  @Test
  void whatIsKeptComesOutInOrderHoweverItIsTaken() {
    keep(0, 1, 2, 3);
    assertThat(take(2)).isEqualTo(2);
    keep(0, 4, 5);
    assertThat(inbox.size()).isEqualTo(3);
    assertThat(take(1)).isEqualTo(1);
    assertThat(take(9)).isEqualTo(2);
    assertThat(inbox.isEmpty()).isTrue();
    keep(0, 6);
    assertThat(take(9)).isEqualTo(1);
    assertThat(out.toByteArray()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void theFirstBytesOfAPieceMayBeLeftOut() {
    keep(2, 1, 2, 3, 4);
    assertThat(take(9)).isEqualTo(2);
    assertThat(out.toByteArray()).containsExactly(3, 4);
  }

  @Test
  void whatIsHeldIsAccountedFor() {
    keep(1, 1, 2, 3, 4);
    assertThat(held).isEqualTo(3);
    take(1);
    assertThat(held).isEqualTo(2);
    keep(0, 5);
    assertThat(held).isEqualTo(3);
    inbox.drop();
    assertThat(held).isZero();
    assertThat(inbox.size()).isZero();
    inbox.drop();
    assertThat(held).isZero();
  }
}
