package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.control.Jsons;
import org.junit.jupiter.api.Test;

class PingTallyTest {

  private final PingTally tally = new PingTally();

  private void count(String... lines) {
    for (String line : lines) {
      tally.count(Jsons.parseObject(line));
    }
  }

  @Test
  void anInterruptedPingHasTheSummaryThatItWouldHaveHad() {
    count(
        "{\"target\":{\"peerId\":\"12D3\",\"name\":\"home\",\"verified\":true}}",
        "{\"seq\":0,\"rttMs\":2.0,\"path\":\"direct\"}",
        "{\"seq\":1,\"rttMs\":null,\"path\":\"none\"}",
        "{\"seq\":2,\"rttMs\":1.0,\"path\":\"direct\"}",
        "{\"seq\":3,\"rttMs\":4.5,\"path\":\"direct\"}");
    assertThat(tally.isOpen()).isTrue();
    assertThat(tally.anyReceived()).isTrue();
    assertThat(tally.summary().toString())
        .isEqualTo(
            "{\"summary\":{\"peerId\":\"12D3\",\"name\":\"home\",\"verified\":true,\"sent\":4,"
                + "\"received\":3,\"lossPercent\":25.0,\"minMs\":1.0,\"avgMs\":2.5,\"maxMs\":4.5}}");
  }

  @Test
  void withoutAnyAnswerThereAreNoTimes() {
    count("{\"seq\":0,\"rttMs\":null}");
    assertThat(tally.anyReceived()).isFalse();
    assertThat(tally.summary().getAsJsonObject("summary").keySet())
        .containsExactly("peerId", "name", "verified", "sent", "received", "lossPercent");
  }

  @Test
  void whatWasToldOnceIsNotToldAgain() {
    assertThat(tally.isOpen()).as("before the first ping").isFalse();
    count("{\"seq\":0,\"rttMs\":1.0}", "{\"summary\":{\"sent\":1}}");
    assertThat(tally.isOpen()).isFalse();
    assertThat(tally.summary().toString()).isEqualTo("{\"summary\":{\"sent\":1}}");
  }
}
