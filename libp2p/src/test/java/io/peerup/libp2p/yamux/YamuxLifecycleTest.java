package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.PeerUnreachable;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How streams and sessions begin and end, in every order.
class YamuxLifecycleTest {

  private final End client = End.client();
  private final End server = new End(false, YamuxLimits.DEFAULT, client.clock);

  // ---- half-close

  @Test
  void finEndsOneDirectionAndTheOtherGoesOn() {
    YamuxStream near = client.session.open();
    near.write(new byte[] {1}, 0, 1);
    near.closeWrite();
    End.exchange(client, server);
    YamuxStream far = server.onlyStream();
    assertThat(far.remoteClosed()).isTrue();
    assertThat(far.read(new byte[4], 0, 4)).isEqualTo(1);
    assertThat(far.read(new byte[4], 0, 4)).isEqualTo(-1);
    assertThat(far.isOpen()).isTrue();
    StreamProbe probe = StreamProbe.takingAll(near);
    long sent = 0;
    while (sent < 3 << 20) {
      sent += far.write(new byte[100_000], 0, 100_000);
      End.exchange(client, server);
    }
    assertThat(probe.bytesTaken).isEqualTo(sent);
    far.closeWrite();
    End.exchange(client, server);
    assertThat(probe.remoteClosed).isEqualTo(1);
    assertThat(near.isOpen()).isFalse();
    assertThat(far.isOpen()).isFalse();
    assertThat(client.session.streamCount()).isZero();
    assertThat(server.session.streamCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bothOrdersOfFinForgetTheStream(boolean openerFirst) {
    YamuxStream near = client.session.open();
    End.exchange(client, server);
    YamuxStream far = server.onlyStream();
    (openerFirst ? near : far).closeWrite();
    End.exchange(client, server);
    assertThat(client.session.streamCount() + server.session.streamCount()).isEqualTo(2);
    (openerFirst ? far : near).closeWrite();
    End.exchange(client, server);
    assertThat(client.session.streamCount() + server.session.streamCount()).isZero();
  }

  @Test
  void finsThatCrossForgetTheStream() {
    YamuxStream near = client.session.open();
    End.exchange(client, server);
    near.closeWrite();
    server.onlyStream().closeWrite();
    End.exchange(client, server);
    assertThat(client.session.streamCount() + server.session.streamCount()).isZero();
  }

  @Test
  void aStreamWithUnreadBytesIsKeptUntilTheyAreRead() {
    YamuxStream near = client.session.open();
    near.write(new byte[] {1, 2}, 0, 2);
    near.closeWrite();
    End.exchange(client, server);
    YamuxStream far = server.onlyStream();
    far.closeWrite();
    assertThat(server.session.streamCount()).isEqualTo(1);
    assertThat(far.read(new byte[2], 0, 2)).isEqualTo(2);
    assertThat(server.session.streamCount()).isZero();
    assertThat(far.read(new byte[2], 0, 2)).isEqualTo(-1);
  }

  @Test
  void aRstAfterEverythingWasSaidDoesNotTakeUnreadBytesAway() {
    server.receive(SentFrame.data(Frame.SYN | Frame.FIN, 1, new byte[] {1, 2}));
    YamuxStream far = server.onlyStream();
    far.closeWrite();
    server.receive(SentFrame.reset(1, 0));
    assertThat(far.read(new byte[2], 0, 2)).isEqualTo(2);
    assertThat(far.read(new byte[2], 0, 2)).isEqualTo(-1);
  }

  @Test
  void aRepeatedFinIsHarmless() {
    server.receive(
        SentFrame.windowUpdate(Frame.SYN, 1, 0),
        SentFrame.windowUpdate(Frame.FIN, 1, 0),
        SentFrame.windowUpdate(Frame.FIN, 1, 32));
    StreamProbe probe = StreamProbe.on(server.onlyStream());
    server.receive(SentFrame.windowUpdate(Frame.FIN, 1, 0));
    assertThat(probe.remoteClosed).isZero();
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.onlyStream().isOpen()).isTrue();
  }

  @Test
  void closingTwiceSendsOneFin() {
    YamuxStream near = client.session.open();
    near.closeWrite();
    near.closeWrite();
    assertThat(client.takeFrames())
        .containsExactly(
            SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.windowUpdate(Frame.FIN, 1, 0));
    assertThatThrownBy(() -> near.write(new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void synAndFinThatWaitedLeaveTogether() {
    client.block();
    client.session.open().closeWrite();
    client.unblock();
    assertThat(client.takeFrames())
        .containsExactly(SentFrame.windowUpdate(Frame.SYN | Frame.FIN, 1, 0));
  }

  @Test
  void aStreamResetBeforeThePeerHeardOfItIsNeverMentioned() {
    client.block();
    client.session.open().reset(5);
    client.unblock();
    assertThat(client.takeFrames()).isEmpty();
    assertThat(client.session.streamCount()).isZero();
  }

  @Test
  void ourResetIsNotReportedToUsAndSentOnce() {
    YamuxStream near = client.session.open();
    StreamProbe probe = StreamProbe.on(near);
    near.reset(0x1004);
    near.reset(0x1004);
    assertThat(probe.resets).isZero();
    assertThat(client.takeFrames())
        .containsExactly(SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.reset(1, 0x1004));
  }

  // ---- polite close

  @Test
  void aPolitelyClosedStreamDeliversWhatWasWrittenAndDropsWhatComes() {
    YamuxStream near = client.session.open();
    near.write(new byte[] {1, 2, 3}, 0, 3);
    near.closeWrite();
    near.closeRead();
    End.exchange(client, server);
    YamuxStream far = server.onlyStream();
    assertThat(far.write(new byte[1000], 0, 1000)).isEqualTo(1000);
    End.exchange(client, server);
    assertThat(far.read(new byte[3], 0, 3)).isEqualTo(3);
    assertThat(near.available()).isZero();
    assertThat(near.read(new byte[3], 0, 3)).isEqualTo(-1);
    far.closeWrite();
    End.exchange(client, server);
    assertThat(client.session.streamCount() + server.session.streamCount()).isZero();
  }

  @Test
  void aPeerThatFillsTheWindowOfAClosedStreamIsReset() {
    YamuxStream near = client.session.open();
    near.closeRead();
    End.exchange(client, server);
    YamuxStream far = server.onlyStream();
    StreamProbe probe = StreamProbe.on(far);
    int window = YamuxLimits.INITIAL_WINDOW_BYTES;
    far.write(new byte[window], 0, window - 1);
    End.exchange(client, server);
    assertThat(probe.resets).isZero();
    far.write(new byte[1], 0, 1);
    End.exchange(client, server);
    assertThat(probe.resets).isEqualTo(1);
    assertThat(client.session.streamCount() + server.session.streamCount()).isZero();
  }

  @Test
  void aClosedStreamWaitsForThePeersFinOnlySoLong() {
    YamuxStream near = client.session.open();
    near.closeWrite();
    near.closeRead();
    End.exchange(client, server);
    StreamProbe probe = StreamProbe.on(server.onlyStream());
    client.seconds(60);
    client.session.tick();
    End.exchange(client, server);
    assertThat(probe.resets).isZero();
    client.seconds(1);
    client.session.tick();
    End.exchange(client, server);
    assertThat(probe.code).isEqualTo(YamuxCodes.STREAM_GARBAGE_COLLECTED);
    assertThat(client.session.streamCount() + server.session.streamCount()).isZero();
  }

  // ---- limits on opening

  @Test
  void asManyStreamsMayWaitForTheirAckAsTheBacklogAllows() {
    for (int i = 0; i < 256; i++) {
      client.session.open();
    }
    assertThatThrownBy(client.session::open)
        .isInstanceOf(LimitReached.class)
        .hasMessageContaining("acknowledged");
    client.receive(SentFrame.windowUpdate(Frame.ACK, 1, 0));
    assertThat(client.session.open().id()).isEqualTo(513);
    assertThatThrownBy(client.session::open).isInstanceOf(LimitReached.class);
    // A reset or any other frame of the peer's ends the wait as well.
    client.receive(SentFrame.reset(3, 0), SentFrame.windowUpdate(0, 5, 18));
    client.session.open();
    client.session.open();
    assertThatThrownBy(client.session::open).isInstanceOf(LimitReached.class);
  }

  @Test
  void weOpenOnlySoManyStreams() {
    End small = new End(true, YamuxLimits.DEFAULT.withStreams(5, 2), new AtomicLong());
    YamuxStream first = small.session.open();
    small.session.open();
    assertThatThrownBy(small.session::open).isInstanceOf(LimitReached.class);
    first.reset(0);
    small.session.open();
  }

  @Test
  void oneInboundStreamTooManyIsResetAndTheOthersLive() {
    End small = End.server(YamuxLimits.DEFAULT.withStreams(2, 5));
    small.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.windowUpdate(Frame.SYN, 3, 0));
    small.takeFrames();
    small.receive(SentFrame.data(Frame.SYN, 5, new byte[100]));
    assertThat(small.takeFrames())
        .containsExactly(SentFrame.reset(5, YamuxCodes.STREAM_RESOURCE_LIMIT));
    assertThat(small.session.streamCount()).isEqualTo(2);
    small.accepted.getFirst().reset(0);
    small.receive(SentFrame.windowUpdate(Frame.SYN, 7, 0));
    assertThat(small.accepted).hasSize(3);
    // Our own streams are counted apart.
    small.session.open();
  }

  // ---- go-away

  @Test
  void afterGoAwayTheOpenStreamsFinishAndThenTheSessionEnds() {
    YamuxStream near = client.session.open();
    End.exchange(client, server);
    server.session.goAway();
    End.exchange(client, server);
    assertThat(client.goAways).containsExactly(0L);
    assertThatThrownBy(client.session::open).isInstanceOf(PeerUnreachable.class);
    assertThatThrownBy(server.session::open).isInstanceOf(PeerUnreachable.class);
    near.write(new byte[] {1}, 0, 1);
    near.closeWrite();
    End.exchange(client, server);
    assertThat(server.onlyStream().read(new byte[1], 0, 1)).isEqualTo(1);
    assertThat(server.session.isOpen()).isTrue();
    server.onlyStream().closeWrite();
    End.exchange(client, server);
    assertThat(server.closes).isEqualTo(1);
    assertThat(client.closes).isEqualTo(1);
  }

  @Test
  void goAwayWithoutStreamsEndsTheSessionAtOnce() {
    client.session.goAway();
    assertThat(client.takeFrames()).containsExactly(SentFrame.goAway(0));
    assertThat(client.closes).isEqualTo(1);
  }

  @Test
  void aStreamOpenedAfterOurGoAwayIsReset() {
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    server.session.goAway();
    server.takeFrames();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 3, 0));
    assertThat(server.takeFrames()).containsExactly(SentFrame.reset(3, YamuxCodes.STREAM_SHUTDOWN));
    assertThat(server.accepted).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 0x1002, 0x1007, 0xFFFFFFFFL})
  void aGoAwayWithAnErrorEndsTheSessionWithItsCode(long code) {
    YamuxStream near = client.session.open();
    StreamProbe probe = StreamProbe.on(near);
    client.takeFrames();
    client.receive(SentFrame.goAway(code));
    assertThat(client.goAways).containsExactly(code);
    assertThat(client.closes).isEqualTo(1);
    assertThat(probe.cause).isSameAs(client.cause).isInstanceOf(PeerUnreachable.class);
    assertThat(client.cause).hasMessageContaining("0x" + Long.toHexString(code));
    assertThat(client.takeFrames()).isEmpty();
  }

