package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// QUIC on a path that takes less than the first link: two network namespaces, and a cable that
/// swallows what is longer without a word.
@Timeout(60)
class PathMtuIT {

  /// Of a tunnel: less than Ethernet, more than QUIC needs.
  private static final int MTU = 1400;

  private static final int IPV4_AND_UDP_BYTES = 28;
  private static final int IPV6_AND_UDP_BYTES = 48;

  /// Of a packet around the content of a DATAGRAM frame: first byte, connection id of 20, packet
  /// number of 1 to 4, tag of 16, type and length of the frame, number of the stream (RFC 9000
  /// section 17.3.1, RFC 9221 section 4, RFC 9297 section 2.1).
  private static final int HEADER_BYTES_MIN = 1 + 20 + 1 + 16 + 1 + 1 + 1;

  private static final int HEADER_BYTES_MAX = HEADER_BYTES_MIN + 3 + 1;

  private final String near = "pu-near-" + ProcessHandle.current().pid();
  private final String far = "pu-far-" + ProcessHandle.current().pid();

  private record Ran(int status, String output) {}

  private static Ran ip(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Ran(process.waitFor(), output);
    } catch (IOException missing) {
      return new Ran(127, String.valueOf(missing.getMessage()));
    }
  }

  private static void set(String... arguments) throws InterruptedException {
    Ran ran = ip(arguments);
    assertThat(ran.status()).as("ip %s: %s", String.join(" ", arguments), ran.output()).isZero();
  }

  @BeforeEach
  void layCable() throws Exception {
    Ran made = ip("netns", "add", near);
    Needs.that(made.status() == 0, "no network namespace can be made: " + made.output());
    set("netns", "add", far);
    set("link", "add", "eth0", "netns", near, "type", "veth", "peer", "eth0", "netns", far);
    plug(near, 1, 1500);
    plug(far, 2, MTU);
  }

  private static void plug(String space, int host, int mtu) throws InterruptedException {
    set("-n", space, "addr", "add", "45.7.0." + host + "/24", "dev", "eth0");
    set("-n", space, "addr", "add", "fd07::" + host + "/64", "dev", "eth0", "nodad");
    set("-n", space, "link", "set", "eth0", "mtu", String.valueOf(mtu), "up");
  }

  @AfterEach
  void pullCable() throws Exception {
    for (String each : List.of(near, far)) {
      var _ = ip("netns", "del", each);
    }
  }

  private static Process probe(String space, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", space));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String own = System.getProperty("java.class.path");
    String classPath = System.getProperty("surefire.test.class.path", own);
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath));
    command.add(PathMtuProbe.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static String line(Process process) throws IOException {
    return new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
        .readLine();
  }

  private void assertWholeAndNotLonger(String host, int payloadBytes) throws Exception {
    Process server = probe(far, "serve", host);
    try {
      Process client = probe(near, "dial", line(server));
      String said = line(client);
      assertThat(client.waitFor()).isZero();
      assertThat(said).matches("[0-9]+ 0"); // no pieces
      assertThat(Integer.parseInt(said.substring(0, said.length() - 2)))
          .isBetween(payloadBytes - HEADER_BYTES_MAX, payloadBytes - HEADER_BYTES_MIN);
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  @Test
  void datagramsAreAsLongAsThePathTakesThemWhole() throws Exception {
    assertWholeAndNotLonger("/ip4/45.7.0.2", MTU - IPV4_AND_UDP_BYTES);
    assertWholeAndNotLonger("/ip6/fd07::2", MTU - IPV6_AND_UDP_BYTES);
  }
}
