package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerUnreachable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class QuicOpeningsTest {

  private int room;
  private final List<CompletableFuture<BlockingStream>> begun = new ArrayList<>();
  private final QuicOpenings openings =
      new QuicOpenings(
          () -> room > 0,
          opening -> {
            room--;
            begun.add(opening);
          });

  private CompletableFuture<BlockingStream> add() {
    CompletableFuture<BlockingStream> opening = new CompletableFuture<>();
    openings.add(opening);
    return opening;
  }

  @Test
  void whereThereIsRoomAStreamBeginsAtOnce() {
    room = 1;
    assertThat(begun).isEmpty();
    CompletableFuture<BlockingStream> opening = add();
    assertThat(begun).containsExactly(opening);
  }

  @Test
  void noMoreBeginThanThereIsRoomForAndWhoAskedFirstIsFirst() {
    List<CompletableFuture<BlockingStream>> all = List.of(add(), add(), add());
    assertThat(begun).isEmpty();
    room = 2;
    openings.proceed();
    assertThat(begun).isEqualTo(all.subList(0, 2));
    room = 1;
    openings.proceed();
    assertThat(begun).isEqualTo(all);
  }

  @Test
  void whoHasGivenUpTakesNobodysPlace() {
    CompletableFuture<BlockingStream> impatient = add();
    CompletableFuture<BlockingStream> patient = add();
    impatient.cancel(false);
    room = 1;
    openings.proceed();
    assertThat(begun).containsExactly(patient);
  }

  @Test
  void soManyWaitAndNoMoreUnlessSomeHaveGivenUp() {
    CompletableFuture<BlockingStream> first = add();
    for (int i = 1; i < QuicLimits.WAITING_OPENS_MAX; i++) {
      assertThat(add()).isNotDone();
    }
    assertThat(add().exceptionNow()).isInstanceOf(LimitReached.class);
    first.cancel(false);
    assertThat(add()).isNotDone();
    assertThat(add().exceptionNow()).isInstanceOf(LimitReached.class);
  }

  @Test
  void theEndOfTheConnectionEndsTheWaiting() {
    CompletableFuture<BlockingStream> opening = add();
    PeerUnreachable why = new PeerUnreachable("the connection is closed");
    openings.fail(why);
    assertThat(opening.exceptionNow()).isSameAs(why);
    room = 1;
    openings.proceed();
    assertThat(begun).isEmpty();
  }
}
