package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.tls.QuicStrangers;
import io.peerup.libp2p.transport.QuicFrames;
import io.peerup.libp2p.transport.QuicLimits;
import io.peerup.libp2p.transport.RawQuic;
import io.peerup.libp2p.yamux.YamuxCodes;
import io.peerup.testkit.Resident;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Peers that made a connection as they should, and then send packets that no library would. Each
/// loses its own connection, and a bystander on the same socket notices nothing.
class QuicAttackIT {

  private static final String ECHO = "/test/echo/1";

  /// RFC 9000 section 20.1.
  private static final long FLOW_CONTROL_ERROR = 0x03;

  private static final long STREAM_LIMIT_ERROR = 0x04;
  private static final long STREAM_STATE_ERROR = 0x05;
  private static final long FINAL_SIZE_ERROR = 0x06;
  private static final long FRAME_ENCODING_ERROR = 0x07;
  private static final long CONNECTION_ID_LIMIT_ERROR = 0x09;
  private static final long PROTOCOL_VIOLATION = 0x0A;
  private static final long CRYPTO_BUFFER_EXCEEDED = 0x0D;

  // Frames.
  private static final int MAX_STREAM_DATA = 0x11;
  private static final int MAX_STREAMS = QuicFrames.MAX_STREAMS;
  private static final int HANDSHAKE_DONE = 0x1E;
  private static final int UNKNOWN = 0x3F;

  /// More than any of these attacks gets to send.
  private static final int PACKETS_MAX = 200_000;

  /// What a packet of a flood leaves free.
  private static final int ROOM_BYTES = 60;

  private static final int BURST_PACKETS = 16;

  private static final long NATIVE_GROWTH_MAX = 60 << 20;

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final List<RawQuic> attackers = new ArrayList<>();
  private Host server;
  private Connection bystander;
  private PeerId last;

  @BeforeEach
  void start() {
    server = hosts.listening();
    server.handle(ECHO, Patterns.ECHOES);
    bystander = connect(hosts.dialing(), server);
    last = bystander.remotePeer();
  }

  @AfterEach
  void stop() {
    attackers.forEach(RawQuic::close);
    hosts.close();
  }

  private RawQuic attacker() throws Exception {
    return attacker(2);
  }

  private RawQuic attacker(long idsWanted) throws Exception {
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    last = PeerId.of(key.publicKey());
    InetSocketAddress at = server.listenAddresses().getFirst().socketAddress().orElseThrow();
    RawQuic attacker = new RawQuic(at, QuicStrangers.good(key), idsWanted);
    attackers.add(attacker);
    await().atMost(SOON).until(() -> !server.connections(last).isEmpty());
    return attacker.takeOver();
  }

  /// Fills packets until the victim closes, or until there is no more; how many that were. Now and
  /// then it waits a moment, or most packets would never reach the victim.
  private static int flood(RawQuic attacker, BooleanSupplier more, Consumer<QuicFrames> each) {
    int packets = 0;
    while (packets < PACKETS_MAX && !attacker.closed().isDone() && more.getAsBoolean()) {
      QuicFrames frames = new QuicFrames();
      while (frames.fits(ROOM_BYTES) && more.getAsBoolean()) {
        each.accept(frames);
      }
      attacker.send(frames);
      if (++packets % BURST_PACKETS == 0) {
        LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
      }
    }
    return packets;
  }

  private static int flood(RawQuic attacker, Consumer<QuicFrames> each) {
    return flood(attacker, () -> true, each);
  }

