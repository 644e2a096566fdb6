package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.testkit.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A peer that crashed and is back at the same address and port. It knows nothing of the connection
/// that the other end still has, and says nothing about it: we send no stateless reset.
@Timeout(120)
class QuicRestartIT {

  private static final String ECHO = "/test/echo/1";

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final List<Process> processes = new ArrayList<>();
  private final PrivateKey key = PrivateKey.generate(KeyRandom.secure());
  private final PeerId peer = PeerId.of(key.publicKey());
  private final Multiaddr address =
      Multiaddr.parse("/ip4/127.0.0.1/udp/" + FreePort.choose() + "/quic-v1");

  @AfterEach
  void stop() {
    processes.forEach(Process::destroyForcibly);
    hosts.close();
  }

  /// What runs in the process that crashes: listens, and dials where it is told to.
  static final class Fragile {

    private Fragile() {}

    public static void main(String[] args) throws IOException, InterruptedException {
      Host host =
          HostBuilder.create()
              .identity(PrivateKey.decode(HexFormat.of().parseHex(args[0])))
              .listen(List.of(Multiaddr.parse(args[1])))
              .build();
      host.handle(ECHO, Patterns.ECHOES);
      for (String each : List.of(args).subList(2, args.length)) {
        var _ = host.connect(Multiaddr.parse(each), PeerExpectation.any(), SOON);
      }
      System.out.println("listens " + host.listenAddresses().getFirst());
      Thread.sleep(Long.MAX_VALUE);
    }
  }

  private void start(List<Multiaddr> dials) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(
        Optional.ofNullable(System.getProperty("surefire.test.class.path"))
            .orElseGet(() -> System.getProperty("java.class.path")));
    command.add(Fragile.class.getName());
    command.add(HexFormat.of().formatHex(key.encoded()));
    command.add(address.toString());
    dials.forEach(each -> command.add(each.toString()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    processes.add(process);
    BufferedReader lines = process.inputReader();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("listens ")) {
        assertThat(line).endsWith(" " + address);
        return;
      }
    }
    throw new AssertionError("the process did not start");
  }

  private void crash() throws InterruptedException {
    processes.getLast().destroyForcibly().waitFor();
  }

  private static void assertEchoes(Connection connection) {
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      assertEchoes(stream);
    }
  }

  private static void assertEchoes(Stream stream) {
    stream.deadline(SOON);
    stream.write(new byte[] {1, 2, 3});
    assertThat(stream.readExactly(3)).isEqualTo(new byte[] {1, 2, 3});
  }

  /// Long before the silence of the old connection has lasted long enough to end it.
  private static void assertLeft(Connection old) {
    await().atMost(SOON).until(() -> !old.isOpen());
  }

  @Test
  void whoComesBackIsDialledAtOnceAndTheOldConnectionIsGivenUpSoon() throws Exception {
    start(List.of());
    Host stays = hosts.dialing();
    Connection old = stays.connect(address, PeerExpectation.exactly(peer), SOON);
    assertEchoes(old);
    crash();
    start(List.of());
    Connection fresh = stays.connect(address, PeerExpectation.exactly(peer), SOON);
    assertThat(old.isOpen()).as("nobody has told yet").isTrue();
    assertEchoes(fresh);
    assertLeft(old);
    try (Stream stream = stays.open(peer, List.of(ECHO), SOON)) {
      assertEchoes(stream);
    }
  }

  @Test
  void whoComesBackAndDialsReplacesTheConnectionThatItLost() throws Exception {
    Host stays = hosts.listening();
    Multiaddr there = TestHosts.addressOf(stays);
    start(List.of(there));
    await().atMost(SOON).until(() -> !stays.connections(peer).isEmpty());
    Connection old = stays.connections(peer).getFirst();
    crash();
    start(List.of(there));
    await().atMost(SOON).until(() -> !stays.connections(peer).equals(List.of(old)));
    assertLeft(old);
    try (Stream stream = stays.open(peer, List.of(ECHO), SOON)) {
      assertEchoes(stream);
    }
  }

  @Test
  void aPeerWithTwoConnectionsThatAnswerKeepsBoth() {
    Host stays = hosts.listening();
    Host steady = hosts.listening();
    Connection first = TestHosts.connect(steady, stays);
    Connection second = TestHosts.connect(stays, steady);
    List<Connection> all = List.of(first, farEnd(stays, first), second, farEnd(steady, second));
    await()
        .during(MovedPeers.ANSWER_MAX.plusSeconds(1))
        .atMost(SOON)
        .until(() -> all.stream().allMatch(Connection::isOpen));
  }
}
