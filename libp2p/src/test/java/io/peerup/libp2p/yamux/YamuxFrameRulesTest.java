package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.StreamReset;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of yamux/README.md, one raw frame at a time.
class YamuxFrameRulesTest {

  private static final int INITIAL = YamuxLimits.INITIAL_WINDOW_BYTES;

  @Test
  void openingTellsThePeerAtOnceWithAWindowUpdate() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    assertThat(stream.id()).isEqualTo(1);
    assertThat(client.takeFrames()).containsExactly(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    assertThat(client.flushes).isEqualTo(1);
    assertThat(client.session.open().id()).isEqualTo(3);
  }

  @Test
  void theServerOpensEvenIds() {
    End server = End.server();
    assertThat(server.session.open().id()).isEqualTo(2);
    assertThat(server.session.open().id()).isEqualTo(4);
  }

  @Test
  void aSmallWriteLeavesAtOnceInOneFrame() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    client.takeFrames();
    int flushes = client.flushes;
    assertThat(stream.write(new byte[] {9, 7, 8, 9}, 1, 2)).isEqualTo(2);
    assertThat(client.takeFrames()).containsExactly(SentFrame.data(0, 1, new byte[] {7, 8}));
    assertThat(client.flushes).isEqualTo(flushes + 1);
  }

  @Test
  void anAcceptedStreamIsAcknowledgedWithoutWaitingForData() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    assertThat(server.onlyStream().id()).isEqualTo(1);
    assertThat(server.takeFrames()).containsExactly(SentFrame.windowUpdate(Frame.ACK, 1, 0));
  }

  @Test
  void anAnswerInTheSameTurnCarriesTheAcknowledgement() {
    End server = End.server();
    YamuxListener answering =
        new YamuxListener() {
          @Override
          public void onStream(YamuxStream stream) {
            stream.write(new byte[] {5}, 0, 1);
          }

          @Override
          public void onReadingPaused(boolean paused) {}

          @Override
          public void onClosed(io.peerup.libp2p.OverlayException cause) {}
        };
    YamuxSession session =
        new YamuxSession(false, YamuxLimits.DEFAULT, server.clock::get, server, answering);
    byte[] syn = SentFrame.windowUpdate(Frame.SYN, 1, 0).bytes();
    session.receive(syn, 0, syn.length);
    assertThat(server.takeFrames()).containsExactly(SentFrame.data(Frame.ACK, 1, new byte[] {5}));
    assertThat(server.flushes).isEqualTo(1);
  }

  @Test
  void aStreamMayBeOpenedByItsFirstData() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN, 1, new byte[] {1, 2, 3}));
    YamuxStream stream = server.onlyStream();
    byte[] target = new byte[8];
    assertThat(stream.read(target, 2, 6)).isEqualTo(3);
    assertThat(target).containsExactly(0, 0, 1, 2, 3, 0, 0, 0);
    assertThat(stream.read(target, 0, 8)).isZero();
  }

  @Test
  void synAndFinAndDataMayComeInOneFrame() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN | Frame.FIN, 1, new byte[] {1, 2, 3}));
    YamuxStream stream = server.onlyStream();
    assertThat(stream.remoteClosed()).isTrue();
    byte[] target = new byte[8];
    assertThat(stream.read(target, 0, 8)).isEqualTo(3);
    assertThat(stream.read(target, 0, 8)).isEqualTo(-1);
  }

  @Test
  void acknowledgementCreditAndFinMayComeInOneFrame() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    StreamProbe probe = StreamProbe.on(stream);
    client.receive(SentFrame.windowUpdate(Frame.ACK | Frame.FIN, 1, 100));
    assertThat(probe.remoteClosed).isEqualTo(1);
    assertThat(stream.write(new byte[INITIAL + 200], 0, INITIAL + 200)).isEqualTo(INITIAL + 100);
  }

  @Test
  void dataBeforeARstInTheSameFrameIsDeliveredAndThenTheStreamIsReset() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    StreamProbe probe = StreamProbe.takingAll(server.onlyStream());
    server.receive(SentFrame.data(Frame.RST, 1, new byte[] {1, 2}));
    assertThat(probe.bytesTaken).isEqualTo(2);
    assertThat(probe.resets).isEqualTo(1);
    assertThat(server.session.streamCount()).isZero();
  }

  @Test
  void aStreamResetAtBirthIsNeverShown() {
    End server = End.server();
    server.receive(
        SentFrame.windowUpdate(Frame.SYN | Frame.RST, 1, 0),
        SentFrame.data(Frame.SYN | Frame.RST, 3, new byte[] {1}));
    assertThat(server.accepted).isEmpty();
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.takeFrames()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 0x7FFFFFFE, 0xFFFFFFFE})
  void aClientThatOpensAnEvenIdIsSentAway(int id) {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, id, 0));
    assertSentAway(server);
  }

  @Test
  void aServerThatOpensAnOddIdIsSentAway() {
    End client = End.client();
    client.receive(SentFrame.data(Frame.SYN, 1, new byte[0]));
    assertSentAway(client);
  }

  @Test
  void anIdAboveTwoToThe31IsUnsigned() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 0xFFFFFFFF, 0));
    assertThat(server.onlyStream().id()).isEqualTo(0xFFFFFFFFL);
    assertThat(server.takeFrames()).containsExactly(SentFrame.windowUpdate(Frame.ACK, -1, 0));
  }

  @Test
  void openingAnIdInUseEndsTheSession() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    server.takeFrames();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    assertSentAway(server);
  }

  @Test
  void streamsMayBeOpenedOutOfOrder() {
    End server = End.server();
    server.receive(
        SentFrame.windowUpdate(Frame.SYN, 5, 0), SentFrame.windowUpdate(Frame.SYN, 3, 0));
    assertThat(server.accepted).extracting(YamuxStream::id).containsExactly(5L, 3L);
  }

  @Test
  void anotherVersionEndsTheSession() {
    End server = End.server();
    byte[] frame = SentFrame.ping(Frame.SYN, 1).bytes();
    frame[0] = 1;
    server.receive(frame);
    assertSentAway(server);
  }

  @Test
  void anUnknownTypeEndsTheSession() {
    End server = End.server();
    byte[] frame = SentFrame.ping(Frame.SYN, 1).bytes();
    frame[1] = 4;
    server.receive(frame);
    assertSentAway(server);
  }

  @Test
  void dataForStreamZeroEndsTheSession() {
    End server = End.server();
    server.receive(SentFrame.data(0, 0, new byte[1]));
    assertSentAway(server);
  }

  @Test
  void aPingOnAStreamEndsTheSession() {
    End server = End.server();
    server.receive(new SentFrame(Frame.PING, Frame.SYN, 1, 7, java.util.List.of()));
    assertSentAway(server);
  }

  @Test
  void unknownFlagsAreIgnored() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN | 0x8010, 1, new byte[] {1}));
    assertThat(server.onlyStream().available()).isEqualTo(1);
  }

  @Test
  void aPingIsAnsweredWithItsValue() {
    End server = End.server();
    server.receive(SentFrame.ping(Frame.SYN, 0xDEADBEEFL));
    assertThat(server.takeFrames()).containsExactly(SentFrame.ping(Frame.ACK, 0xDEADBEEFL));
  }

  @Test
  void dataForAnUnknownStreamIsSkippedAndTheNextFrameIsUnderstood() {
    End server = End.server();
    server.receive(
        SentFrame.data(0, 77, new byte[1000]),
        SentFrame.windowUpdate(0, 77, 5),
        SentFrame.windowUpdate(Frame.FIN, 77, 0),
        SentFrame.reset(77, 5),
        SentFrame.ping(Frame.SYN, 3));
    assertThat(server.session.isOpen()).isTrue();
    assertThat(server.accepted).isEmpty();
    assertThat(server.takeFrames()).containsExactly(SentFrame.ping(Frame.ACK, 3));
  }

  @Test
  void dataForAStreamThatWeResetIsSkipped() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    server.onlyStream().reset(0x1004);
    assertThat(server.takeFrames())
        .containsExactly(SentFrame.windowUpdate(Frame.ACK, 1, 0), SentFrame.reset(1, 0x1004));
    server.receive(SentFrame.data(0, 1, new byte[100_000]), SentFrame.ping(Frame.SYN, 3));
    assertThat(server.takeFrames()).containsExactly(SentFrame.ping(Frame.ACK, 3));
  }

  @Test
  void aFrameLargerThanAnyWindowEndsTheSessionEvenForUnknownStreams() {
    YamuxLimits limits = YamuxLimits.DEFAULT;
    End server = End.server(limits);
    server.receive(
        new SentFrame(Frame.DATA, 0, 9, limits.streamWindowBytesMax() + 1L, java.util.List.of()));
    assertSentAway(server);
  }

  @Test
  void emptyDataIsNotTheEnd() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN, 1, new byte[0]));
    StreamProbe probe = StreamProbe.on(server.onlyStream());
    server.receive(SentFrame.data(0, 1, new byte[0]), SentFrame.data(0, 1, new byte[] {4}));
    assertThat(probe.remoteClosed).isZero();
    assertThat(probe.readable).isEqualTo(1);
    assertThat(server.onlyStream().read(new byte[4], 0, 4)).isEqualTo(1);
  }

  @Test
  void theCodeOfARstIsNeverACredit() {
    End client = End.client();
    YamuxStream stream = client.session.open();
    StreamProbe probe = StreamProbe.on(stream);
    client.receive(SentFrame.windowUpdate(Frame.ACK, 1, SendSide.CREDIT_MAX - INITIAL));
    // As a credit this would overflow and end the session.
    client.receive(SentFrame.reset(1, 0xFFFFFFFFL));
    assertThat(client.session.isOpen()).isTrue();
    assertThat(probe.code).isEqualTo(0xFFFFFFFFL);
    assertThat(probe.writable).isZero();
    assertThat(probe.cause).isInstanceOf(StreamReset.class);
    assertThatThrownBy(() -> stream.write(new byte[1], 0, 1)).isInstanceOf(StreamReset.class);
    assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(StreamReset.class);
  }

  @Test
  void aRstWakesTheReaderWithTheErrorAndDropsWhatIsBuffered() {
    End server = End.server();
    server.receive(SentFrame.data(Frame.SYN, 1, new byte[10]));
    YamuxStream stream = server.onlyStream();
    StreamProbe probe = StreamProbe.on(stream);
    server.receive(SentFrame.reset(1, 9));
    assertThat(probe.resets).isEqualTo(1);
    assertThat(stream.available()).isZero();
    assertThatThrownBy(() -> stream.read(new byte[1], 0, 1))
        .isInstanceOf(StreamReset.class)
        .hasMessageContaining("0x9");
    assertThat(server.session.streamCount()).isZero();
  }

  @Test
  void aResetCodeThatDoesNotFitBecomesCodeOutOfRange() {
    End client = End.client();
    client.session.open().reset(1L << 32);
    assertThat(client.takeFrames())
        .containsExactly(SentFrame.windowUpdate(Frame.SYN, 1, 0), SentFrame.reset(1, 0x1009));
  }

  @Test
  void dataAfterFinResetsOnlyThatStream() {
    End server = End.server();
    server.receive(
        SentFrame.windowUpdate(Frame.SYN | Frame.FIN, 1, 0),
        SentFrame.windowUpdate(Frame.SYN, 3, 0));
    StreamProbe probe = StreamProbe.on(server.accepted.getFirst());
    server.takeFrames();
    server.receive(SentFrame.data(0, 1, new byte[3]), SentFrame.data(0, 3, new byte[3]));
    assertThat(probe.cause).isInstanceOf(ProtocolViolation.class);
    assertThat(server.takeFrames()).containsExactly(SentFrame.reset(1, 0x1004));
    assertThat(server.accepted.get(1).available()).isEqualTo(3);
  }

  @Test
  void theLastIdCanBeOpenedAndThenNoMore() {
    End client = new End(true, YamuxLimits.DEFAULT, new AtomicLong(), 0x7FFFFFFD);
    assertThat(client.session.open().id()).isEqualTo(0x7FFFFFFDL);
    assertThat(client.session.open().id()).isEqualTo(0x7FFFFFFFL);
    assertThatThrownBy(client.session::open)
        .isInstanceOf(LimitReached.class)
        .hasMessageContaining("ids are used up");
    assertThat(client.session.isOpen()).isTrue();
  }

  @Test
  void theServersLastIdCanBeOpenedAndThenNoMore() {
    End server = new End(false, YamuxLimits.DEFAULT, new AtomicLong(), 0x7FFFFFFE);
    assertThat(server.session.open().id()).isEqualTo(0x7FFFFFFEL);
    assertThatThrownBy(server.session::open).isInstanceOf(LimitReached.class);
  }

  @Test
  void bytesMayComeOneByOne() {
    End server = End.server();
    byte[] bytes =
        SentFrame.bytes(
            SentFrame.ping(Frame.SYN, 7),
            SentFrame.data(Frame.SYN, 1, new byte[] {1, 2, 3}),
            SentFrame.windowUpdate(Frame.FIN, 1, 38));
    for (byte value : bytes) {
      server.receive(new byte[] {value});
    }
    YamuxStream stream = server.onlyStream();
    byte[] target = new byte[3];
    assertThat(stream.read(target, 0, 3)).isEqualTo(3);
    assertThat(target).containsExactly(1, 2, 3);
    assertThat(stream.remoteClosed()).isTrue();
    assertThat(server.takeFrames())
        .containsExactly(SentFrame.ping(Frame.ACK, 7), SentFrame.windowUpdate(Frame.ACK, 1, 0));
  }

  @Test
  void receivingFromWithinACallbackIsRefused() {
    End server = End.server();
    server.receive(SentFrame.windowUpdate(Frame.SYN, 1, 0));
    StreamProbe probe = StreamProbe.on(server.onlyStream());
    probe.appetite =
        offered -> {
          server.receive(SentFrame.ping(Frame.SYN, 1));
          return offered;
        };
    assertThatThrownBy(() -> server.receive(SentFrame.data(0, 1, new byte[1])))
        .isInstanceOf(IllegalStateException.class);
  }

  private static void assertSentAway(End end) {
    assertThat(end.takeFrames()).containsExactly(SentFrame.goAway(1));
    assertThat(end.cause).isInstanceOf(ProtocolViolation.class);
    assertThat(end.closes).isEqualTo(1);
    assertThat(end.session.isOpen()).isFalse();
    end.receive(SentFrame.ping(Frame.SYN, 1));
    assertThat(end.takeFrames()).isEmpty();
  }
}