  private void assertClosed(RawQuic attacker, boolean application, long code) throws Exception {
    assertThat(attacker.closed().get(SOON.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo(new QuicFrames.Close(application, code));
    await().atMost(SOON).until(() -> server.connections(last).isEmpty());
    assertOthersGoOn();
  }

  private void assertRateLimited(RawQuic attacker) throws Exception {
    assertClosed(attacker, true, YamuxCodes.CONNECTION_RATE_LIMITED);
  }

  private void assertOthersGoOn() {
    byte[] sent = {1, 2, 3};
    try (Stream stream = bystander.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      stream.write(sent);
      stream.closeWrite();
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
    }
  }

  // ---------------------------------------------------------------------------------------- floods

  @Test
  void aFloodOfPathChallengesIsHardlyAnsweredAndThenEnded() throws Exception {
    RawQuic attacker = attacker();
    long[] challenges = {0};
    int packets = flood(attacker, frames -> frames.pathChallenge(challenges[0]++));
    assertRateLimited(attacker);
    assertThat(packets).isLessThan(PACKETS_MAX);
    assertThat(attacker.seen(QuicFrames.PATH_RESPONSE)).isPositive().isLessThan(packets);
  }

  /// CVE-2026-25800 of quinn: quiche, too, keeps each piece on its own.
  @Test
  void bytesOutOfOrderEachOnItsOwnEndTheConnectionBeforeTheyFillTheMemory() throws Exception {
    RawQuic attacker = attacker();
    long before = Resident.outsideHeap();
    long window = 256 * 1024;
    long[] sent = {0};
    flood(
        attacker,
        () -> sent[0] < 2 * window,
        frames -> {
          frames.stream(4 * (sent[0] * 2 / window), 1 + sent[0] * 2 % window, (byte) 1);
          sent[0]++;
        });
    assertRateLimited(attacker);
    assertThat(Resident.outsideHeap() - before).isLessThan(NATIVE_GROWTH_MAX);
  }

  @Test
  void aFloodOfDatagramsForNobodyEndsTheConnection() throws Exception {
    byte[] forAStreamThatIsNot = new byte[50];
    forAStreamThatIsNot[0] = 5;
    for (byte[] each : List.of(forAStreamThatIsNot, new byte[0])) {
      RawQuic attacker = attacker();
      Connection flooded = server.connections(last).getFirst();
      int packets = flood(attacker, frames -> frames.datagram(each));
      assertRateLimited(attacker);
      assertThat(packets).isLessThan(PACKETS_MAX);
      assertThat(flooded.datagramCounts().unclaimed()).isPositive();
      assertThat(flooded.datagramCounts().received()).isZero();
    }
  }

  /// CVE-2024-1765 of quiche.
  @Test
  void cryptoBytesOutOfOrderEndTheConnection() throws Exception {
    RawQuic scattered = attacker();
    long[] at = {1};
    flood(
        scattered,
        frames -> {
          frames.crypto(at[0], (byte) 1);
          at[0] += 2;
        });
    assertClosed(scattered, false, CRYPTO_BUFFER_EXCEEDED);
    RawQuic far = attacker();
    far.send(new QuicFrames().crypto(1 << 30, (byte) 1));
    assertClosed(far, false, CRYPTO_BUFFER_EXCEEDED);
  }

  /// CVE-2023-44487.
  @Test
  void streamsOpenedAndResetWithoutEndEndTheConnection() throws Exception {
    RawQuic attacker = attacker();
    long[] next = {0};
    while (!attacker.closed().isDone() && next[0] < 100_000) {
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> next[0] < allowed(attacker) || attacker.closed().isDone());
      flood(
          attacker,
          () -> next[0] < allowed(attacker),
          frames -> {
            long stream = 4 * next[0]++;
            frames.stream(stream, 0, (byte) 1).resetStream(stream, 1);
          });
    }
    assertThat(next[0]).isBetween(1000L, 10_000L);
    assertRateLimited(attacker);
  }

  private static long allowed(RawQuic attacker) {
    return Math.max(QuicLimits.INBOUND_STREAMS_MAX, attacker.streamsAllowed());
  }

  /// As go-libp2p does with each stream that it closes unread. quiche completes such a stream
  /// without giving its place back.
  @Test
  void whoStopsStreamsBehindTheirEndGetsTheirPlacesBack() throws Exception {
    RawQuic attacker = attacker();
    attacker.fallSilent();
    byte[] request = "\u0013/multistream/1.0.0\n\r/test/echo/1\n".getBytes(US_ASCII);
    long streams = QuicLimits.INBOUND_STREAMS_MAX / 8;
    for (long i = 0; i < streams; i++) {
      attacker.send(new QuicFrames().wholeStream(4 * i, request));
    }
    Connection connection = server.connections(last).getFirst();
    await().atMost(SOON).until(() -> connection.isOpen() && connection.streamCount() == 0);
    for (long i = 0; i < streams; i++) {
      attacker.send(new QuicFrames().stopSending(4 * i));
    }
    attacker.speakAgain();
    assertEveryPlaceIsFree(attacker, streams);
  }

  /// The victim tells of new places when half of them are taken.
  private static void assertEveryPlaceIsFree(RawQuic attacker, long used) {
    long[] next = {used};
    flood(
        attacker,
        () -> next[0] < used + QuicLimits.INBOUND_STREAMS_MAX * 3 / 4,
        frames -> frames.stream(4 * next[0]++, 0, (byte) 19));
    await()
        .atMost(SOON)
        .until(() -> attacker.streamsAllowed() == QuicLimits.INBOUND_STREAMS_MAX + used);
  }

  // ------------------------------------------------------------------------------- connection ids

  /// CVE-2024-22189 of quic-go: each id that is retired asks for an answer.
  @Test
  void connectionIdsWithoutEndEndTheConnection() throws Exception {
    RawQuic giving = attacker();
    long[] next = {1};
    flood(giving, frames -> frames.newConnectionId(next[0]++, 0));
    assertClosed(giving, false, CONNECTION_ID_LIMIT_ERROR);

    RawQuic retiring = attacker();
    retiring.fallSilent();
    next[0] = 1;
    flood(retiring, frames -> frames.newConnectionId(next[0], next[0]++));
    assertClosed(retiring, false, CONNECTION_ID_LIMIT_ERROR);
  }

  /// CVE-2024-1410 and CVE-2025-7054 of quiche.
  @Test
  void idsOfOursThatAPeerRetiresAreReplacedOneForOne() throws Exception {
    RawQuic attacker = attacker();
    int rounds = 300;
    for (int i = 0; i < rounds; i++) {
      long next = i + 1L;
      await()
          .atMost(SOON)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> attacker.lastId() >= next);
      attacker.useId(next);
      attacker.send(new QuicFrames().retireConnectionId(i));
    }
    await().atMost(SOON).until(() -> attacker.lastId() > rounds);
    assertThat(attacker.lastId()).isEqualTo(rounds + 1);
    assertThat(server.connections(last)).hasSize(1);
    attacker.send(new QuicFrames().retireConnectionId(rounds + 1000));
    assertClosed(attacker, false, PROTOCOL_VIOLATION);
  }

