package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.node.invites.Acceptance.State;
import io.peerup.node.invites.Acceptance.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What visits mean for an accepted link.
class AcceptanceTest {

  private final Acceptance mine = TestAcceptance.make();

  private static Visit.Left unreached() {
    return new Visit.Left(false, false, false, false, "no way there");
  }

  private static Visit.Left answered(boolean taken, boolean refused) {
    return new Visit.Left(true, taken, refused, false, "");
  }

  private static Visit.Left unanswered(boolean refusedByAnother) {
    return new Visit.Left(true, false, refusedByAnother, true, "cut off");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneRelayThatTakesTheDropIsEnough(boolean refusedByAnother) {
    assertThat(mine.visited(answered(true, refusedByAnother))).isEqualTo(Verdict.SENT);
    assertThat(mine.refused).isFalse();
  }

  @Test
  void aDropThatIsRefusedAndCanBeNowhereVoidsTheLink() {
    assertThat(mine.visited(answered(false, true))).isEqualTo(Verdict.VOID);
    assertThat(mine.refused).isTrue();
  }

  @Test
  void aLinkIsVoidWhenTheFirstVisitReachesNoRelayAndNotWhenALaterOneDoes() {
    assertThat(mine.visited(unreached())).isEqualTo(Verdict.VOID);
    assertThat(mine.visited(unreached())).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.trouble).isEqualTo("no way there");
    assertThat(mine.refused).isFalse();
  }

  @Test
  void aDropThatMayBeSomewhereIsKeptThoughItIsRefused() {
    assertThat(mine.visited(unanswered(false))).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.visited(answered(false, true))).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.refused).as("it is told, and not pursued").isTrue();
  }

  @Test
  void aDropThatMayBeSomewhereIsKeptThoughAnotherRelayRefusesIt() {
    assertThat(mine.visited(unanswered(true))).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.refused).isTrue();
  }

  @Test
  void afterARestartTheDropMayBeSomewhere() {
    Acceptance restored = Acceptance.restore(mine.snapshot());
    assertThat(restored.visited(answered(false, true))).isEqualTo(Verdict.AS_BEFORE);
  }

  @Test
  void aDropThatWasLeftStaysLeftWhateverLaterVisitsBring() {
    mine.state = State.DROP_SENT;
    assertThat(mine.visited(answered(true, false))).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.visited(answered(false, true))).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.visited(unreached())).isEqualTo(Verdict.AS_BEFORE);
    assertThat(mine.refused).isFalse();
  }
}
