package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.tls.TlsKeys;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.testkit.SeededRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    return new TlsSecurity(TlsKeys.of(key, KeyRandom.secure(), InstantSource.system()));
  }

  private static Security noise(PrivateKey key) {
    return new NoiseSecurity(NoiseKeys.of(key, KeyRandom.secure()), KeyRandom.secure());
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
}
