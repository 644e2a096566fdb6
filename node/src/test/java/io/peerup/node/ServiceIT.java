package io.peerup.node;

import static io.peerup.node.TestNetwork.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Services between real daemons. Over a direct path and over the relay everything is the same.
class ServiceIT {

  private static final int MIB = 1 << 20;
  private static final Charset UTF8 = StandardCharsets.UTF_8;

  @TempDir static Path directory;

  private static TestNetwork direct;
  private static TestNetwork relayed;

  enum Way {
    DIRECT,
    RELAYED
  }

  private record Pair(TestNode home, TestNode laptop, TestNode phone) {}

  private static Pair directPair;
  private static Pair relayedPair;

  private final SeededRandom random = SeededRandom.of(ServiceIT.class);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeAll
  static void pair() {
    direct = new TestNetwork(directory.resolve("d"));
    directPair = new Pair(direct.node("home"), direct.node("laptop"), direct.node("phone"));
    direct.pair(directPair.home(), directPair.laptop(), directPair.phone());
    await().atMost(SOON).until(() -> directPair.laptop().path(directPair.home()).equals("direct"));
    relayed = new TestNetwork(directory.resolve("r"));
    relayedPair =
        new Pair(
            relayed.relayedNode("home"),
            relayed.relayedNode("laptop"),
            relayed.relayedNode("phone"));
    relayed.pair(relayedPair.home(), relayedPair.laptop(), relayedPair.phone());
    assertThat(relayedPair.laptop().path(relayedPair.home())).isEqualTo("relayed");
  }

  @AfterAll
  static void stop() {
    direct.close();
    relayed.close();
  }

  private static Pair pair(Way way) {
    return way == Way.DIRECT ? directPair : relayedPair;
  }

