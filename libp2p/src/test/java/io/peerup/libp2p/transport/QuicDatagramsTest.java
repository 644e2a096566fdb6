package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.peerup.libp2p.DatagramCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuicDatagramsTest {

  private final MemoryLoop loop = new MemoryLoop();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Line line = new Line();
  private final QuicDatagrams datagrams = new QuicDatagrams(channel, loop, line);
  private final List<byte[]> got = new ArrayList<>();

  private static final class Line implements QuicDatagrams.Line {
    private int bytesMax = 1200;
    private int held;
    private int carried;
    private boolean open = true;

    @Override
    public int bytesMax() {
      return bytesMax;
    }

    @Override
    public void holds(int bytes) {
      held += bytes;
    }

    @Override
    public void carried(int bytes) {
      carried += bytes;
    }

    @Override
    public boolean isOpen() {
      return open;
    }
  }

  @AfterEach
  void release() {
    channel.finishAndReleaseAll();
  }

  private void receive(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    datagrams.received(Unpooled.wrappedBuffer(array));
  }

  private QuicDatagrams.Beside listening(long streamId) {
    QuicDatagrams.Beside beside = datagrams.beside(streamId);
    beside.receive(got::add);
    loop.quiet();
    return beside;
  }

  private List<byte[]> written() {
    loop.advance(Duration.ZERO);
    List<byte[]> out = new ArrayList<>();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      byte[] bytes = new byte[each.readableBytes()];
      each.readBytes(bytes);
      each.release();
      out.add(bytes);
    }
    return out;
  }

  // ------------------------------------------------------------------------------------- receiving

  @Test
  void aDatagramGoesToTheReceiverOfItsStreamAndToNobodyElse() {
    List<byte[]> others = new ArrayList<>();
    QuicDatagrams.Beside other = datagrams.beside(0);
    other.receive(others::add);
    QuicDatagrams.Beside _ = listening(4);
    receive(5, 10, 11);
    receive(1, 12);
    assertThat(got).containsExactly(new byte[] {10, 11});
    assertThat(others).containsExactly(new byte[] {12});
    assertThat(datagrams.counts()).isEqualTo(new DatagramCounts(0, 2, 0, 0));
    assertThat(line.carried).isEqualTo(5);
  }

  @Test
  void whatComesForNoStreamThatTakesItIsDroppedAndCounted() {
    QuicDatagrams.Beside ended = listening(4);
    QuicDatagrams.Beside _ = datagrams.beside(8); // nobody listens
    ended.end();
    loop.advance(QuicLimits.LATE_DATAGRAMS);
    for (int number : new int[] {5, 9, 1, 2, 127}) {
      receive(number, 1, 2, 3);
    }
    receive(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1);
    assertThat(got).isEmpty();
    assertThat(datagrams.counts().unclaimed()).isEqualTo(6);
    assertThat(line.carried).as("of use to nobody").isZero();
  }

  @Test
  void whatWasOnItsWayWhenAStreamEndedIsNoFaultOfThePeerForAWhile() {
    listening(4).end();
    receive(5, 1, 2);
    assertThat(got).isEmpty();
    assertThat(line.carried).isEqualTo(3);
    loop.advance(QuicLimits.LATE_DATAGRAMS);
    receive(5, 1, 2);
    assertThat(line.carried).isEqualTo(3);
    assertThat(datagrams.counts().unclaimed()).isEqualTo(2);
  }

  @Test
  void onlyTheStreamsThatEndedLastAreRemembered() {
    for (int i = 0; i <= QuicLimits.LATE_STREAMS_MAX; i++) {
      listening(4L * i).end();
    }
    receive(1, 1);
    assertThat(line.carried).as("of the one that ended first").isZero();
    receive(5, 1);
    assertThat(line.carried).isEqualTo(2);
    datagrams.beside(4 * 1000).end(); // it took none
    receive(0xa1, 0x1f, 1);
    assertThat(line.carried).isEqualTo(2);
  }

  @Test
  void whoAsksAfterTheEndOfTheStreamGetsNothing() {
    QuicDatagrams.Beside beside = datagrams.beside(4);
    beside.receive(got::add);
    beside.end();
    loop.quiet();
    receive(5, 1);
    assertThat(got).isEmpty();
    assertThat(datagrams.counts().unclaimed()).isEqualTo(1);
  }

  @Test
  void onceTheConnectionIsBeingClosedNothingIsDeliveredAnyMore() {
    QuicDatagrams.Beside beside = listening(4);
    line.open = false;
    receive(5, 1);
    datagrams.end();
    line.open = true;
    receive(5, 1);
    beside.receive(got::add);
    loop.quiet();
    receive(5, 1);
    assertThat(got).isEmpty();
    assertThat(datagrams.counts()).isEqualTo(new DatagramCounts(0, 0, 3, 0));
  }

  @Test
  void aDatagramMayBeEmptyAndOneWithoutANumberIsNobodys() {
    QuicDatagrams.Beside _ = listening(0);
    receive(1);
    assertThat(got).containsExactly(new byte[0]);
    receive(); // no number
    receive(0x81); // half of one
    receive(0x81, 0); // 1, but not in its shortest form
    receive(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1); // of ten bytes
    assertThat(got).hasSize(1);
    assertThat(datagrams.counts().unclaimed()).isEqualTo(4);
  }

  @Test
  void keepAlivesAreNobodysAndNotCounted() {
    QuicDatagrams.Beside _ = listening(0);
    receive(0);
    receive(0, 1, 2, 3);
    assertThat(got).isEmpty();
    assertThat(datagrams.counts()).isEqualTo(DatagramCounts.NONE);
  }

  // --------------------------------------------------------------------------------------- sending

  @Test
  void whatIsSentSaysItsStreamAndReadsAsItWas() {
    for (long id : new long[] {0, 1, 125, 126, 127, 16_382, 16_383, (1L << 62) - 1}) {
      assertThat(datagrams.beside(id).send(new byte[] {42})).isTrue();
      ByteBuf whole = Unpooled.wrappedBuffer(written().getFirst());
      assertThat(whole.readableBytes()).isEqualTo(DatagramHeader.bytes(id + 1) + 1);
      assertThat(DatagramHeader.isKeepAlive(whole)).isFalse();
      assertThat(DatagramHeader.read(whole)).isEqualTo(DatagramHeader.number(id));
      assertThat(whole.readByte()).isEqualTo((byte) 42);
    }
    assertThat(datagrams.beside(0).send(new byte[0])).isTrue();
    assertThat(written()).containsExactly(new byte[] {1});
    assertThat(datagrams.counts().sent()).isEqualTo(9);
    assertThat(line.held).isZero();
  }

  @Test
  void theLongestThatThePathTakesIsSentAndOneByteMoreIsNot() {
    QuicDatagrams.Beside beside = datagrams.beside(200);
    assertThat(beside.bytesMax()).isEqualTo(1198);
    assertThat(beside.send(new byte[1198])).isTrue();
    assertThat(beside.send(new byte[1199])).isFalse();
    assertThat(written()).hasSize(1).first().satisfies(each -> assertThat(each).hasSize(1200));
    assertThat(datagrams.counts()).isEqualTo(new DatagramCounts(1, 0, 0, 1));
  }

  @Test
  void aPathThatTakesMoreOrLessIsNoticed() {
    QuicDatagrams.Beside beside = datagrams.beside(0);
    line.bytesMax = 1400;
    datagrams.measure();
    assertThat(beside.send(new byte[1399])).isTrue();
    line.bytesMax = 1200;
    assertThat(beside.send(new byte[1100])).isTrue();
    assertThat(written()).as("the first has become too long").hasSize(1);
    assertThat(beside.bytesMax()).isEqualTo(1199);
    line.bytesMax = -1;
    datagrams.measure();
    assertThat(beside.bytesMax()).isZero();
    assertThat(datagrams.counts().dropped()).isEqualTo(1);
  }

  @Test
  void asManyWaitForTheLoopAsMayAndNoMoreAndTheRoomComesBack() {
    QuicDatagrams.Beside beside = datagrams.beside(0);
    for (int i = 0; i < QuicLimits.DATAGRAMS_WAITING_MAX; i++) {
      assertThat(beside.send(new byte[99])).isTrue();
    }
    assertThat(beside.send(new byte[99])).isFalse();
    assertThat(datagrams.beside(4).send(new byte[0])).isFalse();
    assertThat(line.held).isEqualTo(QuicLimits.DATAGRAMS_WAITING_MAX * 100);
    assertThat(written()).hasSize(QuicLimits.DATAGRAMS_WAITING_MAX);
    assertThat(line.held).isZero();
    assertThat(beside.send(new byte[99])).isTrue();
    assertThat(written()).hasSize(1);
    assertThat(datagrams.counts().dropped()).isEqualTo(2);
  }

  @Test
  void theEndOfTheConnectionGivesBackWhatWaits() {
    QuicDatagrams.Beside beside = listening(0);
    assertThat(beside.send(new byte[10])).isTrue();
    datagrams.end();
    assertThat(line.held).isZero();
    assertThat(beside.send(new byte[10])).isFalse();
    assertThat(datagrams.beside(4).send(new byte[10])).isFalse();
    assertThat(written()).isEmpty();
  }

  @Test
  void nothingIsSentBesideAStreamThatHasEnded() {
    QuicDatagrams.Beside beside = listening(0);
    beside.end();
    assertThat(beside.send(new byte[10])).isFalse();
    assertThat(written()).isEmpty();
  }
}
