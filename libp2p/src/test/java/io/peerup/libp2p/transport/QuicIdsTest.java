package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.transport.QuicIds.Target;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class QuicIdsTest {

  private static final int INITIAL = 0xC0;
  private static final int HANDSHAKE = 0xE0;
  private static final int SHORT = 0x40;

  private final QuicIds ids = new QuicIds(KeyRandom.secure());

  private Target target(int first, int version, byte[] id, int length) {
    ByteBuf packet = Unpooled.buffer();
    packet.writeByte(first);
    if ((first & 0x80) != 0) {
      packet.writeInt(version).writeByte(id.length);
    }
    packet.writeBytes(id);
    packet.writeZero(Math.max(0, length - packet.readableBytes()));
    return ids.target(packet);
  }

  private static byte[] bytes(ByteBuffer id) {
    byte[] bytes = new byte[id.remaining()];
    id.get(bytes);
    return bytes;
  }

  @Test
  void everyPacketGoesToTheCodecOfItsConnection() {
    for (int i = 0; i < 100; i++) {
      byte[] dialled = ids.dial();
      byte[] given = bytes(ids.newId(QuicLimits.CONNECTION_ID_BYTES));
      assertThat(dialled).hasSize(QuicLimits.CONNECTION_ID_BYTES);
      assertThat(given).hasSize(QuicLimits.CONNECTION_ID_BYTES);
      assertThat(target(SHORT, 0, dialled, 60)).isEqualTo(Target.DIALLED);
      assertThat(target(SHORT, 0, given, 60)).isEqualTo(Target.ACCEPTED);
      assertThat(target(INITIAL, 1, dialled, 60)).isEqualTo(Target.DIALLED);
      assertThat(target(HANDSHAKE, 1, dialled, 60)).isEqualTo(Target.DIALLED);
      assertThat(target(HANDSHAKE, 1, given, 60)).isEqualTo(Target.ACCEPTED);
      ids.forget(dialled);
      // Whoever begins a connection chooses an id of any form.
      assertThat(target(INITIAL, 1, dialled, 1200)).isEqualTo(Target.ACCEPTED);
    }
    assertThat(ids.dialled()).isZero();
  }

  @Test
  void aSmallDatagramBeginsNoConnection() {
    byte[] chosen = new byte[8];
    int least = QuicLimits.INITIAL_BYTES_MIN;
    assertThat(target(INITIAL, 1, chosen, least)).isEqualTo(Target.ACCEPTED);
    assertThat(target(INITIAL, 1, chosen, least - 1)).isEqualTo(Target.DROP);
    // Nor is a version negotiated with one.
    assertThat(target(INITIAL, 0x1a2a3a4a, chosen, least - 1)).isEqualTo(Target.DROP);
    assertThat(target(INITIAL, 0x1a2a3a4a, chosen, least)).isEqualTo(Target.ACCEPTED);
  }

  @Test
  void whatIsNotQuicIsToldApartAndWhatIsCutOffIsDropped() {
    for (int first = 0; first < 64; first++) {
      assertThat(target(first, 0, new byte[20], 100)).isEqualTo(Target.OTHER);
    }
    assertThat(ids.target(Unpooled.EMPTY_BUFFER)).isEqualTo(Target.DROP);
    for (int length = 1; length <= QuicLimits.CONNECTION_ID_BYTES; length++) {
      assertThat(target(SHORT, 0, new byte[0], length)).isEqualTo(Target.DROP);
    }
    for (int length = 1; length <= 5; length++) {
      ByteBuf cut = Unpooled.wrappedBuffer(new byte[] {(byte) INITIAL, 0, 0, 0, 1}, 0, length);
      assertThat(ids.target(cut)).isEqualTo(Target.DROP);
    }
    ByteBuf longer = Unpooled.buffer().writeByte(HANDSHAKE).writeInt(1).writeByte(20).writeZero(19);
    assertThat(ids.target(longer)).isEqualTo(Target.DROP);
    ByteBuf negative =
        Unpooled.buffer().writeByte(HANDSHAKE).writeInt(1).writeByte(0xFF).writeZero(1300);
    assertThat(ids.target(negative)).isEqualTo(Target.DROP);
  }
}