  /// Offers a program at home for as long as the returned thing is open.
  private static AutoCloseable offer(Pair pair, String name, Targets.Program program) {
    ServerSocket server = Targets.start(program);
    pair.home().addService(name, server.getLocalPort());
    return () -> {
      pair.home().call("DELETE", "/v1/services/" + name, Optional.empty());
      server.close();
    };
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void sixteenMebibytesEachWayAtTheSameTimeArriveUnchanged(Way way) throws Exception {
    byte[] up = Targets.bytes(random, 16 * MIB);
    byte[] down = Targets.bytes(random, 16 * MIB);
    Pair pair = pair(way);
    LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
    try (var _ =
            offer(
                pair,
                "bulk",
                socket -> {
                  Future<?> sending =
                      threads.submit(() -> {
                        socket.getOutputStream().write(down);
                        socket.shutdownOutput();
                        return null;
                      });
                  received.add(Targets.hash(socket.getInputStream()));
                  finish(sending);
                });
        TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "bulk");
        Socket local = Targets.connect(proxy.port())) {
      Future<?> sending =
          threads.submit(() -> {
            local.getOutputStream().write(up);
            local.shutdownOutput();
            return null;
          });
      assertThat(Targets.hash(local.getInputStream())).isEqualTo(Targets.hash(down));
      finish(sending);
      assertThat(received.poll(30, TimeUnit.SECONDS)).isEqualTo(Targets.hash(up));
      JsonObject news = proxy.next();
      assertThat(news.get("event").getAsString()).isEqualTo("connection");
      assertThat(news.get("bytesOut").getAsLong()).isEqualTo(16 * MIB);
      assertThat(news.get("bytesIn").getAsLong()).isEqualTo(16 * MIB);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theClientMayEndItsDirectionFirstAndStillGetTheAnswer(Way way) throws Exception {
    Pair pair = pair(way);
    try (var _ =
            offer(
                pair,
                "wc",
                socket -> {
                  byte[] all = socket.getInputStream().readAllBytes();
                  socket.getOutputStream().write(("%d bytes".formatted(all.length)).getBytes(UTF8));
                });
        TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "wc");
        Socket local = Targets.connect(proxy.port())) {
      local.getOutputStream().write(new byte[12345]);
      local.shutdownOutput();
      assertThat(new String(local.getInputStream().readAllBytes(), UTF8)).isEqualTo("12345 bytes");
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void theServerMayEndItsDirectionFirstAndStillHearTheClient(Way way) throws Exception {
    Pair pair = pair(way);
    LinkedBlockingQueue<Integer> heard = new LinkedBlockingQueue<>();
    try (var _ =
            offer(
                pair,
                "greet",
                socket -> {
                  socket.getOutputStream().write("hello".getBytes(UTF8));
                  socket.shutdownOutput();
                  heard.add(socket.getInputStream().readAllBytes().length);
                });
        TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "greet");
        Socket local = Targets.connect(proxy.port())) {
      assertThat(new String(local.getInputStream().readAllBytes(), UTF8)).isEqualTo("hello");
      local.getOutputStream().write(new byte[54321]);
      local.shutdownOutput();
      assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(54321);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void manyConnectionsAtOnceDoNotMix(Way way) throws Exception {
    Pair pair = pair(way);
    try (var _ = offer(pair, "echo", Targets::echo);
        TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "echo")) {
      List<Callable<Boolean>> clients = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        byte[] own = Targets.bytes(random, 32 << 10);
        clients.add(() -> {
          try (Socket local = Targets.connect(proxy.port())) {
            Future<?> sending =
                threads.submit(() -> {
                  local.getOutputStream().write(own);
                  local.shutdownOutput();
                  return null;
                });
            boolean same = Targets.hash(local.getInputStream()).equals(Targets.hash(own));
            finish(sending);
            return same;
          }
        });
      }
      for (Future<Boolean> client : threads.invokeAll(clients)) {
        assertThat(client.get()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aSlowReaderHoldsItsSenderBackAndNobodyElse(Way way) throws Exception {
    Pair pair = pair(way);
    AtomicLong sent = new AtomicLong();
    long total = 96L * MIB;
    try (var _ =
            offer(
                pair,
                "flood",
                socket -> {
                  byte[] chunk = new byte[64 << 10];
                  while (sent.get() < total) {
                    socket.getOutputStream().write(chunk);
                    sent.addAndGet(chunk.length);
                  }
                });
        var _ = offer(pair, "echo2", Targets::echo);
        TestNode.Proxy flood = pair.laptop().proxy(pair.home(), "flood");
        TestNode.Proxy echo = pair.laptop().proxy(pair.home(), "echo2");
        Socket slow = Targets.connect(flood.port())) {
      AtomicLong before = new AtomicLong(-1);
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(600))
          .until(() -> sent.get() > 0 && sent.get() == before.getAndSet(sent.get()));
      assertThat(sent.get()).as("sent while nobody reads").isLessThan(total * 2 / 3);
      try (Socket other = Targets.connect(echo.port())) {
        other.getOutputStream().write("still here".getBytes(UTF8));
        other.shutdownOutput();
        assertThat(new String(other.getInputStream().readAllBytes(), UTF8)).isEqualTo("still here");
      }
      long got = 0;
      byte[] buffer = new byte[64 << 10];
      for (int n = slow.getInputStream().read(buffer);
          n >= 0;
          n = slow.getInputStream().read(buffer)) {
        got += n;
      }
      assertThat(got).isEqualTo(total);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void onlyListedPeersReachAServiceAndTheOthersLearnNothing(Way way) throws Exception {
    Pair pair = pair(way);
    ServerSocket server = Targets.start(Targets::echo);
    pair.home().addService("private", server.getLocalPort(), pair.laptop());
    pair.laptop().proxy(pair.home(), "private").close();
    Failure forbidden = refusal(pair.phone(), pair.home(), "private");
    Failure unknown = refusal(pair.phone(), pair.home(), "missing");
    assertThat(forbidden.code()).isEqualTo("service-not-offered").isEqualTo(unknown.code());
    assertThat(forbidden.message().replace("private", "missing")).isEqualTo(unknown.message());
    pair.home().call("POST", "/v1/services/private/disable", Optional.empty());
    assertThat(refusal(pair.laptop(), pair.home(), "private").code())
        .isEqualTo("service-not-offered");
    pair.home().call("POST", "/v1/services/private/enable", Optional.empty());
    pair.laptop().proxy(pair.home(), "private").close();
    pair.home().call("DELETE", "/v1/services/private", Optional.empty());
    server.close();
  }

  private static Failure refusal(TestNode from, TestNode to, String service) {
    try (TestNode.Proxy proxy = from.proxy(to, service)) {
      throw new AssertionError("a proxy to " + service + " on " + proxy.port());
    } catch (Failure e) {
      return e;
    }
  }

  @Test
  void aTargetThatDoesNotAnswerIsToldToTheUserAndTheLocalProgramSeesAReset() throws Exception {
    Pair pair = directPair;
    try (Socket silent = new Socket()) {
      // Nobody listens on a port that is bound to something else.
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      pair.home().addService("dead", silent.getLocalPort());
      TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "dead");
      assertThat(Targets.isDead(proxy.port())).isTrue();
      JsonObject news = proxy.next();
      assertThat(news.get("event").getAsString()).isEqualTo("error");
      assertThat(news.get("message").getAsString()).contains("dead").contains("does not answer");
      assertThat(news.get("hint").getAsString()).contains("home");
      proxy.close();
    } finally {
      pair.home().call("DELETE", "/v1/services/dead", Optional.empty());
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void removingAServiceCutsItsConnectionsAndDisablingToo(Way way) throws Exception {
    Pair pair = pair(way);
    for (String how : List.of("remove", "disable")) {
      ServerSocket server = Targets.start(Targets::echo);
      pair.home().addService("brief", server.getLocalPort());
      try (TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "brief");
          Socket local = Targets.connect(proxy.port())) {
        local.getOutputStream().write('x');
        assertThat(local.getInputStream().read()).isEqualTo('x');
        if (how.equals("disable")) {
          pair.home().call("POST", "/v1/services/brief/disable", Optional.empty());
        } else {
          pair.home().call("DELETE", "/v1/services/brief", Optional.empty());
        }
        assertThatThrownBy(() -> local.getInputStream().read()).isInstanceOf(IOException.class);
        assertThat(Targets.isDead(proxy.port())).isTrue();
      }
      if (how.equals("disable")) {
        pair.home().call("DELETE", "/v1/services/brief", Optional.empty());
      }
      server.close();
    }
  }

  @Test
  void aProxyEndsWithItsRequestAndSoDoItsConnections() throws Exception {
    Pair pair = directPair;
    try (var _ = offer(pair, "echo3", Targets::echo)) {
      TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "echo3");
      try (Socket local = Targets.connect(proxy.port())) {
        local.getOutputStream().write('x');
        assertThat(local.getInputStream().read()).isEqualTo('x');
        proxy.close();
        assertThatThrownBy(
                () -> {
                  if (local.getInputStream().read() < 0) {
                    throw new IOException("ended");
                  }
                })
            .isInstanceOf(IOException.class);
      }
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThatThrownBy(() -> Targets.connect(proxy.port()).close())
                  .isInstanceOf(IOException.class));
    }
  }

  @Test
  void aLocalPortInUseIsSaidSo() throws Exception {
    Pair pair = directPair;
    try (var _ = offer(pair, "echo4", Targets::echo);
        ServerSocket taken = Targets.start(Targets::echo)) {
      JsonObject body = new JsonObject();
      body.addProperty("peer", "home");
      body.addProperty("service", "echo4");
      body.addProperty("port", taken.getLocalPort());
      assertThatThrownBy(() -> pair.laptop().call("POST", "/v1/proxy", Optional.of(body)))
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).isEqualTo("port-in-use"));
    }
  }

  private static void finish(Future<?> sending) {
    try {
      sending.get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError("sending failed", e);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void datagramsGoToAUdpServiceAndItsAnswersComeBack(Way way) throws Exception {
    Pair pair = pair(way);
    try (DatagramSocket program = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        DatagramSocket local = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> echo(program));
      pair.home().addUdpService("dns", program.getLocalPort());
      try (TestNode.Proxy proxy = pair.laptop().proxy(pair.home(), "dns")) {
        local.setSoTimeout(30_000);
        for (int size : new int[] {0, 40, 1400, 65_507}) {
          byte[] question = random.bytes(size);
          local.send(
              new DatagramPacket(question, size, InetAddress.getLoopbackAddress(), proxy.port()));
          DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
          local.receive(answer);
          assertThat(Arrays.copyOf(answer.getData(), answer.getLength())).isEqualTo(question);
        }
        pair.home().call("DELETE", "/v1/services/dns", Optional.empty());
        assertThat(proxy.next().get("event").getAsString()).isEqualTo("connection");
      }
      assertThatThrownBy(() -> pair.laptop().proxy(pair.home(), "dns"))
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).isEqualTo("service-not-offered"));
    }
  }

  private static void echo(DatagramSocket program) {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    try {
      while (true) {
        packet.setLength(65_535);
        program.receive(packet);
        program.send(packet);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }
}
