package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static io.peerup.libp2p.host.TestHosts.farEnd;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.identify.Identify;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.noise.NoiseHandshake;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.perf.Perf;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Peers that stop, or go on byte by byte, at each stage of a connection and of a stream: each ends
/// at a deadline and its place is free again.
class StallsIT {

  private static final Duration DRIP = Duration.ofMillis(100);

  private final TestHosts hosts = new TestHosts();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void stop() {
    end.countDown();
    hosts.close();
    tasks.close();
  }

  // ------------------------------------------------------------------------------------ handshakes

  /// Goes as far as it says in the handshake and no further.
  private interface Stage {
    void reach(Client client) throws IOException;
  }

  private static Map<String, Stage> stages() {
    Map<String, Stage> all = new LinkedHashMap<>();
    all.put("after TCP", client -> {});
    all.put("within the first token", client -> client.write(Client.HEADER, 0, 5));
    all.put("after the header", client -> client.exchange(Client.HEADER));
    all.put("after security was proposed", Client::secure);
    all.put(
        "within Noise message 1",
        client -> {
          client.secure();
          client.write(client.first(), 0, 10);
        });
    all.put(
        "before Noise message 3",
        client -> {
          client.secure();
          client.third();
        });
    all.put(
        "within Noise message 3",
        client -> {
          client.secure();
          client.write(client.third(), 0, 20);
        });
    all.put(
        "after Noise, before a muxer",
        client -> {
          client.secure();
          byte[] third = client.third();
          client.write(third, 0, third.length);
        });
    return all;
  }

