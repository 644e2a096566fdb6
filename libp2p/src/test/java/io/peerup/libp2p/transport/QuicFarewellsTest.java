package io.peerup.libp2p.transport;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.peerup.libp2p.KeyRandom;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class QuicFarewellsTest {

  private static final int LONG_HEADER = 0xE0;
  private static final int SHORT_HEADER = 0x40;
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4001);
  private static final ByteBuffer GOODBYE = ByteBuffer.wrap(new byte[60]);

  private final QuicFarewells farewells = new QuicFarewells();
  private final QuicIds ids = new QuicIds(KeyRandom.secure());

  private static ByteBuf packet(int first, ByteBuffer id, int length) {
    ByteBuf packet = Unpooled.buffer().writeByte(first);
    if (first == LONG_HEADER) {
      packet.writeInt(1).writeByte(id.remaining());
    }
    packet.writeBytes(id.duplicate());
    return packet.writeZero(Math.max(0, length - packet.readableBytes()));
  }

  private ByteBuffer ended() {
    ByteBuffer id = ids.newId(QuicLimits.CONNECTION_ID_BYTES);
    farewells.add(id, GOODBYE, PEER, 0);
    return id;
  }

  private boolean saysGoodbye(ByteBuf packet, long nowNanos) {
    return requireNonNull(farewells.answer(packet, nowNanos)).packet().hasRemaining();
  }

  @Test
  void whoeverGoesOnIsToldAgainWhereTheConnectionWent() {
    ByteBuffer id = ended();
    for (int header : new int[] {LONG_HEADER, SHORT_HEADER}) {
      assertThat(farewells.answer(packet(header, id, 100), 1)).isNotNull();
    }
    assertThat(requireNonNull(farewells.answer(packet(SHORT_HEADER, id, 100), 1)).to())
        .isEqualTo(PEER);
  }

  @Test
  void packetsOfOtherConnectionsPass() {
    assertThat(farewells.answer(packet(SHORT_HEADER, ids.newId(20), 100), 1)).isNull();
    ByteBuffer id = ended();
    assertThat(farewells.answer(packet(SHORT_HEADER, ids.newId(20), 100), 1)).isNull();
    assertThat(farewells.answer(packet(LONG_HEADER, ids.newId(8), 1200), 1)).isNull();
    for (int length = 0; length < 21; length++) {
      ByteBuf cut = packet(SHORT_HEADER, id, 100).slice(0, length);
      assertThat(farewells.answer(cut, 1)).isNull();
    }
    for (int length = 0; length < 26; length++) {
      ByteBuf cut = packet(LONG_HEADER, id, 100).slice(0, length);
      assertThat(farewells.answer(cut, 1)).isNull();
    }
  }

  /// Two sides that both ended would else answer each other for ever.
  @Test
  void answersBecomeRare() {
    ByteBuffer id = ended();
    int answers = 0;
    for (int i = 0; i < 1024; i++) {
      answers += saysGoodbye(packet(SHORT_HEADER, id, 100), 1) ? 1 : 0;
    }
    assertThat(answers).isEqualTo(11);
  }

  @Test
  void anAnswerIsAtMostThreeTimesTheQuestion() {
    assertThat(saysGoodbye(packet(SHORT_HEADER, ended(), 21), 1)).isTrue();
    farewells.add(ids.newId(20), GOODBYE, PEER, 0);
    ByteBuffer id = ids.newId(20);
    farewells.add(id, ByteBuffer.wrap(new byte[3 * 21 + 1]), PEER, 0);
    assertThat(saysGoodbye(packet(SHORT_HEADER, id, 21), 1)).isFalse();
  }

  @Test
  void theyAreForgottenAfterATimeAndTheOldestWhereThereAreMany() {
    ByteBuffer id = ended();
    long kept = QuicFarewells.KEPT.toNanos();
    assertThat(farewells.answer(packet(SHORT_HEADER, id, 100), kept - 1)).isNotNull();
    assertThat(farewells.answer(packet(SHORT_HEADER, id, 100), kept)).isNull();
    assertThat(farewells.size()).isZero();

    ByteBuffer oldest = ended();
    ByteBuffer next = ended();
    for (int i = 2; i <= QuicFarewells.MAX; i++) {
      ended();
    }
    assertThat(farewells.size()).isEqualTo(QuicFarewells.MAX);
    assertThat(farewells.answer(packet(SHORT_HEADER, oldest, 100), 1)).isNull();
    assertThat(farewells.answer(packet(SHORT_HEADER, next, 100), 1)).isNotNull();
  }

  @Test
  void longOnesAreNotKept() {
    ByteBuffer id = ids.newId(QuicLimits.CONNECTION_ID_BYTES);
    farewells.add(id, ByteBuffer.allocate(QuicFarewells.BYTES_MAX + 1), PEER, 0);
    assertThat(farewells.size()).isZero();
    farewells.add(id, ByteBuffer.allocate(QuicFarewells.BYTES_MAX), PEER, 0);
    assertThat(farewells.size()).isOne();
  }
}
