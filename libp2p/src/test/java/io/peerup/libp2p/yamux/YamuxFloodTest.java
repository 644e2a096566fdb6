package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.LimitReached;
import io.peerup.testkit.Allocated;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A peer that means harm: nothing of ours grows with what it sends, and honest use passes.
class YamuxFloodTest {

  private static final int STREAMS_MAX = YamuxLimits.DEFAULT.inboundStreamsMax();

  @Test
  void aFloodOfOpenedStreamsIsBoundedAndThenEnded() {
    End server = End.server();
    int id = 1;
    for (int i = 0; i < 1000; i++, id += 2) {
      server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    }
    assertThat(server.session.streamCount()).isEqualTo(1000);
    server.takeFrames();
    for (int i = 0; i < FloodGuard.BURST; i++, id += 2) {
      server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    }
    assertThat(server.session.streamCount()).isEqualTo(1000);
    assertThat(server.accepted).hasSize(1000);
    assertThat(server.takeFrames()).hasSize(FloodGuard.BURST).allMatch(f -> f.flags() == Frame.RST);
    server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    assertRateLimited(server);
  }

  /// Garbage included, so what stays of it is less.
  @Test
  void aFloodOfOpenedStreamsCostsLittleMemoryUpToTheLimitAndNextToNothingBeyond() {
    byte[] some = opened(0, STREAMS_MAX);
    byte[] more = opened(STREAMS_MAX, FloodGuard.BURST);
    long empty = Allocated.by(End::server);
    long taken = Allocated.by(() -> End.server().receive(some)) - empty;
    long flooded =
        Allocated.by(() -> {
          End server = End.server();
          server.receive(some);
          server.receive(more);
          assertThat(server.session.streamCount()).isEqualTo(STREAMS_MAX);
        });
    assertThat(taken / STREAMS_MAX).as("bytes a stream").isLessThan(2048);
    assertThat((flooded - empty - taken) / FloodGuard.BURST).as("bytes a refusal").isLessThan(512);
  }

  private static byte[] opened(int first, int count) {
    return SentFrame.bytes(
        IntStream.range(first, first + count)
            .mapToObj(i -> SentFrame.windowUpdate(Frame.SYN, 2 * i + 1, 0))
            .toArray(SentFrame[]::new));
  }

