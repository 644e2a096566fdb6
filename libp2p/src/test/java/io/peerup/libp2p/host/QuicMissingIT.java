package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// A process whose class path lacks QUIC's native libraries.
class QuicMissingIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /// What runs in that process.
  static final class Without {

    private Without() {}

    public static void main(String[] args) {
      Multiaddr tcp = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
      Multiaddr quic = Multiaddr.parse("/ip4/127.0.0.1/udp/0/quic-v1");
      try (Host host = host(List.of(quic, tcp, quic, Multiaddr.parse("/ip6/::1/udp/0/quic-v1")));
          Host second = host(List.of(tcp, quic));
          Host other = host(List.of())) {
        System.out.println("listens " + host.listenAddresses() + second.listenAddresses());
        System.out.println(
            "connected "
                + other
                    .connect(
                        host.id(),
                        List.of(
                            Multiaddr.parse("/ip4/127.0.0.1/udp/9/quic-v1"),
                            host.listenAddresses().getFirst()),
                        SOON)
                    .muxer());
        for (int i = 0; i < 3; i++) {
          refused("dial", () -> host.connect(quic, PeerExpectation.any(), SOON));
          refused("listen", () -> host.listen(quic));
        }
        refused("only", () -> host(List.of(quic)));
      }
      System.exit(0);
    }

    private static Host host(List<Multiaddr> listen) {
      return HostBuilder.create()
          .identity(PrivateKey.generate(KeyRandom.secure()))
          .listen(listen)
          .build();
    }

    private static void refused(String what, Runnable call) {
      try {
        call.run();
        System.out.println(what + " worked");
      } catch (OverlayException e) {
        System.out.println(what + " refused: " + e.getMessage());
      }
    }
  }

  @Test
  void aHostHasTcpAloneSaysSoOnceAndRefusesQuicWithTheReason() throws Exception {
    String classPath =
        Optional.ofNullable(System.getProperty("surefire.test.class.path"))
            .orElseGet(() -> System.getProperty("java.class.path"));
    String without =
        Arrays.stream(classPath.split(File.pathSeparator))
            .filter(each -> !each.contains("netty-codec-native-quic"))
            .collect(Collectors.joining(File.pathSeparator));
    assertThat(without).isNotEqualTo(classPath);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                without,
                Without.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said)
        .containsPattern("listens \\[/ip4/127.0.0.1/tcp/\\d+]\\[/ip4/127.0.0.1/tcp/\\d+]")
        .contains("connected /yamux/1.0.0")
        .containsPattern("dial refused: .*QUIC does not work here")
        .containsPattern("listen refused: .*QUIC does not work here")
        .containsPattern("only refused: .*QUIC does not work here")
        .doesNotContain("worked");
    assertThat(said.split("this machine has no QUIC", -1))
        .as("what each of the two hosts logs that are to listen on it, and go on without")
        .hasSize(1 + 2);
  }
}
