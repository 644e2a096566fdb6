package io.peerup.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `./peerup p2p …`, the launcher included, against js-libp2p.
@Timeout(120)
class P2pToolboxIT {

  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

  /// Commands that meet js-libp2p.
  @Nested
  class WithJs {

    private static Stack.Node relay;
    private static Stack.Node listener;
    private static Stack.Node dialer;

    @BeforeAll
    static void start() {
      Stack.requireJs();
      relay = Stack.JS.start("listen", List.of(LOOPBACK), "relay", true);
      listener =
          Stack.JS.start("listen", List.of(LOOPBACK, relay.directAddress() + "/p2p-circuit"));
      dialer = Stack.JS.start();
    }

    @AfterAll
    static void stop() {
      for (Stack.Node node : new Stack.Node[] {dialer, listener, relay}) {
        if (node != null) {
          node.close();
        }
      }
    }

    @Test
    void pingPrintsOneLineForEachRoundTrip() {
      Toolbox.Result result = Toolbox.run("ping", listener.directAddress(), "--count", "3");

      assertThat(result.status()).isZero();
      assertThat(result.events("ping")).hasSize(3);
      assertThat(result.events("ping").stream().map(line -> Json.number(line, "seq")))
          .containsExactly(1L, 2L, 3L);
      assertThat(result.lines())
          .allSatisfy(line -> assertThat(line.get("rttMs").getAsDouble()).isBetween(0.0, 5000.0));
    }

    @Test
    void pingGoesThroughACircuitToo() {
      Toolbox.Result result = Toolbox.run("ping", listener.circuitAddress(), "--count", "2");

      assertThat(result.status()).isZero();
      assertThat(result.events("ping"))
          .hasSize(2)
          .allSatisfy(line -> assertThat(Json.string(line, "path")).isEqualTo("relayed"));
    }

    @Test
    void identifyTellsWhatJsSaysOfItself() {
      JsonObject told = Toolbox.run("identify", listener.directAddress()).only("identify");

      assertThat(Json.string(told, "peerId")).isEqualTo(listener.id());
      assertThat(Json.string(told, "agent")).startsWith("js-libp2p/");
      assertThat(Json.strings(told, "protocols")).contains("/ipfs/ping/1.0.0");
      assertThat(Json.strings(told, "listenAddrs"))
          .contains(listener.directAddress().replace("/p2p/" + listener.id(), ""));
      assertThat(Json.string(told, "observedAddr")).startsWith("/ip4/127.0.0.1/tcp/");
    }

    @Test
    void perfMeasuresBothDirectionsOnSeveralStreams() {
      JsonObject measured =
          Toolbox.run(
                  "perf",
                  listener.directAddress(),
                  "--upload-bytes",
                  "10000001",
                  "--download-bytes",
                  "10000001",
                  "--streams",
                  "4")
              .only("perf");

      assertThat(measured.get("uploadMBps").getAsDouble()).isPositive();
      assertThat(measured.get("downloadMBps").getAsDouble()).isPositive();
      assertThat(Json.number(measured, "streams")).isEqualTo(4);
    }

    @Test
    void reserveGetsAPlaceAtAJsRelay() {
      JsonObject place = Toolbox.run("reserve", relay.directAddress()).only("reserved");

      assertThat(Json.strings(place, "addrs"))
          .contains(relay.directAddress() + "/p2p-circuit/p2p/" + Json.string(place, "peerId"));
      assertThat(Instant.parse(Json.string(place, "expiresAt"))).isAfter(Instant.now());
    }

    @Test
    void aHeldPlaceIsReachedByJsThroughAJsRelay() {
      PeerProcess.Started held =
          Toolbox.stay("reserved", "reserve", relay.directAddress(), "--hold");
      try (PeerProcess _ = held.process()) {
        reach(held.event(), Json.strings(held.event(), "addrs").getFirst());
      }
    }

    @Test
    void listenThroughAJsRelayIsReachedByJs() {
      PeerProcess.Started listening =
          Toolbox.stay("listening", "listen", "--listen", relay.directAddress() + "/p2p-circuit");
      try (PeerProcess _ = listening.process()) {
        assertThat(Json.strings(listening.event(), "addrs"))
            .allSatisfy(address -> assertThat(address).contains("/p2p-circuit/"));
        reach(listening.event(), Json.strings(listening.event(), "addrs").getFirst());
      }
    }

