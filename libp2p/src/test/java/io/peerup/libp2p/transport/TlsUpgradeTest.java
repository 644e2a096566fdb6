package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.tls.TlsKeys;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.testkit.SeededRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsUpgradeTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final PrivateKey dialerKey = PrivateKey.generate(KeyRandom.secure());
  private final PrivateKey listenerKey = PrivateKey.generate(KeyRandom.secure());
  private final MemoryLoop loop = new MemoryLoop();
  private final MemoryDuplex[] ends = MemoryDuplex.pair(loop);
  private final UpgradeProbe dialer = new UpgradeProbe();
  private final UpgradeProbe listener = new UpgradeProbe();

  private static Security tls(PrivateKey key) {
    return new TlsSecurity(
        TlsKeys.of(key, KeyRandom.secure(), InstantSource.system(), BoringSslTls::orJdk),
        List.of());
  }

  private static Security noise(PrivateKey key) {
    return new NoiseSecurity(
        NoiseSuite.CLASSIC, List.of(), NoiseKeys.of(key, KeyRandom.secure()), KeyRandom.secure());
  }

  private static Security named(String id, PrivateKey key) {
    return id.equals(Upgrade.TLS) ? tls(key) : noise(key);
  }

  private static Upgrade.Config config(Security... security) {
    return new Upgrade.Config(
        List.of(security), YamuxLimits.DEFAULT, new BufferBudget(BufferBudget.BYTES_MAX));
  }

  private void dial(PeerExpectation expectation, Security... security) {
    var _ =
        Upgrade.start(ends[0], Direction.OUTBOUND, config(security), expectation, TIMEOUT, dialer);
  }

  private void listen(Security... security) {
    var _ =
        Upgrade.start(
            ends[1], Direction.INBOUND, config(security), PeerExpectation.any(), TIMEOUT, listener);
  }

  private PeerExpectation theListener() {
    return PeerExpectation.exactly(PeerId.of(listenerKey.publicKey()));
  }

  /// The dialler's connection, after both were looked at.
  private MuxedConnection established(String security) {
    assertThat(dialer.muxed).isNotNull();
    assertThat(listener.muxed).isNotNull();
    assertThat(dialer.muxed.secured().security()).isEqualTo(security);
    assertThat(listener.muxed.secured().security()).isEqualTo(security);
    assertThat(dialer.muxed.secured().peer()).isEqualTo(PeerId.of(listenerKey.publicKey()));
    assertThat(listener.muxed.secured().peer()).isEqualTo(PeerId.of(dialerKey.publicKey()));
    assertThat(dialer.muxed.secured().binding()).isEqualTo(listener.muxed.secured().binding());
    return dialer.muxed;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, Integer.MAX_VALUE})
  void bothEndsAgreeHoweverTheBytesAreCut(int piece) {
    ends[0].cut(piece);
    ends[1].cut(piece);
    listen(tls(listenerKey));
    dial(theListener(), tls(dialerKey));
    loop.quiet();

    var opening = established(Upgrade.TLS).open();
    loop.quiet();
    byte[] sent = SeededRandom.of(TlsUpgradeTest.class).bytes(100_000);
    opening.join().write(sent);
    loop.quiet();
    assertThat(listener.opened).hasSize(1);
    assertThat(listener.opened.getFirst().readExactly(sent.length)).isEqualTo(sent);
  }

  @Test
  void theDiallersOrderDecidesAndTheListenerTakesEither() {
    listen(noise(listenerKey), tls(listenerKey));
    dial(theListener(), tls(dialerKey), noise(dialerKey));
    loop.quiet();
    established(Upgrade.TLS);
  }

  @Test
  void whatTheListenerLacksIsPassedOver() {
    listen(tls(listenerKey));
    dial(theListener(), noise(dialerKey), tls(dialerKey));
    loop.quiet();
    established(Upgrade.TLS);
  }

  @Test
  void withNothingInCommonBothHearIt() {
    listen(tls(listenerKey));
    dial(theListener(), noise(dialerKey));
    loop.quiet();
    assertThat(dialer.failure).isInstanceOf(Refused.class).hasMessageContaining("/noise");
    assertThat(listener.failure).isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void aWrongIdentityEndsTheDialAndTheListenerHearsWhy() {
    listen(tls(listenerKey));
    dial(peer -> false, tls(dialerKey));
    loop.quiet();
    assertThat(dialer.failure)
        .isInstanceOf(Refused.class)
        .hasMessageContaining("not one we expect");
    assertThat(listener.failure).isInstanceOf(Refused.class);
    assertThat(ends[0].ended()).isTrue();
    assertThat(ends[1].ended()).isTrue();
  }

  @Test
  void aRecordThatWasTamperedWithEndsTheConnection() {
    listen(tls(listenerKey));
    dial(theListener(), tls(dialerKey));
    loop.quiet();
    MuxedConnection muxed = established(Upgrade.TLS);
    ends[0].alter(bytes -> {
      byte[] changed = bytes.clone();
      changed[changed.length - 1] ^= 1;
      return changed;
    });
    var _ = muxed.open();
    loop.quiet();
    assertThat(listener.closed).isInstanceOf(ProtocolViolation.class);
    assertThat(dialer.closed).isNotNull();
  }

  @Test
  void closingTellsTheOtherSide() {
    listen(tls(listenerKey));
    dial(theListener(), tls(dialerKey));
    loop.quiet();
    established(Upgrade.TLS).close(0);
    loop.quiet();
    assertThat(listener.closed).isNotNull();
    assertThat(ends[0].ended()).isTrue();
    assertThat(ends[1].ended()).isTrue();
  }

  @Test
  void aMuxerAgreedWithinTheHandshakeSavesFlights() {
    Security naming = tls(listenerKey);
    int early = flightsUntilConnected(tls(dialerKey), naming);
    assertThat(early).isLessThan(flightsUntilConnected(namingNoMuxer(dialerKey), naming));
  }

  private int flightsUntilConnected(Security dialing, Security listening) {
    MemoryLoop own = new MemoryLoop();
    MemoryDuplex[] pipe = MemoryDuplex.pair(own);
    int[] flights = {0};
    Upgrade.Outcome counting =
        new Upgrade.Outcome() {
          @Override
          public void upgraded(MuxedConnection connection) {
            flights[0] = pipe[0].flights() + pipe[1].flights();
            connection.close(0);
          }

          @Override
          public void failed(OverlayException cause) {
            throw cause;
          }
        };
    var _ =
        Upgrade.start(
            pipe[1],
            Direction.INBOUND,
            config(listening),
            PeerExpectation.any(),
            TIMEOUT,
            new UpgradeProbe());
    var _ =
        Upgrade.start(
            pipe[0], Direction.OUTBOUND, config(dialing), theListener(), TIMEOUT, counting);
    own.quiet();
    assertThat(flights[0]).isPositive();
    return flights[0];
  }

  private static Security namingNoMuxer(PrivateKey key) {
    return new TlsSecurity(
        TlsKeys.of(key, KeyRandom.secure(), InstantSource.system(), BoringSslTls::orJdk),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPeerThatNamesNoMuxerIsAskedWithMultistream(boolean dialerNamesIt) {
    Security later = namingNoMuxer(dialerNamesIt ? listenerKey : dialerKey);
    listen(dialerNamesIt ? later : tls(listenerKey));
    dial(theListener(), dialerNamesIt ? tls(dialerKey) : later);
    loop.quiet();
    var opening = established(Upgrade.TLS).open();
    loop.quiet();
    opening.join().write(new byte[] {1, 2, 3});
    loop.quiet();
    assertThat(listener.opened.getFirst().readExactly(3)).containsExactly(1, 2, 3);
  }

  @Test
  void anEndWithoutGoodByeIsNotTheEndOfAStream() {
    listen(tls(listenerKey));
    dial(theListener(), tls(dialerKey));
    loop.quiet();
    var opening = established(Upgrade.TLS).open();
    loop.quiet();
    opening.join().write(new byte[] {1, 2, 3});
    loop.quiet();
    BlockingStream stream = listener.opened.getFirst();
    assertThat(stream.readExactly(3)).containsExactly(1, 2, 3);
    ends[0].abort();
    loop.quiet();
    assertThat(listener.closed).isInstanceOf(PeerUnreachable.class);
    assertThatThrownBy(() -> stream.read(new byte[1], 0, 1)).isInstanceOf(OverlayException.class);
  }

  @ParameterizedTest
  @CsvSource({"/tls/1.0.0,/tls/1.0.0", "/tls/1.0.0,/noise", "/noise,/tls/1.0.0"})
  void aCircuitCarriesEitherOverEitherHoweverItsRecordsLieInThoseBelow(String outer, String inner) {
    listen(named(outer, listenerKey));
    dial(theListener(), named(outer, dialerKey));
    loop.quiet();
    var opening = established(outer).open();
    loop.quiet();
    BlockingStream near = opening.join();
    near.write(new byte[] {0});
    loop.quiet();
    BlockingStream far = listener.opened.getFirst();
    assertThat(far.readExactly(1)).hasSize(1);
    UpgradeProbe innerDialer = new UpgradeProbe();
    UpgradeProbe innerListener = new UpgradeProbe();
    Upgrade.startOver(
        far,
        Direction.INBOUND,
        config(named(inner, listenerKey)),
        PeerExpectation.any(),
        TIMEOUT,
        innerListener);
    Upgrade.startOver(
        near,
        Direction.OUTBOUND,
        config(named(inner, dialerKey)),
        theListener(),
        TIMEOUT,
        innerDialer);
    loop.quiet();
    assertThat(innerDialer.muxed).isNotNull();
    List<BlockingStream> streams = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      var stream = innerDialer.muxed.open();
      loop.quiet();
      streams.add(stream.join());
    }
    byte[] sent = SeededRandom.of(TlsUpgradeTest.class).bytes(20_000);
    for (int round = 0; round < 10; round++) {
      streams.forEach(stream -> stream.write(sent));
      loop.quiet();
      assertThat(innerListener.opened).hasSize(5);
      for (BlockingStream stream : innerListener.opened) {
        stream.deadline(Duration.ofSeconds(5));
        assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
      }
      loop.quiet();
    }
  }
}