  @Test
  void silenceAfterSynHoldsNothingButItsPlace() {
    End server = End.server();
    for (int i = 0; i < 1000; i++) {
      server.receive(SentFrame.windowUpdate(Frame.SYN, 2 * i + 1, 0));
    }
    for (int i = 0; i < 20; i++) {
      server.seconds(5);
      server.session.tick();
      server.receive(SentFrame.ping(Frame.SYN, i));
    }
    assertThat(server.session.isOpen()).isTrue();
    // Those who accepted them give them up, and their places are free again.
    server.accepted.forEach(stream -> stream.reset(YamuxCodes.STREAM_NEGOTIATION_FAILED));
    assertThat(server.session.streamCount()).isZero();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 2001, 0));
    assertThat(server.session.streamCount()).isEqualTo(1);
  }

  @Test
  void tenThousandPingsToABlockedTransportWaitInABoundedQueueAndEndTheSession() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    YamuxStream stream = server.onlyStream();
    int window = YamuxLimits.INITIAL_WINDOW_BYTES;
    // The peer never grants a window: we stop at the initial one.
    assertThat(stream.write(new byte[2 * window], 0, 2 * window)).isEqualTo(window);
    server.takeFrames();
    server.block();
    for (int i = 0; i < FloodGuard.BURST; i++) {
      server.receive(SentFrame.ping(Frame.SYN, i));
    }
    assertThat(server.pendingBytes()).isZero();
    assertThat(server.session.isOpen()).isTrue();
    server.unblock();
    assertThat(server.takeFrames())
        .hasSize(Outbound.PONGS_MAX)
        .startsWith(SentFrame.ping(Frame.ACK, 0))
        .endsWith(SentFrame.ping(Frame.ACK, Outbound.PONGS_MAX - 1));
    server.block();
    for (int i = 0; i < 9000; i++) {
      server.receive(SentFrame.ping(Frame.SYN, i));
    }
    assertRateLimited(server);
  }

  @Test
  void pingsAreAnsweredForEverAtAModestRate() {
    End server = End.server();
    for (int i = 0; i < 10_000; i++) {
      server.receive(SentFrame.ping(Frame.SYN, i));
      server.clock.addAndGet(1_000_000_000L / FloodGuard.PER_SECOND);
      assertThat(server.takeFrames()).containsExactly(SentFrame.ping(Frame.ACK, i));
    }
  }

  @Test
  void answersToNoPingAreCounted() {
    assertEndsAfterBurst(i -> SentFrame.ping(Frame.ACK, i));
  }

  @Test
  void emptyDataIsCounted() {
    assertEndsAfterBurst(i -> SentFrame.data(0, 1, new byte[0]));
  }

  @Test
  void emptyDataForNobodyIsCounted() {
    assertEndsAfterBurst(i -> SentFrame.data(0, 99, new byte[0]));
  }

  @Test
  void dataForStreamsThatNeverWereIsCounted() {
    assertEndsAfterBurst(i -> SentFrame.data(0, 99, new byte[1]));
  }

  @Test
  void creditOfNothingIsCounted() {
    assertEndsAfterBurst(i -> SentFrame.windowUpdate(0, 1, 0));
  }

  @Test
  void creditByTheByteAboveTheWindowIsCounted() {
    assertEndsAfterBurst(i -> SentFrame.windowUpdate(0, 1, 1));
  }

  @Test
  void repeatedAcknowledgementsAreCounted() {
    assertEndsAfterBurst(i -> SentFrame.windowUpdate(Frame.ACK, 1, 0));
  }

  @Test
  void repeatedFinsAreCounted() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN | Frame.FIN, 1, 0));
    assertEndsAfterBurst(server, i -> SentFrame.windowUpdate(Frame.FIN, 1, 0));
  }

  @Test
  void repeatedGoodByesAreCounted() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.goAway(YamuxCodes.NONE));
    assertEndsAfterBurst(server, i -> SentFrame.goAway(YamuxCodes.NONE));
  }

  @Test
  void resetsOfNobodyAreCounted() {
    assertEndsAfterBurst(i -> SentFrame.reset(99, 0));
  }

  @Test
  void streamsResetAtBirthAreCounted() {
    assertEndsAfterBurst(i -> SentFrame.windowUpdate(Frame.SYN | Frame.RST, 2 * i + 3, 0));
  }

  @Test
  void rapidResetEndsTheSession() {
    End server = End.server();
    for (int i = 0; i < FloodGuard.BURST; i++) {
      server.receive(
          SentFrame.windowUpdate(Frame.SYN, 2 * i + 1, 0), SentFrame.reset(2 * i + 1, 0));
    }
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.session.streamCount()).isZero();
    server.takeFrames();
    int next = 2 * FloodGuard.BURST + 1;
    server.receive(SentFrame.windowUpdate(Frame.SYN, next, 0), SentFrame.reset(next, 0));
    assertThat(server.takeFrames()).endsWith(SentFrame.goAway(YamuxCodes.CONNECTION_RATE_LIMITED));
  }

  @Test
  void creditForBytesWeSentIsNeverCountedHoweverSmall() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    for (int i = 0; i < 5 * FloodGuard.BURST; i++) {
      assertThat(stream.write(new byte[18], 0, 18)).isEqualTo(18);
      client.receive(SentFrame.windowUpdate(0, 1, 18));
      client.takeFrames();
    }
    assertThat(client.session.isOpen()).isTrue();
  }

  @Test
  void lateCreditForAStreamThatWeResetIsNeverCounted() {
    End client = End.client();
    client.session.open().reset(0);
    for (int i = 0; i < 5 * FloodGuard.BURST; i++) {
      client.receive(SentFrame.windowUpdate(0, 1, 18), SentFrame.data(0, 1, new byte[1]));
    }
    assertThat(client.session.isOpen()).isTrue();
  }

  @Test
  void ordinaryStreamsMayComeAndGoWithoutEnd() {
    End client = End.client();
    End server = new End(false, YamuxLimits.DEFAULT, client.clock);
    for (int i = 0; i < 5 * FloodGuard.BURST; i++) {
      YamuxStream near = client.session.open();
      near.write(new byte[] {1}, 0, 1);
      near.closeWrite();
      End.exchange(client, server);
      YamuxStream far = server.accepted.removeFirst();
      assertThat(far.read(new byte[2], 0, 2)).isEqualTo(1);
      far.closeWrite();
      End.exchange(client, server);
    }
    assertThat(client.session.isOpen()).isTrue();
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.session.streamCount()).isZero();
  }

  @Test
  void waitingResetsStopReadingAndLetItGoOn() {
    End server = End.server(YamuxLimits.DEFAULT.withStreams(0, 10));
    server.block();
    int id = 1;
    for (int i = 0; i < Outbound.RESETS_BEFORE_PAUSE - 1; i++, id += 2) {
      server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    }
    assertThat(server.pauses).isEmpty();
    server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    assertThat(server.pauses).containsExactly(true);
    assertThat(server.session.isReadingPaused()).isTrue();
    assertThat(server.pendingBytes()).isZero();
    server.unblock();
    assertThat(server.pauses).containsExactly(true, false);
    assertThat(server.takeFrames()).hasSize(Outbound.RESETS_BEFORE_PAUSE);
  }

  @Test
  void tooManyWaitingResetsEndTheSession() {
    End server = End.server();
    server.block();
    // Each accepted stream is refused by its handler, while the transport takes nothing and the
    // shell ignores the pause.
    int id = 1;
    for (int i = 0; i < Outbound.RESETS_MAX; i++, id += 2) {
      server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
      server.accepted.removeFirst().reset(0);
    }
    assertThat(server.session.isOpen()).isTrue();
    server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    server.accepted.removeFirst().reset(0);
    assertThat(server.cause).isInstanceOf(LimitReached.class);
    assertThat(server.takeFrames())
        .containsExactly(SentFrame.goAway(YamuxCodes.CONNECTION_RESOURCE_LIMIT));
  }

  @Test
  void openingAndResettingOurselvesOnABlockedTransportLeavesNothingBehind() {
    End client = End.client();
    client.block();
    for (int i = 0; i < 10_000; i++) {
      YamuxStream stream = client.session.open();
      stream.write(new byte[1], 0, 1);
      stream.reset(0);
    }
    client.unblock();
    assertThat(client.takeFrames()).isEmpty();
    assertThat(client.pauses).isEmpty();
  }

  private static void assertEndsAfterBurst(IntFunction<SentFrame> frame) {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    assertEndsAfterBurst(server, frame);
  }

  private static void assertEndsAfterBurst(End server, IntFunction<SentFrame> frame) {
    server.takeFrames();
    for (int i = 0; i < FloodGuard.BURST; i++) {
      server.receive(frame.apply(i));
    }
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.takeFrames()).isEqualTo(List.of());
    server.receive(frame.apply(FloodGuard.BURST));
    assertRateLimited(server);
  }

  private static void assertRateLimited(End end) {
    assertThat(end.cause).isInstanceOf(LimitReached.class);
    assertThat(end.takeFrames())
        .containsExactly(SentFrame.goAway(YamuxCodes.CONNECTION_RATE_LIMITED));
  }
}