    @Test
    void listenIsReachedByJs() {
      PeerProcess.Started listening =
          Toolbox.stay("listening", "listen", "--listen", LOOPBACK, "--listen", LOOPBACK);
      try (PeerProcess _ = listening.process()) {
        assertThat(Json.strings(listening.event(), "addrs")).hasSize(2);
        reach(listening.event(), Json.strings(listening.event(), "addrs").getLast());
      }
    }

    private static void reach(JsonObject event, String address) {
      String id = Json.string(event, "peerId");
      assertThat(Json.string(dialer.call("connect", "addr", address), "peerId")).isEqualTo(id);
      assertThat(Json.string(dialer.call("identify", "peer", id), "agent")).isEqualTo("peerup-p2p");
      dialer.call("ping", "peer", id, "count", 2);
      dialer.call("perf", "peer", id, "upload", 1_000_000, "download", 1_000_000);
      dialer.call("disconnect", "peer", id);
    }

    @Test
    void relayServerCarriesCircuitsOfJsPeers() {
      PeerProcess.Started relaying =
          Toolbox.stay("listening", "listen", "--listen", LOOPBACK, "--relay-server");
      try (PeerProcess _ = relaying.process()) {
        String address = Json.strings(relaying.event(), "addrs").getFirst();
        try (Stack.Node target = Stack.JS.start("listen", List.of(address + "/p2p-circuit"))) {
          dialer.call("connect", "addr", target.circuitAddress());
          dialer.call("upload", "peer", target.id(), "bytes", 4 * 1024 * 1024);
          dialer.call("disconnect", "peer", target.id());
        }
      }
    }
  }

  @Test
  void nobodyListeningIsOneErrorLineAndStatusOne() throws IOException {
    int port = FreePort.choose();

    Toolbox.Result result = Toolbox.run("ping", "/ip4/127.0.0.1/tcp/" + port);

    assertThat(result.status()).isEqualTo(1);
    assertThat(Json.string(result.only("error"), "message")).contains("/tcp/" + port);
  }

  @Test
  void someoneElseAnsweringIsAnErrorThatNamesWhoAnswered() {
    PeerProcess.Started listening = Toolbox.stay("listening", "listen");
    try (PeerProcess _ = listening.process()) {
      String id = Json.string(listening.event(), "peerId");
      String stranger = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey()).toString();
      String address = Json.strings(listening.event(), "addrs").getFirst().replace(id, stranger);

      Toolbox.Result result = Toolbox.run("identify", address);

      assertThat(result.status()).isEqualTo(1);
      assertThat(Json.string(result.only("error"), "message")).contains(id);
    }
  }

  @Test
  void aPeerThatNeverAnswersEndsWithTheTimeout() throws IOException {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Instant start = Instant.now();

      Toolbox.Result result =
          Toolbox.run("ping", "/ip4/127.0.0.1/tcp/" + mute.getLocalPort(), "--timeout", "1");

      assertThat(result.status()).isEqualTo(1);
      assertThat(result.events("error")).hasSize(1);
      assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test
  void listenEndsByItselfAfterTheTimeout() {
    Toolbox.Result result = Toolbox.run("listen", "--timeout", "0.5");

    assertThat(result.status()).isZero();
    assertThat(result.only("listening").has("peerId")).isTrue();
  }

  @Test
  void aPortInUseIsOneErrorLineThatNamesIt() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Toolbox.Result result =
          Toolbox.run("listen", "--listen", "/ip4/127.0.0.1/tcp/" + taken.getLocalPort());

      assertThat(result.status()).isEqualTo(1);
      assertThat(Json.string(result.only("error"), "message"))
          .contains(String.valueOf(taken.getLocalPort()));
    }
  }

  @Test
  void aKeyFileIsWhoWeAreUnlessOthersCouldReadIt(@TempDir Path folder) throws IOException {
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    Path file = folder.resolve("identity.key");
    Files.write(file, key.encoded());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    JsonObject listening =
        Toolbox.run("listen", "--key", file.toString(), "--timeout", "0.1").only("listening");
    assertThat(Json.string(listening, "peerId")).isEqualTo(PeerId.of(key.publicKey()).toString());

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    Toolbox.Result refused = Toolbox.run("listen", "--key", file.toString(), "--timeout", "0.1");
    assertThat(refused.status()).isEqualTo(1);
    assertThat(Json.string(refused.only("error"), "message")).contains(file.toString());
    assertThat(Json.string(refused.only("error"), "hint")).contains("chmod 600");
  }
}