  @Test
  void closingSaysGoAwayWithTheCodeAndTellsTheStreams() {
    StreamProbe probe = StreamProbe.on(client.session.open());
    client.takeFrames();
    client.session.close(YamuxCodes.CONNECTION_GATED);
    client.session.close(0);
    assertThat(client.takeFrames()).containsExactly(SentFrame.goAway(0x1007));
    assertThat(probe.resets).isEqualTo(1);
    assertThat(client.closes).isEqualTo(1);
    assertThatThrownBy(client.session::open).isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void closingSaysGoAwayEvenToATransportThatTakesNothing() {
    client.block();
    client.session.close(0);
    assertThat(client.takeFrames()).containsExactly(SentFrame.goAway(0));
  }

  @Test
  void aLostTransportEndsTheStreamsWithItsCauseAndSaysNothing() {
    StreamProbe probe = StreamProbe.on(client.session.open());
    client.takeFrames();
    PeerUnreachable lost = new PeerUnreachable("connection reset");
    client.session.transportClosed(lost);
    assertThat(client.takeFrames()).isEmpty();
    assertThat(probe.cause).isSameAs(lost);
    assertThat(client.cause).isSameAs(lost);
  }

  @Test
  void whatThePeerSentCompletelyStaysReadableAfterTheEnd() {
    server.receive(
        SentFrame.data(Frame.SYN | Frame.FIN, 1, new byte[] {1, 2}),
        SentFrame.data(Frame.SYN, 3, new byte[] {1, 2}),
        SentFrame.goAway(0));
    server.session.transportClosed(new PeerUnreachable("gone"));
    YamuxStream complete = server.accepted.get(0);
    YamuxStream cut = server.accepted.get(1);
    assertThat(complete.read(new byte[2], 0, 2)).isEqualTo(2);
    assertThat(complete.read(new byte[2], 0, 2)).isEqualTo(-1);
    assertThatThrownBy(() -> complete.write(new byte[1], 0, 1)).isInstanceOf(PeerUnreachable.class);
    assertThatThrownBy(() -> cut.read(new byte[2], 0, 2)).isInstanceOf(PeerUnreachable.class);
  }

  // ---- keep-alive

  @Test
  void theFirstTickPingsAndTheAnswerGivesTheRoundTrip() {
    client.session.tick();
    assertThat(client.session.rtt()).isEmpty();
    client.clock.addAndGet(7_000_000);
    End.exchange(client, server);
    assertThat(client.session.rtt()).hasValue(java.time.Duration.ofMillis(7));
    client.seconds(29);
    client.session.tick();
    assertThat(client.takeFrames()).isEmpty();
    client.seconds(1);
    client.session.tick();
    assertThat(client.takeFrames()).hasSize(1);
  }

  @Test
  void aPeersPingsStandForOursTenTimesInARowAndNotOnceMore() {
    client.session.tick();
    End.exchange(client, server);
    assertThat(client.session.rtt()).isPresent();
    for (int i = 0; i < KeepAlive.SPARED_MAX; i++) {
      client.seconds(30);
      client.receive(SentFrame.ping(Frame.SYN, i));
      client.session.tick();
      assertThat(client.takeFrames()).as("only the answer to %d", i).hasSize(1);
    }
    client.seconds(30);
    client.receive(SentFrame.ping(Frame.SYN, 77));
    client.session.tick();
    assertThat(client.takeFrames()).hasSize(1);
    client.seconds(8);
    client.session.tick();
    assertThat(client.takeFrames()).as("a ping of ours").hasSize(1);
  }

  @Test
  void aPeerThatPingedOnceAndFallsSilentIsStillGivenUp() {
    client.session.tick();
    End.exchange(client, server);
    client.seconds(29);
    client.receive(SentFrame.ping(Frame.SYN, 1));
    client.seconds(37);
    client.session.tick();
    client.seconds(1);
    client.session.tick();
    client.seconds(11);
    client.session.tick();
    assertThat(client.cause).isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void aSilentPeerIsGivenUpAfterItsPatience() {
    StreamProbe probe = StreamProbe.on(client.session.open());
    client.session.tick();
    client.seconds(10);
    client.session.tick();
    assertThat(client.session.isOpen()).isTrue();
    client.clock.addAndGet(1);
    client.session.tick();
    assertThat(client.cause).isInstanceOf(PeerUnreachable.class);
    assertThat(probe.cause).isSameAs(client.cause);
  }

  @Test
  void aPeerThatSendsAnythingIsAlive() {
    client.session.open();
    client.session.tick();
    for (int i = 0; i < 10; i++) {
      client.seconds(9);
      client.receive(SentFrame.windowUpdate(0, 1, 18));
      client.session.tick();
    }
    assertThat(client.session.isOpen()).isTrue();
  }

  @Test
  void aTransportThatTakesNothingForTooLongEndsTheSession() {
    client.session.tick();
    End.exchange(client, server);
    client.block();
    client.session.tick();
    client.seconds(30);
    client.receive(SentFrame.ping(Frame.SYN, 1));
    client.session.tick();
    assertThat(client.session.isOpen()).isTrue();
    client.clock.addAndGet(1);
    client.session.tick();
    assertThat(client.cause)
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining("took no bytes");
  }

  @Test
  void aTransportThatTakesSomethingNowAndThenIsNotStalled() {
    client.session.tick();
    End.exchange(client, server);
    for (int i = 0; i < 10; i++) {
      client.block();
      client.session.tick();
      client.seconds(20);
      client.receive(SentFrame.ping(Frame.SYN, 1));
      client.session.tick();
      client.unblock();
      End.exchange(client, server);
    }
    assertThat(client.session.isOpen()).isTrue();
  }

  @Test
  void aPeerWhoseKernelTakesBytesIsAliveThoughOurPingWaitsBehindThem() {
    YamuxStream near = client.session.open();
    StreamProbe.on(near);
    client.session.tick();
    for (int i = 0; i < 10; i++) {
      client.block();
      near.write(new byte[1], 0, 1);
      client.seconds(9);
      client.unblock();
      client.session.tick();
    }
    assertThat(client.session.isOpen()).isTrue();
    // Being asked without having been full is no sign of life.
    client.seconds(9);
    client.session.transportWritable();
    client.seconds(2);
    client.session.tick();
    assertThat(client.session.isOpen()).isFalse();
  }

  @Test
  void aSecondGoAwayChangesNothing() {
    client.session.open();
    client.receive(SentFrame.goAway(0), SentFrame.goAway(0));
    assertThat(client.goAways).containsExactly(0L);
    assertThat(client.session.isOpen()).isTrue();
  }
}
