package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.peerup.libp2p.StreamReset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuicSendSideTest {

  private static final Duration RETRY = Duration.ofMillis(5);
  private static final int PIECE = QuicLimits.WRITE_BYTES_MAX;

  private final MemoryLoop loop = new MemoryLoop();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
  private final List<String> done = new ArrayList<>();
  private final List<ByteBuf> pieces = new ArrayList<>();
  private final QuicSendSide side = side(/* known= */ true);

  /// quiche has room.
  private boolean credit = true;

  private boolean takesFin = true;
  private boolean gone;
  private int written;
  private int held;

  /// What Netty has not given to quiche.
  private @Nullable ChannelPromise late;

  private @Nullable Runnable settling;

  private final class Line implements QuicSendSide.Line {

    @Override
    public ChannelFuture give(ByteBuf piece, boolean fin) {
      done.add((fin ? "last " : "give ") + piece.readableBytes());
      pieces.add(piece);
      ChannelPromise promise = channel.newPromise();
      if (credit) {
        return promise.setSuccess();
      }
      if (late == null) {
        late = promise;
      }
      return promise;
    }

    @Override
    public boolean giveFin() {
      done.add("fin");
      return takesFin;
    }

    @Override
    public boolean isGone() {
      return gone;
    }

    @Override
    public void whenSettled(Runnable task) {
      done.add("settle");
      settling = task;
    }

    @Override
    public void wrote(int bytes) {
      written += bytes;
    }

    @Override
    public void holds(int bytes) {
      held += bytes;
    }

    @Override
    public void writable() {
      done.add("writable");
    }

    @Override
    public void stopped(StreamReset why) {
      done.add("stopped");
    }

    @Override
    public void finSent(boolean alone) {
      done.add(alone ? "fin sent alone" : "fin sent");
    }
  }

  private QuicSendSide side(boolean known) {
    return new QuicSendSide(loop, memory, new Line(), known);
  }

  @AfterEach
  void release() {
    pieces.stream().filter(piece -> piece.refCnt() > 0).forEach(ByteBuf::release);
    channel.finishAndReleaseAll();
    assertThat(memory.metric().usedDirectMemory()).isZero();
  }

  private int write(int bytes) {
    return side.write(new byte[bytes], 0, bytes);
  }

  /// What has been done since the last time, at the end of the loop's turn.
  private List<String> done() {
    loop.quiet();
    List<String> all = List.copyOf(done);
    done.clear();
    return all;
  }

  private ChannelPromise late() {
    ChannelPromise promise = Objects.requireNonNull(late);
    late = null;
    return promise;
  }

  private void settle() {
    Runnable task = Objects.requireNonNull(settling);
    settling = null;
    task.run();
  }

  @Test
  void whatIsWrittenIsGivenAtTheEndOfTheTurnAndNotBefore() {
    assertThat(write(10)).isEqualTo(10);
    assertThat(written).isEqualTo(10);
    assertThat(done).isEmpty();
    assertThat(done()).containsExactly("give 10");
  }

  @Test
  void muchIsGivenInPiecesOfWhichOnlyTheLastIsHeld() {
    assertThat(write(2 * PIECE + 1)).isEqualTo(2 * PIECE + 1);
    assertThat(done).containsExactly("give " + PIECE, "give " + PIECE);
    done.clear();
    assertThat(done()).containsExactly("give 1");
  }

  @Test
  void anEndInTheSameTurnLeavesWithTheLastBytes() {
    write(10);
    side.close();
    assertThat(done()).containsExactly("last 10", "fin sent");
    assertThat(side.isFinSent()).isTrue();
  }

  @Test
  void aLaterEndLeavesAloneWhenTheBytesBeforeItHaveArrived() {
    write(10);
    done();
    side.close();
    assertThat(done()).containsExactly("settle");
    assertThat(side.isFinSent()).isFalse();
    settle();
    assertThat(done()).containsExactly("fin", "fin sent alone");
    assertThat(side.isFinSent()).isTrue();
  }

  @Test
  void anEndThatTheChannelDoesNotTakeIsNotUnderWay() {
    takesFin = false;
    side.close();
    settle();
    assertThat(done()).containsExactly("settle", "fin", "fin sent");
  }

  @Test
  void whileAPieceWaitsNothingIsTakenAndThereIsRoomWhenItHasLeft() {
    credit = false;
    assertThat(write(PIECE + 10)).isEqualTo(PIECE);
    assertThat(write(10)).isZero();
    assertThat(done()).containsExactly("give " + PIECE);
    assertThat(side.waiting()).isEqualTo(PIECE);
    assertThat(held).isEqualTo(PIECE);
    late().setSuccess();
    assertThat(done()).containsExactly("writable");
    assertThat(side.waiting()).isZero();
    assertThat(held).isZero();
  }

  @Test
  void anEndBehindAPieceThatWaitsLeavesWhenThatHasArrived() {
    credit = false;
    write(10);
    done();
    side.close();
    assertThat(done()).isEmpty();
    late().setSuccess();
    assertThat(done()).containsExactly("settle");
    settle();
    assertThat(done()).containsExactly("fin", "fin sent alone");
  }

  @Test
  void anEndWithAPieceThatWaitsHasLeftWhenThatHas() {
    credit = false;
    write(10);
    side.close();
    assertThat(done()).containsExactly("last 10");
    assertThat(side.isFinSent()).isFalse();
    late().setSuccess();
    assertThat(done()).containsExactly("fin sent");
  }

  @Test
  void whoHasClosedWritesNoMore() {
    side.close();
    side.close();
    assertThat(done()).containsExactly("settle");
    assertThatThrownBy(() -> write(1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aStreamThatQuicheDoesNotKnowIsTriedAgainUntilItDoes() {
    QuicSendSide fresh = side(/* known= */ false);
    credit = false;
    gone = true; // quiche says so of one that it does not know yet
    fresh.write(new byte[10], 0, 10);
    assertThat(done()).containsExactly("give 10");
    loop.advance(RETRY.multipliedBy(2));
    assertThat(done()).containsExactly("give 0", "give 0");
    assertThat(fresh.isKnown()).isFalse();
    late().setSuccess();
    assertThat(done()).containsExactly("writable");
    assertThat(fresh.isKnown()).isTrue();
    gone = false;
    fresh.write(new byte[20], 0, 20);
    assertThat(done()).containsExactly("give 20");
    loop.advance(RETRY);
    assertThat(done()).isEmpty();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void aStreamThatQuicheKnowsIsNotTriedAgain() {
    credit = false;
    write(10);
    done();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void aPeerThatReadsNoMoreFailsWhatWaitsAndIsToldInALaterTurn() {
    credit = false;
    write(10);
    done();
    late().setFailure(new ChannelOutputShutdownException("STOP_SENDING"));
    assertThat(done).isEmpty();
    assertThat(side.isDone()).isTrue();
    assertThatThrownBy(() -> write(1)).isInstanceOf(StreamReset.class);
    assertThat(done()).containsExactly("stopped");
    assertThat(held).isZero();
  }

  @Test
  void aPeerThatHadStoppedBeforeIsNoticedWhereAPieceWaits() {
    gone = true;
    write(10);
    assertThat(done()).containsExactly("give 10");
    assertThat(side.isDone()).isFalse();
    credit = false;
    write(10);
    assertThat(done()).containsExactly("give 10", "stopped");
  }

  @Test
  void whoReadsNoMoreGetsNoEnd() {
    credit = false;
    gone = true;
    write(10);
    assertThat(done()).containsExactly("give 10", "stopped");
    side.close();
    late().setSuccess();
    settle();
    assertThat(done()).containsExactly("settle");
    assertThat(side.isFinSent()).isFalse();
  }

  @Test
  void beforeTheConnectionIsClosedTheEndDoesNotWaitForWhatHasLeft() {
    write(10);
    done();
    side.close();
    done();
    side.finNow();
    assertThat(done()).containsExactly("fin", "fin sent alone");
    settle();
    side.finNow();
    assertThat(done()).isEmpty();
  }

  @Test
  void beforeTheConnectionIsClosedWhatIsHeldLeaves() {
    write(10);
    side.finNow();
    assertThat(done).containsExactly("give 10");
    assertThat(side.isFinSent()).isFalse();
  }

  @Test
  void anEndNeverOvertakesAPieceThatWaits() {
    credit = false;
    write(10);
    done();
    side.close();
    side.finNow();
    assertThat(done()).isEmpty();
  }

  @Test
  void afterTheEndNothingIsGivenAndNothingIsHeld() {
    write(PIECE + 10);
    done.clear();
    credit = false;
    side.end();
    assertThat(write(10)).isZero();
    side.close();
    side.finNow();
    assertThat(done()).isEmpty();
    assertThat(held).isZero();
  }

  @Test
  void whatLeavesAfterTheEndIsToldNobody() {
    credit = false;
    write(10);
    done();
    side.end();
    late().setSuccess();
    assertThat(done()).isEmpty();
    assertThat(held).isZero();
  }
}