  @Test
  void aStallAtAnyStageOfAHandshakeEndsAtItsDeadlineAndItsPlaceIsFree() throws Exception {
    Map<String, Stage> stages = stages();
    HostLimits limits =
        HostLimits.DEFAULTS
            .change()
            .inboundUpgrade(Duration.ofSeconds(4))
            .halfOpenFromLoopback(stages.size())
            .build();
    Host server = hosts.listening(builder -> builder.limits(limits));
    Map<String, Client> stalled = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Stage> stage : stages.entrySet()) {
        Client client = new Client(server);
        stalled.put(stage.getKey(), client);
        stage.getValue().reach(client);
      }
      try (Client refused = new Client(server)) {
        assertThat(refused.ends()).as("each of them holds a place").isZero();
      }
      for (Map.Entry<String, Client> each : stalled.entrySet()) {
        each.getValue().ends();
      }
    } finally {
      for (Client client : stalled.values()) {
        client.close();
      }
    }
    // All places at once, by peers that go on.
    List<Connection> connections = new ArrayList<>();
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> connections.add(connect(hosts.dialing(), server)));
    try (Client again = new Client(server)) {
      again.exchange(Client.HEADER);
    }
    assertThat(connections).allMatch(Connection::isOpen);
  }

  /// A dialler made of a socket.
  private static final class Client implements AutoCloseable {
    static final byte[] HEADER = token("/multistream/1.0.0");
    private static final byte[] NOISE = token("/noise");

    private final Socket socket;
    private final DataInputStream in;
    private final NoiseHandshake handshake =
        NoiseHandshake.initiator(
            new Negotiated("/noise", List.of()),
            NoiseKeys.of(PrivateKey.generate(KeyRandom.secure()), KeyRandom.secure()),
            KeyRandom.secure(),
            PeerExpectation.any(),
            List.of());

    Client(Host host) throws IOException {
      int port = Integer.parseInt(host.listenAddresses().getFirst().value("tcp").orElseThrow());
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) SOON.toMillis());
      in = new DataInputStream(socket.getInputStream());
    }

    static byte[] token(String text) {
      return ((char) (text.length() + 1) + text + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
      socket.getOutputStream().write(bytes, offset, length);
    }

    void exchange(byte[] token) throws IOException {
      write(token, 0, token.length);
      assertThat(in.readNBytes(token.length)).isEqualTo(token);
    }

    void secure() throws IOException {
      exchange(HEADER);
      exchange(NOISE);
    }

    byte[] first() {
      return NoiseFramer.frame(((NoiseHandshake.Step.Send) handshake.start()).message());
    }

    /// Message 3, once 1 and 2 were exchanged.
    byte[] third() throws IOException {
      byte[] first = first();
      write(first, 0, first.length);
      byte[] second = in.readNBytes(in.readUnsignedShort());
      return NoiseFramer.frame(((NoiseHandshake.Step.Done) handshake.receive(second)).message());
    }

    /// Waits for the end of the connection; returns how much came before it.
    int ends() {
      try {
        return in.readAllBytes().length;
      } catch (SocketTimeoutException e) {
        throw new AssertionError("still open", e);
      } catch (IOException reset) {
        return 0;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  // --------------------------------------------------------------------------------------- streams

  /// Writes this again and again, a byte at a time, until the stream is gone.
  private Future<?> drip(Stream stream, byte[] bytes) {
    return tasks.submit(() -> {
      for (int at = 0; ; at++) {
        stream.write(bytes, at % bytes.length, 1);
        Thread.sleep(DRIP);
      }
    });
  }

  private static void assertReset(Future<?> dripping) {
    assertThatThrownBy(() -> dripping.get(SOON.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(OverlayException.class);
  }

  @Test
  void aProtocolThatIsNamedByteByByteIsResetAtItsDeadline() {
    HostLimits limits =
        HostLimits.DEFAULTS.change().inboundNegotiation(Duration.ofSeconds(1)).build();
    Host server = hosts.listening(builder -> builder.limits(limits));
    HostConnection connection = (HostConnection) connect(hosts.dialing(), server);
    byte[] long1000 = new byte[1000];
    Arrays.fill(long1000, (byte) 'a');
    long1000[0] = (byte) 0xe8; // a token of 1000 bytes
    long1000[1] = 7;
    assertReset(drip(connection.newStream(SOON), long1000));
    assertThat(connection.isOpen()).isTrue();
    Connection theirs = farEnd(server, connection);
    await().atMost(SOON).until(() -> theirs.streamCount() == 0);
  }

  @Test
  void anAnswerToIdentifyThatStallsOrDripsEndsAtTheAskersDeadline() {
    Host server = hosts.listening(builder -> builder.identify(false));
    Host silent = hosts.make(builder -> builder.identify(false));
    silent.handle(Identify.PROTOCOL, stream -> end.await());
    Host dripping = hosts.make(builder -> builder.identify(false));
    dripping.handle(
        Identify.PROTOCOL,
        stream -> {
          stream.write(new byte[] {(byte) 0xe8, 7});
          assertReset(drip(stream, new byte[1]));
        });
    for (Host liar : List.of(silent, dripping)) {
      Connection theirs = farEnd(server, connect(liar, server));
      assertThatThrownBy(() -> server.identify(theirs, Duration.ofSeconds(1)))
          .isInstanceOf(DeadlineExceeded.class);
      await().atMost(SOON).until(() -> theirs.streamCount() == 0);
      assertThat(theirs.isOpen()).isTrue();
    }
  }

  /// Their deadlines are constants of ten seconds: both at once.
  @Test
  void aPushAndARequestToPerfThatDripAreResetAtTheirDeadlines() {
    Host server = hosts.listening(builder -> builder.perf(true));
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    await().atMost(SOON).until(() -> theirs.streamCount() == 0);
    Stream push = connection.openStream(List.of(Identify.PUSH), SOON);
    push.write(new byte[] {(byte) 0xe8, 7});
    Future<?> pushing = drip(push, new byte[1]);
    Stream perf = connection.openStream(List.of(Perf.PROTOCOL), SOON);
    perf.write(new byte[7]);
    perf.deadline(SOON);
    await().atMost(SOON).until(() -> theirs.streamCount() == 2);
    assertThatThrownBy(() -> perf.readExactly(1)).isInstanceOf(OverlayException.class);
    assertReset(pushing);
    await().atMost(SOON).until(() -> theirs.streamCount() == 0);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void perfServesSoManyRunsAtATimeAndFreesTheirPlaces() {
    Host server = hosts.listening(builder -> builder.perf(true));
    Connection connection = connect(hosts.dialing(), server);
    Connection theirs = farEnd(server, connection);
    await().atMost(SOON).until(() -> ((HostConnection) connection).info().isPresent());
    await().atMost(SOON).until(() -> theirs.streamCount() == 0);
    byte[] everything = new byte[Long.BYTES];
    Arrays.fill(everything, (byte) 0xff);
    everything[0] = 0x7f; // 2^63 - 1 bytes
    List<Stream> runs = new ArrayList<>();
    for (int i = 0; i < Perf.RUNS_MAX; i++) {
      Stream run = connection.openStream(List.of(Perf.PROTOCOL), SOON);
      run.write(everything);
      runs.add(run);
    }
    // All are waiting for the end of the upload; the last of them is served.
    await().atMost(SOON).until(() -> theirs.streamCount() == Perf.RUNS_MAX);
    runs.getLast().deadline(SOON);
    runs.getLast().closeWrite();
    assertThat(runs.getLast().readExactly(1)).hasSize(1);
    assertThatThrownBy(() -> perf(connection)).isInstanceOf(OverlayException.class);
    runs.forEach(Stream::reset);
    await().atMost(SOON).ignoreExceptions().until(() -> perf(connection).downloadBytes() == 1);
  }

  private static Perf.Result perf(Connection connection) {
    return Perf.run(connection, 1, 1, SOON, InstantSource.system());
  }
}
