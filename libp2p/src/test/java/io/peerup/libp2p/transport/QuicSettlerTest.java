package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuicSettlerTest {

  private static final long STREAM = 4;
  private static final Duration TICK = Duration.ofNanos(1);

  private final MemoryLoop loop = new MemoryLoop();
  private final List<Long> looks = new ArrayList<>();
  private QuicSettler.@Nullable Path path = underWay(Duration.ofMillis(80));
  private final QuicSettler settler =
      new QuicSettler(
          loop,
          stream -> {
            assertThat(stream).isEqualTo(STREAM);
            looks.add(loop.nanoTime());
            return path;
          });
  private boolean settled;

  private static QuicSettler.Path underWay(Duration rtt) {
    return new QuicSettler.Path(false, 0, rtt.toNanos());
  }

  private void await() {
    settler.whenSettled(STREAM, () -> settled = true);
  }

  @Test
  void whatHasArrivedAlreadyIsNotWaitedFor() {
    path = new QuicSettler.Path(true, 0, 0);
    await();
    assertThat(settled).isTrue();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void theTaskRunsAtTheFirstLookThatFindsNothingUnderWayAndOnlyOnce() {
    await();
    loop.advance(Duration.ofMillis(35));
    assertThat(settled).isFalse();
    path = new QuicSettler.Path(true, 0, 0);
    loop.advance(Duration.ofMillis(5).minus(TICK));
    assertThat(settled).isFalse();
    loop.advance(TICK);
    assertThat(settled).isTrue();
    assertThat(loop.timers()).isZero();
  }

  @Test
  void looksAreAPartOfARoundTripApartAndAtLeastWhatQuichesTimersAre() {
    await();
    loop.advance(Duration.ofMillis(20));
    path = underWay(Duration.ofMillis(1));
    loop.advance(Duration.ofMillis(12));
    assertThat(looks).containsExactly(millis(0, 10, 20, 30, 31, 32));
  }

  private static Long[] millis(int... each) {
    Long[] nanos = new Long[each.length];
    for (int i = 0; i < each.length; i++) {
      nanos[i] = Duration.ofMillis(each[i]).toNanos();
    }
    return nanos;
  }

  /// Which losses those were that the connection had before does not matter.
  @Test
  void onlyLossesSinceTheBeginningProlongTheWait() {
    path = new QuicSettler.Path(false, 7, 0);
    await();
    loop.advance(Duration.ofMillis(100).minus(TICK));
    assertThat(settled).isFalse();
    loop.advance(TICK);
    assertThat(settled).isTrue();
  }

  @Test
  void theEndOfTheConnectionEndsTheWait() {
    await();
    path = null;
    loop.advance(Duration.ofMillis(10));
    assertThat(settled).isTrue();
    assertThat(loop.timers()).isZero();
  }
}