  @Test
  void whoWantsAMillionIdsOfOursGetsAFew() throws Exception {
    RawQuic attacker = attacker(1_000_000);
    await().atMost(SOON).until(() -> attacker.lastId() > 0);
    attacker.send(new QuicFrames().ping());
    assertOthersGoOn();
    assertThat(attacker.lastId()).isLessThan(10);
  }

  // ------------------------------------------------------------------------------ limits and rules

  @Test
  void whoHoldsEveryStreamItMayOpenHindersNobodyAndOneMoreEndsItsConnection() throws Exception {
    RawQuic attacker = attacker();
    long[] next = {0};
    flood(
        attacker,
        () -> next[0] < QuicLimits.INBOUND_STREAMS_MAX,
        frames -> frames.stream(4 * next[0]++, 0, (byte) 19));
    await()
        .atMost(SOON)
        .until(() ->
            server.connections(last).getFirst().streamCount() >= QuicLimits.INBOUND_STREAMS_MAX);
    assertOthersGoOn();
    attacker.send(new QuicFrames().stream(4L * QuicLimits.INBOUND_STREAMS_MAX, 0, (byte) 19));
    assertClosed(attacker, false, STREAM_LIMIT_ERROR);
  }

  @Test
  void whatBreaksTheRulesOfQuicEndsThatConnectionOnly() throws Exception {
    Map<QuicFrames, Long> attacks =
        Map.ofEntries(
            entry(new QuicFrames().stream(0, 1 << 20, (byte) 1), FLOW_CONTROL_ERROR),
            entry(new QuicFrames().stream(2, 0, (byte) 1), STREAM_LIMIT_ERROR), // unidirectional
            entry(new QuicFrames().stream(1L << 40, 0, (byte) 1), STREAM_LIMIT_ERROR),
            entry(new QuicFrames().stream(0, (1L << 62) - 1, (byte) 1), FRAME_ENCODING_ERROR),
            entry(new QuicFrames().numbers(0x0F, 0, 0, 0).stream(0, 5, (byte) 1), FINAL_SIZE_ERROR),
            entry(new QuicFrames().resetStream(4001, 0), STREAM_STATE_ERROR), // which we have not
            entry(new QuicFrames().numbers(MAX_STREAM_DATA, 4001, 1), STREAM_STATE_ERROR),
            entry(new QuicFrames().numbers(MAX_STREAMS, (1L << 60) + 1), FRAME_ENCODING_ERROR),
            entry(
                new QuicFrames().datagram(1000, (byte) 1), PROTOCOL_VIOLATION), // and there it ends
            entry(new QuicFrames().numbers(UNKNOWN), FRAME_ENCODING_ERROR),
            // What only servers say: CVE-2025-59530 of quic-go.
            entry(new QuicFrames().numbers(HANDSHAKE_DONE), PROTOCOL_VIOLATION),
            entry(new QuicFrames().numbers(QuicFrames.NEW_TOKEN, 1, 1), PROTOCOL_VIOLATION),
            // CVE-2025-4821 of quiche: packets that were never sent
            entry(new QuicFrames().ack(100_000, 100_000), PROTOCOL_VIOLATION),
            entry(new QuicFrames().ack(5, 7), FRAME_ENCODING_ERROR)); // below the first
    for (Map.Entry<QuicFrames, Long> each : attacks.entrySet()) {
      RawQuic attacker = attacker();
      attacker.send(each.getKey());
      assertClosed(attacker, false, each.getValue());
    }
  }
}
