package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.addressOf;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Circuit;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.Splice;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.Stream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A relay made by hand: client and target each open a stream to it, and it splices the two.
class CircuitIT {

  private static final String PIPE = "/test/pipe/1";

  private final TestHosts hosts = new TestHosts(listen());
  private final BlockingQueue<Stream> arrived = new ArrayBlockingQueue<>(10);
  private final CompletableFuture<String> outcome = new CompletableFuture<>();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private Host relay;
  private Host client;
  private Host target;

  /// What the hosts listen on.
  Multiaddr listen() {
    return TestHosts.LOOPBACK;
  }

  @BeforeEach
  void start() {
    relay = hosts.listening();
    client = hosts.dialing();
    target = hosts.dialing();
    relay.handle(
        PIPE,
        stream -> {
          arrived.add(stream);
          // Once it belongs to the splice, returning does not close it any more.
          await().atMost(SOON).until(() -> !stream.isOpen());
        });
  }

  @AfterEach
  void stop() {
    tasks.close();
    hosts.close();
  }

  private record Pair(Stream ofClient, Stream ofTarget, Stream fromClient, Stream fromTarget) {}

  private Pair pair() throws InterruptedException {
    Stream ofClient = pipe(client);
    Stream fromClient = arrival();
    Stream ofTarget = pipe(target);
    Stream fromTarget = arrival();
    return new Pair(ofClient, ofTarget, fromClient, fromTarget);
  }

  private Stream pipe(Host host) {
    Stream stream = connect(host, relay).openStream(List.of(PIPE), SOON);
    stream.deadline(SOON);
    stream.write(new byte[] {'!'});
    return stream;
  }

  private Stream arrival() throws InterruptedException {
    Stream stream = arrived.poll(20, TimeUnit.SECONDS);
    assertThat(stream).isNotNull();
    assertThat(stream.readExactly(1)).isEqualTo(new byte[] {'!'});
    return stream;
  }

  private Splice splice(Pair pair, SpliceLimits limits) {
    return relay.splice(
        pair.fromClient(), pair.fromTarget(), limits, (splice, reason) -> outcome.complete(reason));
  }

  @Test
  void splicePassesBytesBufferedBeforeItBegan() throws Exception {
    Pair pair = pair();
    pair.ofClient().write("early ".getBytes(StandardCharsets.US_ASCII));
    pair.ofTarget().write("bird".getBytes(StandardCharsets.US_ASCII));
    // Written by the relay itself, like the status of a circuit: first on the wire, not counted.
    pair.fromTarget().write("status ".getBytes(StandardCharsets.US_ASCII));

    Splice splice = splice(pair, SpliceLimits.NONE);
    pair.ofClient().write("late".getBytes(StandardCharsets.US_ASCII));
    pair.ofClient().closeWrite();

    assertThat(new String(pair.ofTarget().readExactly(17), StandardCharsets.US_ASCII))
        .isEqualTo("status early late");
    assertThat(pair.ofTarget().read(new byte[1], 0, 1)).isEqualTo(-1);
    assertThat(new String(pair.ofClient().readExactly(4), StandardCharsets.US_ASCII))
        .isEqualTo("bird");
    // Half-close: the other direction still works.
    pair.ofTarget().write("!".getBytes(StandardCharsets.US_ASCII));
    assertThat(pair.ofClient().readExactly(1)).isEqualTo(new byte[] {'!'});
    pair.ofTarget().closeWrite();
    assertThat(pair.ofClient().read(new byte[1], 0, 1)).isEqualTo(-1);
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("both sides finished");
    assertThat(splice.bytesForward()).isEqualTo(10);
    assertThat(splice.bytesBackward()).isEqualTo(5);
  }

  @Test
  void splicePassesManyBytesBothWaysUnaltered() throws Exception {
    Pair pair = pair();
    Splice splice = splice(pair, SpliceLimits.NONE);
    long count = 32L << 20;
    Future<?> up = tasks.submit(() -> Patterns.write(pair.ofClient(), 1, count));
    Future<?> down = tasks.submit(() -> Patterns.write(pair.ofTarget(), 2, count));
    Future<?> seen = tasks.submit(() -> Patterns.expect(pair.ofTarget(), 1, count));
    Patterns.expect(pair.ofClient(), 2, count);
    seen.get();
    up.get();
    down.get();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("both sides finished");
    assertThat(splice.bytesForward()).isEqualTo(count);
    assertThat(splice.bytesBackward()).isEqualTo(count);
  }

  @Test
  void spliceHoldsTheSenderBackWhileTheReceiverDoesNotRead() throws Exception {
    Pair pair = pair();
    Splice splice = splice(pair, SpliceLimits.NONE);
    Future<?> writing = tasks.submit(() -> Patterns.write(pair.ofClient(), 1, 64L << 20));
    await().atMost(SOON).until(() -> splice.bytesForward() > 0);
    long settled = settledCount(splice);
    // One receive window of the target (it has not grown: nobody reads) and its inbox.
    assertThat(settled).isLessThan(1 << 20);
    assertThat(writing.isDone()).isFalse();
    Patterns.expect(pair.ofTarget(), 1, 64L << 20);
    writing.get();
  }

