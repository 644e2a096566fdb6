package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.node.invites.Acceptance.State;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptWaitTest {

  private static final Instant NOW = TestAcceptance.NOW;
  private static final Duration MOST = Duration.ofSeconds(60);
  private static final Duration FIRST_ATTEMPT = Duration.ofSeconds(30);

  private final Acceptance mine = TestAcceptance.make();
  private final AcceptWait wait = new AcceptWait(mine, MOST, NOW);

  private void assertFails(String code, Instant now) {
    assertThatThrownBy(() -> wait.next(now))
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static Visit.Left unreached() {
    return new Visit.Left(false, false, false, false, "no way there");
  }

  @Test
  void pairedEndsTheWaitAtOnce() {
    mine.state = State.PAIRED;
    assertThat(wait.next(NOW)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"ALREADY_USED, link-used", "OTHER_NETWORK, other-network"})
  void whatEndedBadlyIsTold(State state, String code) {
    mine.state = state;
    assertFails(code, NOW);
  }

  @Test
  void aLinkThatARelayRefusesIsTold() {
    mine.refused = true;
    assertFails("link-refused", NOW);
  }

  @Test
  void theFirstAttemptIsWaitedForWhateverTheUserSays() {
    assertThat(new AcceptWait(mine, Duration.ZERO, NOW).next(NOW)).contains(FIRST_ATTEMPT);
    assertThat(wait.next(NOW.plus(FIRST_ATTEMPT).minusMillis(1))).contains(Duration.ofMillis(1));
    assertFails("relay-unreachable", NOW.plus(FIRST_ATTEMPT));
  }

  @Test
  void anAttemptThatReachesNoRelayIsToldAndOneBeforeTheWaitIsNot() {
    mine.visited(unreached());
    AcceptWait again = new AcceptWait(mine, MOST, NOW);
    assertThat(again.next(NOW)).isPresent();
    assertThatThrownBy(() -> wait.next(NOW))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("no way there");
    mine.visited(unreached());
    assertThatThrownBy(() -> again.next(NOW)).isInstanceOf(Failure.class);
  }

  @Test
  void theAnswerIsWaitedForAsLongAsTheUserSaysFromWhenTheDropIsLeft() {
    assertThat(wait.next(NOW)).isPresent();
    mine.state = State.DROP_SENT;
    Instant left = NOW.plusSeconds(20);
    assertThat(wait.next(left)).contains(MOST);
    assertThat(wait.next(left.plus(MOST).minusMillis(1))).contains(Duration.ofMillis(1));
    assertThat(wait.next(left.plus(MOST))).as("it goes on without us").isEmpty();
  }

  @Test
  void aDropThatIsLeftIsWaitedForThoughNoRelayCanBeReachedNow() {
    mine.state = State.DROP_SENT;
    mine.visited(unreached());
    assertThat(wait.next(NOW)).contains(MOST);
  }

  @Test
  void aLinkThatEndsMeanwhileIsTold() {
    mine.state = State.DROP_SENT;
    Instant end = mine.accept.expires();
    assertThat(new AcceptWait(mine, MOST, end).next(end.minusMillis(1))).isPresent();
    assertFails("link-expired", end);
  }
}
