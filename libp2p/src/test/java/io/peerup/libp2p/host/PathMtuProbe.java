package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;

import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Two hosts that exchange bytes over QUIC until their datagrams become no longer. Says how much
/// one then carries beside a stream, and how many pieces of datagrams the system has sent.
final class PathMtuProbe {

  private static final String ECHO = "/test/echo/1";
  private static final int ROUNDS_MAX = 200;
  private static final int ROUNDS_WITHOUT_CHANGE = 20;

  private PathMtuProbe() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("serve")) {
      serve(Multiaddr.parse(arguments[1] + "/udp/0/quic-v1"));
    } else {
      dial(Multiaddr.parse(arguments[1]));
    }
  }

  private static void serve(Multiaddr listen) throws InterruptedException {
    try (TestHosts hosts = new TestHosts(listen)) {
      Host server = hosts.listening();
      server.handle(ECHO, Patterns.ECHOES);
      System.out.println(TestHosts.addressOf(server));
      Thread.currentThread().join();
    }
  }

  private static void dial(Multiaddr address) throws IOException {
    PeerId server = address.peer().orElseThrow();
    try (TestHosts hosts = new TestHosts(TestHosts.QUIC);
        Stream stream =
            hosts
                .dialing()
                .connect(address, PeerExpectation.exactly(server), SOON)
                .openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON.multipliedBy(2));
      System.out.println(longest(stream) + " " + fragments());
    }
  }

  private static int longest(Stream stream) throws IOException {
    Datagrams beside = stream.datagrams().orElseThrow();
    byte[] some = new byte[64 << 10];
    int longest = 0;
    int same = 0;
    for (int round = 0; round < ROUNDS_MAX && same < ROUNDS_WITHOUT_CHANGE; round++) {
      stream.write(some);
      var _ = stream.readExactly(some.length);
      LockSupport.parkNanos(100_000_000); // how long datagrams may be is measured each second
      int now = beside.bytesMax();
      same = now == longest ? same + 1 : 0;
      longest = now;
    }
    return longest;
  }

  private static int fragments() throws IOException {
    List<String> ip =
        Files.readAllLines(Path.of("/proc/self/net/snmp")).stream()
            .filter(line -> line.startsWith("Ip:"))
            .toList();
    int column = List.of(ip.getFirst().split(" ", -1)).indexOf("FragCreates");
    String ip6 =
        Files.readAllLines(Path.of("/proc/self/net/snmp6")).stream()
            .filter(line -> line.startsWith("Ip6FragCreates"))
            .findFirst()
            .orElseThrow();
    return Integer.parseInt(ip.getLast().split(" ", -1)[column])
        + Integer.parseInt(ip6.replaceFirst(".*\\s", ""));
  }
}