  private static long settledCount(Splice splice) {
    long[] last = {-1};
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(300))
        .until(() -> {
          long before = last[0];
          last[0] = splice.bytesForward();
          return before == last[0];
        });
    return last[0];
  }

  @Test
  void splicePassesExactlyTheByteLimitAndThenResetsBoth() throws Exception {
    Pair pair = pair();
    Splice splice = splice(pair, new SpliceLimits(1000, Duration.ZERO));
    pair.ofClient().write(new byte[1000]);
    assertThat(pair.ofTarget().readExactly(1000)).hasSize(1000);
    assertThat(outcome).isNotDone();
    pair.ofClient().write(new byte[1]);
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("byte limit");
    assertThat(splice.bytesForward()).isEqualTo(1000);
    assertThatThrownBy(() -> pair.ofTarget().readExactly(1)).isInstanceOf(OverlayException.class);
    assertThatThrownBy(() -> pair.ofClient().readExactly(1)).isInstanceOf(OverlayException.class);
  }

  @Test
  void aSpliceThatEndedHoldsNothing() throws Exception {
    Pair pair = pair();
    Splice splice = splice(pair, SpliceLimits.NONE);
    Future<?> writing = tasks.submit(() -> pair.ofClient().write(new byte[2 << 20]));
    await().atMost(SOON).until(() -> ((PeerHost) relay).budget().held() > 0);
    splice.cut();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("cut");
    await().atMost(SOON).until(writing::isDone);
    await().atMost(SOON).until(() -> ((PeerHost) relay).budget().held() == 0);
  }

  @Test
  void spliceEndsAtItsTimeLimit() throws Exception {
    Pair pair = pair();
    splice(pair, new SpliceLimits(0, Duration.ofMillis(200)));
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("time limit");
    assertThatThrownBy(() -> pair.ofTarget().readExactly(1)).isInstanceOf(OverlayException.class);
  }

  @Test
  void spliceResetsTheOtherSideWhenOneSideResets() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE);
    assertPasses(pair);
    pair.ofClient().reset();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).startsWith("reset by one side");
    assertThatThrownBy(() -> pair.ofTarget().readExactly(1)).isInstanceOf(OverlayException.class);
  }

  @Test
  void spliceEndsWhenOneConnectionIsLost() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE);
    assertPasses(pair);
    client.close();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).startsWith("reset by one side");
    assertThatThrownBy(() -> pair.ofTarget().readExactly(1)).isInstanceOf(OverlayException.class);
  }

  @Test
  void cutEndsASplice() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE).cut();
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo("cut");
    assertThatThrownBy(() -> pair.ofTarget().readExactly(1)).isInstanceOf(OverlayException.class);
  }

  @Test
  void aConnectionRunsOverASplicedStream() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE);
    Connection[] ends = upgradeBoth(pair);

    target.handle("/test/echo/1", Patterns.ECHOES);
    byte[] sent = new byte[300_000];
    Arrays.fill(sent, (byte) 7);
    try (Stream stream = ends[0].openStream(List.of("/test/echo/1"), SOON)) {
      stream.deadline(SOON);
      Future<?> writing =
          tasks.submit(() -> {
            stream.write(sent);
            stream.closeWrite();
          });
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
      writing.get();
    }
    assertThat(ends[0].remotePeer()).isEqualTo(target.id());
    assertThat(ends[1].remotePeer()).isEqualTo(client.id());
    assertThat(ends[0].relay()).contains(relay.id());
    assertThat(ends[0].channelBinding()).isEqualTo(ends[1].channelBinding());
    assertThat(ends[0].security()).isEqualTo("/noise-mlkem768-hfs/0.2.0");
    assertThat(ends[1].security()).isEqualTo("/noise-mlkem768-hfs/0.2.0");
    assertThat(client.ping(ends[0], SOON)).isPositive();

    ends[0].close();
    await().atMost(SOON).until(() -> !ends[1].isOpen());
    assertThat(outcome.get(20, TimeUnit.SECONDS)).isNotEmpty();
    assertThat(client.connections(relay.id())).hasSize(1);
  }

  @Test
  void aCircuitOutlivesNoneOfItsCarriers() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE);
    Connection[] ends = upgradeBoth(pair);
    relay.close();
    await().atMost(SOON).until(() -> !ends[0].isOpen() && !ends[1].isOpen());
  }

  @Test
  void anUpgradeOverACircuitToTheWrongPeerFails() throws Exception {
    Pair pair = pair();
    splice(pair, SpliceLimits.NONE);
    Future<Connection> accepting =
        tasks.submit(() ->
            target.upgrade(
                pair.ofTarget(), Direction.INBOUND, circuit(), PeerExpectation.any(), SOON));
    assertThatThrownBy(() ->
            client.upgrade(
                pair.ofClient(),
                Direction.OUTBOUND,
                circuit(),
                PeerExpectation.exactly(relay.id()),
                SOON))
        .isInstanceOf(OverlayException.class)
        .hasMessageContaining(target.id().toString());
    assertThatThrownBy(accepting::get).hasCauseInstanceOf(OverlayException.class);
    assertThat(target.connections(client.id())).isEmpty();
  }

  private static void assertPasses(Pair pair) {
    pair.ofClient().write(new byte[] {42});
    assertThat(pair.ofTarget().readExactly(1)).isEqualTo(new byte[] {42});
  }

  private Connection[] upgradeBoth(Pair pair) throws Exception {
    Future<Connection> accepting =
        tasks.submit(() ->
            target.upgrade(
                pair.ofTarget(),
                Direction.INBOUND,
                circuit(),
                PeerExpectation.exactly(client.id()),
                SOON));
    Connection dialled =
        client.upgrade(
            pair.ofClient(),
            Direction.OUTBOUND,
            circuit(),
            PeerExpectation.exactly(target.id()),
            SOON);
    return new Connection[] {dialled, accepting.get()};
  }

  private Circuit circuit() {
    Multiaddr through = addressOf(relay).plus(Multiaddr.parse("/p2p-circuit"));
    return new Circuit(relay.id(), through, through, false);
  }
}
