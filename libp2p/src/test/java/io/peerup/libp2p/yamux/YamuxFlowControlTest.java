package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.StreamReset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Windows, credit and back-pressure.
class YamuxFlowControlTest {

  private static final int INITIAL = YamuxLimits.INITIAL_WINDOW_BYTES;
  private static final int PAYLOAD_MAX = YamuxLimits.FRAME_BYTES_MAX - Frame.HEADER_BYTES;

  // ---- receiving

  @Test
  void exactlyTheInitialWindowIsAccepted() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    assertThat(server.onlyStream().available()).isEqualTo(INITIAL);
    assertThat(server.session.isOpen()).isTrue();
  }

  @Test
  void oneByteMoreThanTheWindowEndsTheSessionBeforeItIsBuffered() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    // Only the header: the length alone is the crime.
    server.receive(new SentFrame(Frame.DATA, 0, 1, 1, List.of()));
    assertSentAway(server);
  }

  @Test
  void oneFrameAboveTheWindowEndsTheSession() {
    End server = withStream();
    server.receive(new SentFrame(Frame.DATA, 0, 1, INITIAL + 1, List.of()));
    assertSentAway(server);
  }

  @Test
  void aFirstFrameOfExactlyTheInitialWindowIsAccepted() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN, 1, new byte[INITIAL]));
    assertThat(server.onlyStream().available()).isEqualTo(INITIAL);
  }

  @Test
  void aFirstFrameAboveTheInitialWindowEndsTheSession() {
    End server = End.server();
    server.receive(new SentFrame(Frame.DATA, Frame.SYN, 1, INITIAL + 1, List.of()));
    assertSentAway(server);
    assertThat(server.accepted).isEmpty();
  }

  @Test
  void creditGoesBackOnlyWhenTheApplicationReads() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    assertThat(server.takeFrames()).isEmpty();
    byte[] target = new byte[INITIAL];
    assertThat(server.onlyStream().read(target, 0, INITIAL / 2 - 1)).isEqualTo(INITIAL / 2 - 1);
    assertThat(server.takeFrames()).isEmpty();
    assertThat(server.onlyStream().read(target, 0, 1)).isEqualTo(1);
    assertThat(server.takeFrames()).containsExactly(SentFrame.windowUpdate(0, 1, INITIAL / 2));
  }

  @Test
  void grantedCreditCanBeUsedToTheLastByteAndNoFurther() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    server.onlyStream().read(new byte[INITIAL], 0, INITIAL);
    assertThat(server.takeFrames()).containsExactly(SentFrame.windowUpdate(0, 1, INITIAL));
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    assertThat(server.session.isOpen()).isTrue();
    server.receive(SentFrame.data(0, 1, new byte[1]));
    assertSentAway(server);
  }

  @Test
  void creditThatCouldNotLeaveYetMayNotBeUsedYet() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[INITIAL]));
    server.block();
    server.onlyStream().read(new byte[INITIAL], 0, INITIAL);
    server.receive(SentFrame.data(0, 1, new byte[1]));
    assertSentAway(server);
  }

  @Test
  void bytesTakenOnArrivalCountAsReadAndAreNotBuffered() {
    End server = withStream();
    StreamProbe probe = StreamProbe.takingAll(server.onlyStream());
    for (int i = 0; i < 20; i++) {
      server.receive(SentFrame.data(0, 1, new byte[INITIAL / 2]));
      assertThat(server.takeFrames()).containsExactly(SentFrame.windowUpdate(0, 1, INITIAL / 2));
    }
    assertThat(probe.bytesTaken).isEqualTo(10L * INITIAL);
    assertThat(probe.readable).isZero();
    assertThat(server.onlyStream().available()).isZero();
  }

  @Test
  void whatIsNotTakenOnArrivalIsBufferedInOrder() {
    End server = withStream();
    StreamProbe probe = StreamProbe.on(server.onlyStream());
    probe.appetite = offered -> 2;
    server.receive(SentFrame.data(0, 1, new byte[] {1, 2, 3, 4}));
    // Once something is buffered, later bytes must queue behind it.
    server.receive(SentFrame.data(0, 1, new byte[] {5, 6}));
    assertThat(probe.bytesTaken).isEqualTo(2);
    assertThat(probe.readable).isEqualTo(1);
    byte[] target = new byte[4];
    assertThat(server.onlyStream().read(target, 0, 4)).isEqualTo(4);
    assertThat(target).containsExactly(3, 4, 5, 6);
  }

  @Test
  void drainingStopsWhereTheSinkStops() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[200_000]));
    List<Integer> offers = new ArrayList<>();
    int drained =
        server
            .onlyStream()
            .drain((source, offset, length) -> {
              offers.add(length);
              return offers.size() == 1 ? length : 10;
            });
    assertThat(drained).isEqualTo(offers.getFirst() + 10);
    assertThat(server.onlyStream().available()).isEqualTo(200_000 - drained);
  }

  @Test
  void aSinkMayResetTheStreamItDrains() {
    End server = withStream();
    server.receive(SentFrame.data(0, 1, new byte[200_000]));
    YamuxStream stream = server.onlyStream();
    stream.drain((source, offset, length) -> {
      stream.reset(0);
      return length;
    });
    assertThat(stream.isOpen()).isFalse();
    assertThat(server.takeFrames()).containsExactly(SentFrame.reset(1, 0));
  }

  @Test
  void noCreditIsSentToAPeerThatFinished() {
    End server = withStream();
    server.receive(SentFrame.data(Frame.FIN, 1, new byte[INITIAL]));
    server.onlyStream().read(new byte[INITIAL], 0, INITIAL);
    assertThat(server.takeFrames()).isEmpty();
  }

  // ---- growing

  @Test
  void theWindowDoublesWhenHalfOfItIsUsedUpWithinFourRoundTrips() {
    End server = withStream();
    StreamProbe.takingAll(server.onlyStream());
    measureRtt(server, 10);
    assertThat(grantFor(server, INITIAL / 4)).isZero();
    millis(server, 39);
    assertThat(grantFor(server, INITIAL / 4)).isEqualTo(INITIAL / 2 + INITIAL);
    // Now half of the window is all of the initial one.
    millis(server, 39);
    assertThat(grantFor(server, INITIAL / 2)).isZero();
    assertThat(grantFor(server, INITIAL / 2)).isEqualTo(INITIAL + 2L * INITIAL);
  }

  /// Else each transfer over a long path would begin with the round trips of finding it out.
  @Test
  void aLaterStreamGrowsAtOnceToWhatAnEarlierOneCameToNeed() {
    End server = End.server(YamuxLimits.DEFAULT);
    server.receive(
        SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.windowUpdate(Frame.SYN, 3, 0));
    server.accepted.forEach(StreamProbe::takingAll);
    measureRtt(server, 10);
    int window = INITIAL;
    for (int i = 0; i < 4; i++) {
      grantFor(server, 1, window / 2);
      window *= 2;
    }
    // Not because it is a stream of this connection, but because it uses its window up as well.
    assertThat(grantFor(server, 3, INITIAL / 4)).isZero();
    millis(server, 39);
    assertThat(grantFor(server, 3, INITIAL / 4)).isEqualTo(INITIAL / 2 + window - INITIAL);
  }

  @Test
  void theWindowStaysWhenHalfOfItLastsFourRoundTrips() {
    End server = withStream();
    StreamProbe.takingAll(server.onlyStream());
    measureRtt(server, 10);
    grantFor(server, INITIAL / 4);
    millis(server, 40);
    assertThat(grantFor(server, INITIAL / 4)).isEqualTo(INITIAL / 2);
    millis(server, 40);
    assertThat(grantFor(server, INITIAL / 2)).isEqualTo(INITIAL / 2);
  }

  @Test
  void theWindowStaysUntilARoundTripWasMeasured() {
    End server = withStream();
    StreamProbe.takingAll(server.onlyStream());
    assertThat(grantFor(server, INITIAL / 2)).isEqualTo(INITIAL / 2);
    assertThat(grantFor(server, INITIAL / 2)).isEqualTo(INITIAL / 2);
  }

  @Test
  void theWindowGrowsToItsMaximumAndNoFurther() {
    End server = withStream(YamuxLimits.DEFAULT.withMemory(3 * INITIAL, 64 << 20, 64 << 20));
    StreamProbe.takingAll(server.onlyStream());
    measureRtt(server, 10);
    long granted = 0;
    for (int i = 0; i < 50; i++) {
      granted += grantFor(server, INITIAL / 2);
    }
    long window = INITIAL + granted - 25L * INITIAL;
    assertThat(window).isBetween(2L * INITIAL, 3L * INITIAL);
    server.receive(SentFrame.data(0, 1, new byte[(int) window]));
    assertThat(server.session.isOpen()).isTrue();
  }

  @Test
  void allWindowsShareOneBudgetOfGrowthAndReturnIt() {
    End server = End.server(YamuxLimits.DEFAULT.withMemory(16 << 20, INITIAL, 64 << 20));
    server.receive(
        SentFrame.windowUpdate(Frame.SYN, 1, 0),
        SentFrame.windowUpdate(Frame.SYN, 3, 0),
        SentFrame.windowUpdate(Frame.SYN, 5, 0));
    server.accepted.forEach(StreamProbe::takingAll);
    measureRtt(server, 10);
    assertThat(growth(server, 1)).isEqualTo(INITIAL);
    assertThat(growth(server, 3)).isZero();
    server.receive(SentFrame.reset(1, 0));
    assertThat(growth(server, 5)).isEqualTo(INITIAL);
  }

  // ---- memory

  @Test
  void unreadBytesOfAllStreamsAreBoundedByResettingTheFullest() {
    End server = End.server(YamuxLimits.DEFAULT.withMemory(INITIAL, 0, 100_000));
    server.receive(SentFrame.data(Frame.SYN, 1, new byte[60_000]));
    StreamProbe full = StreamProbe.on(server.accepted.getFirst());
    server.receive(SentFrame.data(Frame.SYN, 3, new byte[40_000]));
    assertThat(full.resets).isZero();
    server.takeFrames();
    server.receive(SentFrame.data(0, 3, new byte[1]));
    assertThat(full.cause).isInstanceOf(LimitReached.class);
    assertThat(server.takeFrames())
        .containsExactly(SentFrame.reset(1, YamuxCodes.STREAM_RESOURCE_LIMIT));
    assertThat(server.accepted.get(1).available()).isEqualTo(40_001);
    // The books are right: the rest of the room is usable again.
    server.receive(SentFrame.data(0, 3, new byte[59_999]));
    assertThat(server.accepted.get(1).isOpen()).isTrue();
  }

  @Test
  void oneByteFramesDoNotCostMoreThanTheirBytes() {
    End server = withStream();
    byte[] frame = SentFrame.data(0, 1, new byte[] {7}).bytes();
    for (int i = 0; i < 100_000; i++) {
      server.receive(frame);
    }
    assertThat(server.onlyStream().available()).isEqualTo(100_000);
    byte[] target = new byte[200_000];
    assertThat(server.onlyStream().read(target, 0, 200_000)).isEqualTo(100_000);
    assertThat(target[99_999]).isEqualTo((byte) 7);
    assertThat(target[100_000]).isZero();
  }

  // ---- sending

  @Test
  void writingStopsAtThePeersWindowAndGoesOnWithItsCredit() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    StreamProbe probe = StreamProbe.on(stream);
    byte[] bytes = new byte[INITIAL + 1000];
    assertThat(stream.write(bytes, 0, bytes.length)).isEqualTo(INITIAL);
    assertThat(stream.write(bytes, 0, 1)).isZero();
    assertThat(probe.writable).isZero();
    client.receive(SentFrame.windowUpdate(0, 1, 18));
    assertThat(probe.writable).isEqualTo(1);
    assertThat(stream.write(bytes, 0, 1000)).isEqualTo(18);
    client.receive(SentFrame.windowUpdate(0, 1, 5000));
    assertThat(stream.write(bytes, 0, 1000)).isEqualTo(1000);
    // Nobody waits now.
    client.receive(SentFrame.windowUpdate(0, 1, 5000));
    assertThat(probe.writable).isEqualTo(2);
  }

  @Test
  void framesFitOneNoiseMessage() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    client.takeFrames();
    stream.write(new byte[PAYLOAD_MAX + 1], 0, PAYLOAD_MAX + 1);
    assertThat(client.takeFrames())
        .extracting(SentFrame::length)
        .containsExactly((long) PAYLOAD_MAX, 1L);
    assertThat(client.frameMost).isEqualTo(65519);
  }

  @Test
  void creditMayReachTheLargestSum() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    client.receive(SentFrame.windowUpdate(0, 1, SendSide.CREDIT_MAX - INITIAL));
    assertThat(client.session.isOpen()).isTrue();
    assertThat(stream.write(new byte[2 * INITIAL], 0, 2 * INITIAL)).isEqualTo(2 * INITIAL);
  }

  @Test
  void creditThatOverflowsEndsTheSession() {
    End client = End.client();
    client.session.open();
    client.takeFrames();
    client.receive(SentFrame.windowUpdate(0, 1, SendSide.CREDIT_MAX - INITIAL + 1));
    assertSentAway(client);
  }

  @Test
  void nothingIsHandedToATransportThatTakesNothing() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    StreamProbe probe = StreamProbe.on(stream);
    client.takeFrames();
    client.block();
    assertThat(stream.write(new byte[10], 0, 10)).isZero();
    client.session.open();
    stream.closeRead();
    client.receive(SentFrame.ping(Frame.SYN, 1));
    assertThat(client.pendingBytes()).isZero();
    client.unblock();
    assertThat(probe.writable).isEqualTo(1);
    assertThat(client.takeFrames())
        .containsExactly(SentFrame.ping(Frame.ACK, 1), SentFrame.windowUpdate(Frame.SYN, 3, 0));
  }

  @Test
  void theTransportNeverHoldsMoreThanItsMarkAndOneFrame() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    client.takeFrames();
    client.highWater = 100_000;
    assertThat(stream.write(new byte[INITIAL], 0, INITIAL)).isEqualTo(2 * PAYLOAD_MAX);
    assertThat(client.pendingMost).isLessThanOrEqualTo(100_000 + 65519);
  }

  @Test
  void streamsThatWaitForTheTransportAreServedInTurn() {
    End client = End.client();
    List<Long> order = new ArrayList<>();
    List<Writer> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      writers.add(new Writer(client.session.open(), 3 * PAYLOAD_MAX, order));
    }
    client.takeFrames();
    client.block();
    writers.forEach(Writer::onWritable);
    client.highWater = 1; // room for one frame at a time
    for (int i = 0; i < 20; i++) {
      client.session.transportWritable();
      client.takeBytes();
    }
    assertThat(order).containsExactly(1L, 3L, 5L, 1L, 3L, 5L, 1L, 3L, 5L);
  }

  @Test
  void aWriterMayNotOvertakeThoseInLine() {
    End client = End.client();
    YamuxStream first = client.session.open();
    YamuxStream second = client.session.open();
    StreamProbe waiting = StreamProbe.on(first);
    client.block();
    assertThat(first.write(new byte[1], 0, 1)).isZero();
    // The transport has room again but has not said so yet.
    client.highWater = Integer.MAX_VALUE;
    assertThat(second.write(new byte[1], 0, 1)).isZero();
    assertThat(waiting.writable).isEqualTo(1);
  }

  @Test
  void aReaderThatNeverReadsBlocksOnlyItsStream() {
    End client = End.client();
    End server = new End(false, YamuxLimits.DEFAULT, client.clock);
    YamuxStream slow = client.session.open();
    YamuxStream fast = client.session.open();
    End.exchange(client, server);
    StreamProbe fastEnd = StreamProbe.takingAll(server.accepted.get(1));
    byte[] bytes = new byte[1 << 20];
    assertThat(slow.write(bytes, 0, bytes.length)).isEqualTo(INITIAL);
    long sent = 0;
    while (sent < 8 << 20) {
      sent += fast.write(bytes, 0, bytes.length);
      End.exchange(client, server);
    }
    assertThat(fastEnd.bytesTaken).isEqualTo(sent);
    assertThat(slow.write(bytes, 0, 1)).isZero();
    assertThat(server.accepted.getFirst().available()).isEqualTo(INITIAL);
  }

  @Test
  void writingAfterAResetThrowsTheCause() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    stream.reset(0);
    assertThatThrownBy(() -> stream.write(new byte[1], 0, 1)).isInstanceOf(StreamReset.class);
    assertThat(stream.isOpen()).isFalse();
  }

  // ---- helpers

  /// Writes its bytes as the stream allows.
  private static final class Writer extends StreamProbe {
    private final YamuxStream stream;
    private final List<Long> order;
    private int left;

    Writer(YamuxStream stream, int bytes, List<Long> order) {
      this.stream = stream;
      this.order = order;
      left = bytes;
      stream.listen(this);
    }

    @Override
    public void onWritable() {
      int written = stream.write(new byte[left], 0, left);
      if (written > 0) {
        order.add(stream.id());
      }
      left -= written;
    }
  }

  private static End withStream() {
    return withStream(YamuxLimits.DEFAULT);
  }

  private static End withStream(YamuxLimits limits) {
    End server = End.server(limits);
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    server.takeFrames();
    return server;
  }

  private static void millis(End end, long count) {
    end.clock.addAndGet(count * 1_000_000);
  }

  private static void measureRtt(End end, long millis) {
    end.takeFrames();
    end.session.tick();
    SentFrame ping = end.takeFrames().getFirst();
    millis(end, millis);
    end.receive(SentFrame.ping(Frame.ACK, ping.length()));
    assertThat(end.session.rtt()).hasValue(java.time.Duration.ofMillis(millis));
  }

  /// The credit granted on stream 1 in answer to so many bytes.
  private static long grantFor(End end, int bytes) {
    return grantFor(end, 1, bytes);
  }

  private static long grantFor(End end, int id, int bytes) {
    end.receive(SentFrame.data(0, id, new byte[bytes]));
    return end.takeFrames().stream().mapToLong(SentFrame::length).sum();
  }

  /// By how much a quick half of the initial window makes the window grow.
  private static long growth(End end, int id) {
    return grantFor(end, id, INITIAL / 2) - INITIAL / 2;
  }

  private static void assertSentAway(End end) {
    assertThat(end.takeFrames()).containsExactly(SentFrame.goAway(1));
    assertThat(end.cause).isInstanceOf(ProtocolViolation.class);
  }
}
