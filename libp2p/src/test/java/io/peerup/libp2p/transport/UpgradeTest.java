package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.multistream.Step;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.noise.NoiseHandshake;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSession;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final PrivateKey dialerKey = PrivateKey.generate(KeyRandom.secure());
  private final PrivateKey listenerKey = PrivateKey.generate(KeyRandom.secure());
  private final MemoryLoop loop = new MemoryLoop();
  private final MemoryDuplex[] ends = MemoryDuplex.pair(loop);
  private final UpgradeProbe dialer = new UpgradeProbe();
  private final UpgradeProbe listener = new UpgradeProbe();

  private static Upgrade.Config config(PrivateKey key) {
    return new Upgrade.Config(key, KeyRandom.secure(), YamuxLimits.DEFAULT);
  }

  private void dial(PeerExpectation expectation) {
    var _ =
        Upgrade.start(ends[0], Direction.OUTBOUND, config(dialerKey), expectation, TIMEOUT, dialer);
  }

  private void listen() {
    var _ =
        Upgrade.start(
            ends[1],
            Direction.INBOUND,
            config(listenerKey),
            PeerExpectation.any(),
            TIMEOUT,
            listener);
  }

  private PeerExpectation theListener() {
    return PeerExpectation.exactly(PeerId.of(listenerKey.publicKey()));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100, Integer.MAX_VALUE})
  void bothEndsAgreeHoweverTheBytesAreCut(int piece) {
    ends[0].cut(piece);
    ends[1].cut(piece);
    listen();
    dial(theListener());
    loop.quiet();

    assertThat(dialer.muxed).isNotNull();
    assertThat(listener.muxed).isNotNull();
    assertThat(dialer.muxed.secured().peer()).isEqualTo(PeerId.of(listenerKey.publicKey()));
    assertThat(listener.muxed.secured().peer()).isEqualTo(PeerId.of(dialerKey.publicKey()));
    assertThat(dialer.muxed.secured().binding()).isEqualTo(listener.muxed.secured().binding());

    var opening = dialer.muxed.open();
    loop.quiet();
    opening.join().write(new byte[] {1, 2, 3});
    loop.quiet();
    assertThat(listener.opened).hasSize(1);
    assertThat(listener.opened.getFirst().readExactly(3)).containsExactly(1, 2, 3);
  }

  @Test
  void aWrongIdentityEndsTheDialBeforeOurIdentityIsSent() {
    listen();
    dial(peer -> false);
    loop.quiet();
    assertThat(dialer.failure).isInstanceOf(Refused.class);
    // Header and proposal (20 + 8), and message 1 with its length (2 + 32): no message 3.
    assertThat(ends[0].sent()).hasSize(20 + 8 + 2 + 32);
    assertThat(ends[0].ended()).isTrue();
    assertThat(listener.failure).isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void aPeerThatSaysNothingIsGivenUpAtTheDeadline() {
    dial(theListener());
    listen();
    ends[0].alter(bytes -> new byte[0]);
    loop.advance(TIMEOUT.minusMillis(1));
    assertThat(listener.decided()).isFalse();
    loop.advance(Duration.ofMillis(1));
    assertThat(listener.failure).isInstanceOfAny(DeadlineExceeded.class, PeerUnreachable.class);
    assertThat(dialer.decided()).isTrue();
    assertThat(ends[1].ended()).isTrue();
  }

  @Test
  void abandoningEndsAnUpgradeAtOnce() {
    Upgrade upgrade =
        Upgrade.start(
            ends[0], Direction.OUTBOUND, config(dialerKey), theListener(), TIMEOUT, dialer);
    upgrade.abandon();
    loop.quiet();
    assertThat(dialer.failure).isInstanceOf(PeerUnreachable.class);
    assertThat(ends[0].ended()).isTrue();
  }

  @Test
  void aPeerWithoutNoiseIsRefused() {
    ends[1].receiver(new Script(new MultistreamResponder(name -> false)));
    dial(theListener());
    loop.quiet();
    assertThat(dialer.failure).isInstanceOf(Refused.class).hasMessageContaining("/noise");
  }

  @Test
  void garbageInsteadOfMultistreamIsAViolation() {
    listen();
    byte[] request =
        ("GET / HTTP/1.1\r\nHost: " + "x".repeat(80) + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    ends[0].write(request, 0, request.length);
    ends[0].flush();
    loop.quiet();
    assertThat(listener.failure).isInstanceOf(ProtocolViolation.class);
    assertThat(ends[1].ended()).isTrue();
  }

  @Test
  void aPeerWithoutEarlyMuxerNegotiationIsAskedWithMultistream() {
    Script script = new Script(new MultistreamResponder(Upgrade.NOISE::equals));
    ends[1].receiver(script);
    dial(theListener());
    loop.quiet();
    assertThat(script.muxer).isEqualTo(Upgrade.YAMUX);
    assertThat(dialer.muxed).isNotNull();
    assertThat(dialer.muxed.secured().muxer()).isEqualTo(Upgrade.YAMUX);
    // The muxer runs: its first ping has arrived behind the negotiation.
    assertThat(script.muxerBytes).isPositive();
  }

  @Test
  void theConnectionEndsWithThePipe() {
    listen();
    dial(theListener());
    loop.quiet();
    ends[1].abort();
    loop.quiet();
    assertThat(dialer.closed).isInstanceOf(PeerUnreachable.class);
    assertThat(dialer.muxed).isNotNull();
    assertThat(dialer.muxed.isOpen()).isFalse();
  }

  @Test
  void closingTellsTheOtherSide() {
    listen();
    dial(theListener());
    loop.quiet();
    assertThat(dialer.muxed).isNotNull();
    dialer.muxed.close(0);
    loop.quiet();
    assertThat(listener.closed).isInstanceOf(OverlayException.class);
    assertThat(ends[0].ended()).isTrue();
    assertThat(ends[1].ended()).isTrue();
  }

  /// A listener made of the bare machines whose Noise sends no muxer list, as rust-libp2p's.
  private final class Script implements Duplex.Receiver {
    private final MultistreamResponder security;
    private final NoiseHandshake handshake =
        NoiseHandshake.responder(
            new Negotiated("/noise", List.of()),
            NoiseKeys.of(listenerKey, KeyRandom.secure()),
            KeyRandom.secure(),
            PeerExpectation.any(),
            List.of());
    private final NoiseFramer framer =
        new NoiseFramer(io.peerup.libp2p.noise.Limits.FRAME_BYTES_MAX);
    private final MultistreamResponder muxers = new MultistreamResponder(Upgrade.YAMUX::equals);
    private boolean secured;
    private @Nullable NoiseSession session;
    @Nullable String muxer;
    int muxerBytes;

    Script(MultistreamResponder security) {
      this.security = security;
    }

    @Override
    public void onBytes(byte[] data, int offset, int length) {
      int at = offset;
      int end = offset + length;
      if (!secured) {
        at += security.consume(data, at, end - at);
        switch (security.step()) {
          case Step.Agreed agreed -> {
            secured = true;
            send(agreed.bytes());
            var _ = handshake.start();
          }
          case Step.Send send -> send(send.bytes());
          default -> {}
        }
      }
      while (at < end) {
        at += framer.consume(data, at, end - at);
        if (framer.complete()) {
          frame(framer.bodyCopy());
          framer.next();
        }
      }
    }

    private void frame(byte[] body) {
      if (session == null) {
        switch (handshake.receive(body)) {
          case NoiseHandshake.Step.Send send -> send(NoiseFramer.frame(send.message()));
          case NoiseHandshake.Step.Done done -> session = done.session();
          case NoiseHandshake.Step.Await() -> {}
        }
        return;
      }
      byte[] plain = new byte[body.length];
      int count = session.receiver().decrypt(body, 0, body.length, plain, 0);
      int used = muxer == null ? muxers.consume(plain, 0, count) : 0;
      muxerBytes += muxer == null ? 0 : count;
      switch (muxers.step()) {
        case Step.Agreed agreed when muxer == null -> {
          muxer = agreed.protocol();
          muxerBytes += count - used;
          seal(agreed.bytes());
        }
        case Step.Send send -> seal(send.bytes());
        default -> {}
      }
    }

    private void seal(byte[] plain) {
      assertThat(session).isNotNull();
      byte[] body = new byte[plain.length + io.peerup.libp2p.noise.Limits.TAG_BYTES];
      int written = session.sender().encrypt(plain, 0, plain.length, body, 0);
      assertThat(written).isEqualTo(body.length);
      send(NoiseFramer.frame(body));
    }

    private void send(byte[] bytes) {
      ends[1].write(bytes, 0, bytes.length);
      ends[1].flush();
    }

    @Override
    public void onEnded(OverlayException cause) {}
  }
}
