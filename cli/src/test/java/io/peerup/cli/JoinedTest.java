package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What a person sees right after pairing: who it is, that nobody has compared anything, and what
/// to do if it is the wrong one.
class JoinedTest {

  private static final String US = "12D3KooWB6oNa53zht4qBYfRW49APLUfoRJArNFrgdCY8EV8soYD";
  private static final String HOME = "12D3KooWE7AZHZkHj3m3maMQt1on1dEuQ9SzdgrEf6zTzvyGKGTm";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private String told(String form, String relay, String peers, String warnings) {
    JsonObject result =
        Jsons.parseObject(
            """
            {"peerId":"%s","name":"laptop","form":"%s","network":"my-crew",%s"peers":[%s],
             "warnings":[%s],"daemon":"started"}\
            """
                .formatted(US, form, relay, peers, warnings));
    JoinCommand.tell(
        result,
        new Voice(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false,
            false,
            false));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theOtherSideIsNamedWithItsIdAsUnverifiedAndHowToRemoveItStandsThere() {
    String peer =
        """
        {"peerId":"%s","name":"ho\\u001b[2Jme","quickCode":"🍓 Strawberry  112-372"}\
        """
            .formatted(HOME);
    assertThat(
            told(
                "typed",
                "\"relay\":\"/ip4/198.51.100.1/tcp/7777\",",
                peer,
                "\"it may not know yet\""))
        .isEqualTo(
            """
            Joined as laptop  %s
            With:    a typed code of a device
            Network: my-crew
            Relay:   /ip4/198.51.100.1/tcp/7777
              ho<U+001B>[2Jme  %s  [UNVERIFIED]
                  looks like 🍓 Strawberry  112-372
            Compare codes with their owners: peerup verify PEER
            Not whom you meant? peerup peer remove PEER
            The daemon runs. Next: peerup status
            """
                .formatted(US, HOME));
    assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("warning: it may not know yet\n");
  }

  @Test
  void whoeverIsFirstIsToldThatNobodyElseIsThere() {
    assertThat(told("group", "", "", ""))
        .isEqualTo(
            """
            Joined as laptop  %s
            With:    a code of a relay's group
            Network: my-crew
            Relay:   none; met on the local network
            No other device is in the group yet; they will appear when they join.
            The daemon runs. Next: peerup status
            """
                .formatted(US));
  }
}
