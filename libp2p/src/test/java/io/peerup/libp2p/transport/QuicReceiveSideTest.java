package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/// quiche is a queue of pieces here: the number of bytes in each, or the peer's FIN.
class QuicReceiveSideTest {

  private static final int FIN = -1;

  private final MemoryLoop loop = new MemoryLoop();
  private final Deque<Integer> quiche = new ArrayDeque<>();
  private final List<String> told = new ArrayList<>();
  private final QuicReceiveSide side = new QuicReceiveSide(loop, new Line());
  private int asked;
  private int held;
  private int lentAtMost;

  private final class Line implements QuicReceiveSide.Line {

    @Override
    public void read() {
      asked++;
      Integer next = quiche.poll();
      if (next != null && next == FIN) {
        side.remoteClosed();
      } else if (next != null) {
        arrive(next);
      }
    }

    @Override
    public int lend(ByteBuf piece) {
      int taken = Math.min(lentAtMost, piece.readableBytes());
      told.add("lent " + taken);
      return taken;
    }

    @Override
    public void holds(int bytes) {
      held += bytes;
    }

    @Override
    public void readable() {
      told.add("readable");
    }

    @Override
    public void remoteClosed() {
      told.add("closed");
    }

    @Override
    public void tellAgain() {
      told.add("again");
    }
  }

  private void arrive(int bytes) {
    ByteBuf piece = Unpooled.wrappedBuffer(new byte[bytes]);
    side.arrived(piece);
    piece.release();
  }

  private int drain(int max) {
    int[] room = {max};
    return side.drain((_, _, length) -> {
      int count = Math.min(room[0], length);
      room[0] -= count;
      return count;
    });
  }

  @Test
  void whatTheListenerTakesAtOnceIsNotKept() {
    lentAtMost = 100;
    arrive(100);
    assertThat(told).containsExactly("lent 100");
    assertThat(held).isZero();
    assertThat(side.wantsMore()).isTrue();
  }

  @Test
  void whatItLeavesIsKeptAndNoOtherPieceIsAskedForBeforeItIsTaken() {
    lentAtMost = 40;
    arrive(100);
    assertThat(told).containsExactly("lent 40", "readable");
    assertThat(held).isEqualTo(60);
    assertThat(side.wantsMore()).isFalse();
    assertThat(drain(59)).isEqualTo(59);
    assertThat(asked).isZero();
    assertThat(held).isEqualTo(1);
  }

  /// Else it would overtake them.
  @Test
  void aPieceIsNotLentBehindBytesThatAreKept() {
    arrive(10);
    told.clear();
    lentAtMost = 100;
    arrive(5);
    assertThat(told).containsExactly("readable");
    assertThat(side.size()).isEqualTo(15);
  }

  @Test
  void drainingGoesOnWhilePiecesComeAndAsksForTheNext() {
    quiche.addAll(List.of(10, 20, 30));
    assertThat(drain(1000)).isEqualTo(60);
    assertThat(asked).isEqualTo(4);
    assertThat(told).isEmpty();
    assertThat(held).isZero();
  }

  @Test
  void drainingStopsWhereTheReaderIsFull() {
    quiche.addAll(List.of(10, 20, 30));
    assertThat(drain(25)).isEqualTo(25);
    assertThat(held).isEqualTo(5);
    assertThat(quiche).containsExactly(30);
  }

  @Test
  void anEndThatComesWhileTheReaderTakesIsToldInALaterTurn() {
    quiche.addAll(List.of(10, FIN));
    assertThat(drain(1000)).isEqualTo(10);
    assertThat(side.isRemoteClosed()).isTrue();
    assertThat(told).isEmpty();
    loop.quiet();
    assertThat(told).containsExactly("again");
    assertThat(side.wantsMore()).isFalse();
    drain(1000);
    assertThat(asked).isEqualTo(2);
  }

  @Test
  void whatElseHappensMeanwhileIsPutOffToo() {
    assertThat(side.putsOff()).isFalse();
    arrive(1);
    side.drain((_, _, _) -> {
      assertThat(side.putsOff()).isTrue();
      return 1;
    });
    loop.quiet();
    assertThat(told.getLast()).isEqualTo("again");
  }

  @Test
  void anEndIsToldAtOnceOtherwise() {
    side.remoteClosed();
    assertThat(told).containsExactly("closed");
    loop.quiet();
    assertThat(told).containsExactly("closed");
  }

  @Test
  void nothingIsReadDuringAPauseAndThenItGoesOn() {
    side.pause();
    assertThat(side.wantsMore()).isFalse();
    assertThat(drain(1000)).isZero();
    assertThat(asked).isZero();
    quiche.add(10);
    side.resume();
    assertThat(asked).isEqualTo(1);
    assertThat(told).containsExactly("readable", "lent 0", "readable");
    assertThat(held).isEqualTo(10);
  }

  @Test
  void whatWasThereBeforeAPauseMayBeTakenAndIsTakenBeforeMoreIsRead() {
    arrive(10);
    side.pause();
    assertThat(drain(4)).isEqualTo(4);
    side.resume();
    assertThat(asked).isZero();
  }

  @Test
  void whoReadsNoMoreHoldsNothing() {
    arrive(10);
    side.close();
    assertThat(held).isZero();
    told.clear();
    arrive(10);
    side.pause();
    side.resume();
    assertThat(drain(1000)).isZero();
    assertThat(held).isZero();
    assertThat(told).isEmpty();
    assertThat(asked).isZero();
  }

  @Test
  void theRestIsTakenToItsEndAlsoInAPauseAndTheEndIsToldOnce() {
    quiche.addAll(List.of(10, 20, FIN));
    arrive(5);
    side.pause();
    told.clear();
    side.takeRest();
    assertThat(side.size()).isEqualTo(35);
    assertThat(held).isEqualTo(35);
    assertThat(told).containsExactly("closed");
    side.takeRest();
    assertThat(drain(1000)).isEqualTo(35);
    loop.quiet();
    assertThat(told).containsExactly("closed");
  }

  @Test
  void theRestMayBeIncomplete() {
    quiche.addAll(List.of(10, 20));
    side.takeRest();
    assertThat(side.size()).isEqualTo(30);
    assertThat(told).isEmpty();
  }

  @Test
  void afterTheEndOnlyWhatIsHereIsTaken() {
    arrive(10);
    side.end();
    quiche.add(20);
    told.clear();
    arrive(20);
    side.takeRest();
    assertThat(drain(1000)).isEqualTo(10);
    arrive(20);
    assertThat(asked).isZero();
    assertThat(told).isEmpty();
    assertThat(held).isZero();
  }
}
