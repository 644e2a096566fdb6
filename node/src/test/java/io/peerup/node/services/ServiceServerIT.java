package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Home;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.node.Ids;
import io.peerup.node.TestStream;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.ServiceRequest;
import io.peerup.node.services.ServiceMessages.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The offering side alone, with a real target behind it.
class ServiceServerIT {

  private static final byte[] CONNECT =
      ServiceMessages.encode(new ServiceRequest(Kind.CONNECT, "web"));

  @TempDir Path directory;

  private final List<TestStream> streams = new ArrayList<>();
  private ServerSocket target;
  private ServiceStore store;
  private ServiceServer server;
  private final Set<PeerId> withoutScope = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void offer() throws IOException {
    target = new ServerSocket(0, 2048, InetAddress.getLoopbackAddress());
    store = new ServiceStore(Home.of(directory).ensure());
    store.add(
        new Service(
            "web", new Target("127.0.0.1", target.getLocalPort()), Protocol.TCP, true, Set.of()));
    server = new ServiceServer(store, peer -> !withoutScope.contains(peer));
  }

  @AfterEach
  void stop() throws IOException {
    streams.forEach(TestStream::reset);
    target.close();
  }

  private TestStream connect(PeerId peer) {
    TestStream stream = new TestStream(peer, false, CONNECT);
    streams.add(stream);
    Thread.ofVirtual().start(() -> server.handle(stream));
    return stream;
  }

  private static Status answer(TestStream stream) {
    try {
      byte[] frame = stream.written().poll(30, TimeUnit.SECONDS);
      assertThat(frame).as("an answer").isNotNull();
      ServiceReply reply = ServiceMessages.decodeReply(frame);
      return reply.status();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onePeerFillsItsOwnPlacesOnlyAndGetsThemBack() {
    List<TestStream> hoard = new ArrayList<>();
    for (int i = 0; i < Limits.SERVED_CONNECTIONS_PER_PEER_MAX; i++) {
      hoard.add(connect(Ids.peer(2)));
    }
    hoard.forEach(stream -> assertThat(answer(stream)).isEqualTo(Status.OK));
    assertThat(answer(connect(Ids.peer(2)))).isEqualTo(Status.BUSY);
    assertThat(answer(connect(Ids.peer(3)))).isEqualTo(Status.OK);
    hoard.getFirst().reset();
    await().atMost(Duration.ofSeconds(30)).until(() -> answer(connect(Ids.peer(2))) == Status.OK);
    assertThat(answer(connect(Ids.peer(2)))).isEqualTo(Status.BUSY);
  }

  @Test
  void allPeersTogetherFillAllPlacesAndNoMore() {
    int each = Limits.SERVED_CONNECTIONS_PER_PEER_MAX;
    int peers = Limits.SERVED_CONNECTIONS_MAX / each;
    List<TestStream> all = new ArrayList<>();
    for (int i = 0; i < Limits.SERVED_CONNECTIONS_MAX; i++) {
      all.add(connect(Ids.peer(2 + i % peers)));
    }
    all.forEach(stream -> assertThat(answer(stream)).isEqualTo(Status.OK));
    assertThat(answer(connect(Ids.peer(100)))).isEqualTo(Status.BUSY);
    all.getFirst().reset();
    await().atMost(Duration.ofSeconds(30)).until(() -> answer(connect(Ids.peer(100))) == Status.OK);
  }

  @Test
  void anOpenerThatLeavesBeforeTheAnswerLeavesNothingAtTheTarget() throws Exception {
    TestStream gone = new TestStream(Ids.peer(2), false, CONNECT).deaf();
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            server.handle(gone);
            failure.complete(new AssertionError("it did not fail"));
          } catch (OverlayException e) {
            failure.complete(e);
          }
        });
    try (Socket accepted = target.accept()) {
      accepted.setSoTimeout(30_000);
      int end;
      try {
        end = accepted.getInputStream().read();
      } catch (java.net.SocketTimeoutException e) {
        throw new AssertionError("the connection to the target was left open", e);
      } catch (IOException e) {
        end = -1; // a reset is an end
      }
      assertThat(end).isNegative();
    }
    assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(OverlayException.class);
  }

  @Test
  void aCheckConnectsNowhere() throws Exception {
    TestStream check =
        new TestStream(
            Ids.peer(2), false, ServiceMessages.encode(new ServiceRequest(Kind.CHECK, "web")));
    server.handle(check);
    assertThat(answer(check)).isEqualTo(Status.OK);
    target.setSoTimeout(200);
    assertThatThrownBy(() -> target.accept().close())
        .isInstanceOf(java.net.SocketTimeoutException.class);
  }

  @Test
  void aPeerThatNamesAnAddressInsteadOfAServiceReachesNothing() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + other.getLocalPort();
      for (String name :
          List.of(
              address,
              "localhost:" + other.getLocalPort(),
              "http://" + address + "/",
              "web@" + address,
              "web " + address,
              "web\0" + address,
              "web\n" + address,
              "../web",
              "")) {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        byte[] request = new ByteWriter().u8(1).u8(CONNECT[1]).lengthPrefixed(utf8).toByteArray();
        TestStream asking = new TestStream(Ids.peer(2), false, request);
        try {
          server.handle(asking);
          assertThat(answer(asking)).as(name).isEqualTo(Status.NOT_OFFERED);
        } catch (ProtocolViolation e) {
          assertThat(asking.written()).as(name).isEmpty();
        }
      }
      other.setSoTimeout(200);
      assertThatThrownBy(() -> other.accept().close())
          .as("nobody was sent to the address that the peer chose")
          .isInstanceOf(java.net.SocketTimeoutException.class);
      target.setSoTimeout(200);
      assertThatThrownBy(() -> target.accept().close())
          .as("nor to the service")
          .isInstanceOf(java.net.SocketTimeoutException.class);
    }
  }

  @Test
  void nonsenseIsAViolation() {
    TestStream nonsense = new TestStream(Ids.peer(2), false, new byte[] {1, 9, 0});
    assertThatThrownBy(() -> server.handle(nonsense)).isInstanceOf(ProtocolViolation.class);
    assertThat(nonsense.written()).isEmpty();
  }

  @Test
  void aPeerWithoutTheScopeIsAnsweredLikeOneThatTheServiceIsNotFor() {
    PeerId narrow = Ids.peer(2);
    withoutScope.add(narrow);
    assertThat(answer(connect(narrow))).isEqualTo(Status.NOT_OFFERED);
    assertThat(answer(connect(Ids.peer(3)))).isEqualTo(Status.OK);
  }
}
