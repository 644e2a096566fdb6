package io.peerup.cli.p2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class P2pUsageTest {

  private static final String PEER =
      "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new P2pCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "fly",
        "ping",
        "ping nonsense",
        "ping " + PEER + " --cuont 3",
        "ping " + PEER + " --count 0",
        "ping " + PEER + " --count 1000001",
        "ping " + PEER + " --count many",
        "ping " + PEER + " --timeout 0",
        "ping " + PEER + " --timeout -1",
        "ping " + PEER + " --timeout NaN",
        "ping " + PEER + " --timeout 2592001",
        "ping " + PEER + " --security tls",
        "ping " + PEER + " --transport udp",
        "identify " + PEER + " " + PEER,
        "perf " + PEER + " --streams 0",
        "perf " + PEER + " --streams 257",
        "perf " + PEER + " --upload-bytes -1",
        "perf " + PEER + " --download-bytes 1000000000001",
        "listen --dht-server",
        "listen --network Home",
        "listen --network a.b",
        "listen --listen tcp://127.0.0.1:1",
        "listen --listen /p2p-circuit",
        "reserve",
        "dht get key"
      })
  void wrongUsageIsStatusTwoAndSaysWhy(String line) {
    int status = run(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(status).isEqualTo(2);
    assertThat(err.toString()).isNotBlank();
    assertThat(out.toString()).as("stdout stays clean for whoever parses it").isEmpty();
  }

  @Test
  void anUnknownFlagComesWithTheOneThatWasMeant() {
    run("ping", PEER, "--cuont", "3");
    assertThat(err.toString()).contains("--cuont").contains("--count");
  }

  @Test
  void aKeyThatIsMissingIsOneErrorLineAndStatusOne() {
    int status = run("ping", PEER, "--key", "/nonexistent/identity.key");

    assertThat(status).isEqualTo(1);
    assertThat(out.toString().lines())
        .singleElement()
        .asString()
        .startsWith("{\"event\":\"error\"");
    assertThat(out.toString()).contains("/nonexistent/identity.key");
  }

  @ParameterizedTest
  @ValueSource(strings = {"listen", "ping", "identify", "perf", "reserve"})
  void everyToolHasHelpThatNamesItsOptions(String tool) {
    assertThat(run(tool, "--help")).isZero();
    assertThat(out.toString()).contains("--key", "--timeout", "--security", "--transport");
  }
}
