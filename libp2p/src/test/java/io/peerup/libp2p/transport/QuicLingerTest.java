package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QuicLingerTest {

  private static final Duration TICK = Duration.ofNanos(1);
  private static final int CODE = 0x1003;

  private final MemoryLoop loop = new MemoryLoop();
  private final List<String> done = new ArrayList<>();
  private Optional<Duration> rtt = Optional.empty();

  private final class Line implements QuicLinger.Line {

    @Override
    public Optional<Duration> rtt() {
      return rtt;
    }

    @Override
    public void read() {}

    @Override
    public void stop(int code) {
      done.add("stop " + code);
    }

    @Override
    public void reset(int code) {
      done.add("reset " + code);
    }

    @Override
    public void forget() {
      done.add("forget");
    }
  }

  private QuicLinger linger() {
    return new QuicLinger(loop, new Line(), false);
  }

  /// Nothing happens before, and this then.
  private void assertAfter(Duration wait, String... expected) {
    List<String> before = List.copyOf(done);
    loop.advance(wait.minus(TICK));
    assertThat(done).isEqualTo(before);
    loop.advance(TICK);
    assertThat(done.subList(before.size(), done.size())).containsExactly(expected);
  }

  private void assertOver() {
    assertThat(done.getLast()).isEqualTo("forget");
    assertThat(loop.timers()).isZero();
    int then = done.size();
    loop.advance(Duration.ofHours(1));
    assertThat(done).hasSize(then);
  }

  @Test
  void whoSaysNothingIsToldToStopAfterAMinuteAndGivenUpAfterAnother() {
    linger().await();
    assertAfter(QuicLinger.MAX, "stop 0");
    assertAfter(QuicLinger.MAX, "reset 0", "forget");
    assertOver();
  }

  @Test
  void whoEndsByItselfIsToldNothing() {
    QuicLinger linger = linger();
    linger.await();
    loop.advance(QuicLinger.MAX.minus(TICK));
    linger.remoteEnded();
    assertThat(done).containsExactly("forget");
    assertOver();
  }

  @Test
  void whereThePeerHasEndedThereIsNothingToWaitFor() {
    new QuicLinger(loop, new Line(), true).await();
    assertThat(done).containsExactly("forget");
    assertOver();
  }

  @Test
  void whoGoesOnIsToldToStopAtOnceAndOnlyOnce() {
    QuicLinger linger = linger();
    linger.await();
    for (int i = 0; i < 3; i++) {
      linger.drop();
      loop.quiet();
    }
    assertThat(done).containsExactly("stop 0");
    assertAfter(QuicLinger.MAX, "reset 0", "forget");
    assertOver();
  }

  /// Else quiche would have no reason to look at the stream any more.
  @Test
  void whoWasToldToStopAndEndsIsResetAllTheSame() {
    QuicLinger linger = linger();
    linger.await();
    linger.drop();
    loop.quiet();
    linger.remoteEnded();
    assertThat(done).containsExactly("stop 0");
    assertAfter(QuicLinger.MAX, "reset 0", "forget");
  }

  @Test
  void anEndThatCameWithTheBytesIsSeenFirst() {
    QuicLinger linger = linger();
    linger.await();
    linger.drop();
    linger.remoteEnded();
    loop.quiet();
    assertThat(done).containsExactly("forget");
    assertOver();
  }

  @Test
  void aResetLeavesAfterThreeRoundTripsWithinBounds() {
    for (int[] millis : new int[][] {{1, 20}, {7, 21}, {300, 900}, {2000, 1000}}) {
      done.clear();
      rtt = Optional.of(Duration.ofMillis(millis[0]));
      linger().reset(CODE, /* finSent= */ false);
      assertThat(done).containsExactly("stop " + CODE);
      assertAfter(Duration.ofMillis(millis[1]), "reset " + CODE, "forget");
      assertOver();
    }
    rtt = Optional.empty();
    linger().reset(CODE, false);
    assertAfter(Duration.ofSeconds(1), "reset " + CODE, "forget");
  }

  @Test
  void aResetBehindAFinTakesNothingBackForAMinute() {
    linger().reset(CODE, /* finSent= */ true);
    assertThat(done).containsExactly("stop " + CODE);
    assertAfter(QuicLinger.MAX, "reset " + CODE, "forget");
    assertOver();
  }

  @Test
  void whoHasEndedIsNotToldToStop() {
    new QuicLinger(loop, new Line(), true).reset(CODE, /* finSent= */ true);
    assertThat(done).containsExactly("forget");
    done.clear();
    new QuicLinger(loop, new Line(), true).reset(CODE, /* finSent= */ false);
    assertThat(done).containsExactly("reset " + CODE, "forget");
    assertOver();
  }

  @Test
  void theEndOfTheConnectionLeavesNoTimerBehind() {
    QuicLinger linger = linger();
    linger.await();
    linger.end();
    assertThat(done).containsExactly("forget");
    assertOver();
  }
}
