package io.peerup.libp2p.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.tls.Implementation;
import io.peerup.libp2p.tls.TlsKeys;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Somebody on the way rewrites the negotiation, which nothing protects: first at two sides that do
/// not say what they offer, where it works, then at two that do. With each implementation of TLS.
@ParameterizedClass
@EnumSource(Implementation.class)
class DowngradeTest {

  private static final List<String> ALL = List.of(Upgrade.HYBRID_NOISE, Upgrade.NOISE, Upgrade.TLS);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final Implementation tls;
  private final PrivateKey dialerKey = PrivateKey.generate(KeyRandom.secure());
  private final PrivateKey listenerKey = PrivateKey.generate(KeyRandom.secure());
  private final MemoryLoop loop = new MemoryLoop();
  private final MemoryDuplex[] ends = MemoryDuplex.pair(loop);
  private final UpgradeProbe dialer = new UpgradeProbe();
  private final UpgradeProbe listener = new UpgradeProbe();

  DowngradeTest(Implementation tls) {
    this.tls = tls;
  }

  @Test
  void untouchedTheBestIsTaken() {
    connect(ALL, ALL);
    assertThat(dialer.muxed).isNotNull();
    assertThat(dialer.muxed.secured().security()).isEqualTo(Upgrade.HYBRID_NOISE);
    assertThat(listener.muxed).isNotNull();
    assertThat(listener.muxed.secured().security()).isEqualTo(Upgrade.HYBRID_NOISE);
  }

  @Test
  void twoThatDoNotSayWhatTheyOfferAreWeakenedUnnoticed() {
    ends[0].alter(unknown(Upgrade.HYBRID_NOISE));
    connect(List.of(), List.of());
    assertWeakened(Upgrade.NOISE);
  }

  @Test
  void aProposalMadeUnknownIsNoticedByTheDialerBeforeItShowsItself() {
    ends[0].alter(unknown(Upgrade.HYBRID_NOISE));
    connect(ALL, ALL);
    assertRefusedBy(dialer);
    assertThat(listener.muxed).isNull();
  }

  @Test
  void twoThatDoNotSayWhatTheyOfferAreForcedOutOfNoiseUnnoticed() {
    ends[0].alter(unknown(Upgrade.HYBRID_NOISE).andThen(unknown(Upgrade.NOISE))::apply);
    connect(List.of(), List.of());
    assertWeakened(Upgrade.TLS);
  }

  @Test
  void beingForcedOutOfNoiseIsNoticedByTheListener() {
    ends[0].alter(unknown(Upgrade.HYBRID_NOISE).andThen(unknown(Upgrade.NOISE))::apply);
    connect(ALL, ALL);
    assertRefusedBy(listener);
    assertThat(dialer.muxed).isNull();
    assertThat(dialer.failure).isNotNull();
  }

  /// Records are not protected; what is in them is.
  @Test
  void aHelloCutIntoManyRecordsHidesNothing() {
    ends[0].alter(
        unknown(Upgrade.HYBRID_NOISE)
                .andThen(unknown(Upgrade.NOISE))
                .andThen(DowngradeTest::inCrumbs)
            ::apply);
    connect(ALL, ALL);
    assertRefusedBy(listener);
    assertThat(dialer.muxed).isNull();
  }

  /// One record of a handshake as records of three bytes each.
  private static byte[] inCrumbs(byte[] bytes) {
    if (bytes[0] != 22) {
      return bytes;
    }
    ByteWriter out = new ByteWriter();
    for (int at = 5; at < bytes.length; at += 3) {
      int count = Math.min(3, bytes.length - at);
      out.bytes(new byte[] {22, 3, 3}).u16(count);
      out.bytes(Arrays.copyOfRange(bytes, at, at + count));
    }
    return out.toByteArray();
  }

  /// What the dialer says within TLS cannot be taken away.
  @Test
  void offersRewrittenWithinTlsEndTheHandshake() {
    ends[0].alter(
        unknown(Upgrade.HYBRID_NOISE)
                .andThen(unknown(Upgrade.NOISE))
                .andThen(replace("peerup-offers:", "another-offer:"))
            ::apply);
    connect(ALL, ALL);
    assertThat(dialer.muxed).isNull();
    assertThat(listener.muxed).isNull();
    assertThat(dialer.failure).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSideThatLacksTheBestIsNoReasonToRefuse(boolean dialerLacksIt) {
    List<String> less = List.of(Upgrade.NOISE, Upgrade.TLS);
    start(
        Direction.INBOUND,
        ends[1],
        config(listenerKey, dialerLacksIt ? ALL : less),
        PeerExpectation.any(),
        listener);
    start(
        Direction.OUTBOUND,
        ends[0],
        config(dialerKey, dialerLacksIt ? less : ALL),
        PeerExpectation.any(),
        dialer);
    loop.quiet();
    assertWeakened(Upgrade.NOISE);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aSideThatSaysNothingIsTalkedTo(boolean dialerSilent) {
    connect(dialerSilent ? List.of() : ALL, dialerSilent ? ALL : List.of());
    assertThat(dialer.muxed).isNotNull();
    assertThat(listener.muxed).isNotNull();
  }

  private void assertWeakened(String to) {
    assertThat(dialer.muxed).isNotNull();
    assertThat(dialer.muxed.secured().security()).isEqualTo(to);
    assertThat(listener.muxed).isNotNull();
    assertThat(listener.muxed.secured().security()).isEqualTo(to);
  }

  private static void assertRefusedBy(UpgradeProbe one) {
    assertThat(one.muxed).isNull();
    assertThat(one.failure)
        .isInstanceOf(Refused.class)
        .hasMessageContaining("somebody on the way has changed the negotiation")
        .hasMessageContaining(Upgrade.HYBRID_NOISE);
  }

  /// Both speak everything; the lists are what each says of it.
  private void connect(List<String> dialerSays, List<String> listenerSays) {
    start(
        Direction.INBOUND,
        ends[1],
        speaking(listenerKey, ALL, listenerSays),
        PeerExpectation.any(),
        listener);
    start(
        Direction.OUTBOUND,
        ends[0],
        speaking(dialerKey, ALL, dialerSays),
        PeerExpectation.exactly(PeerId.of(listenerKey.publicKey())),
        dialer);
    loop.quiet();
  }

  private static void start(
      Direction direction,
      MemoryDuplex pipe,
      Upgrade.Config config,
      PeerExpectation expectation,
      UpgradeProbe probe) {
    var _ = Upgrade.start(pipe, direction, config, expectation, TIMEOUT, probe);
  }

  private Upgrade.Config config(PrivateKey key, List<String> ids) {
    return speaking(key, ids, ids);
  }

  private Upgrade.Config speaking(PrivateKey key, List<String> ids, List<String> said) {
    return new Upgrade.Config(
        ids.stream().map(id -> security(id, key, said)).toList(),
        YamuxLimits.DEFAULT,
        new BufferBudget(BufferBudget.BYTES_MAX));
  }

  private Security security(String id, PrivateKey key, List<String> said) {
    if (id.equals(Upgrade.TLS)) {
      return new TlsSecurity(
          TlsKeys.of(key, KeyRandom.secure(), InstantSource.system(), tls), said);
    }
    return new NoiseSecurity(
        id.equals(Upgrade.NOISE) ? NoiseSuite.CLASSIC : NoiseSuite.HYBRID,
        said,
        NoiseKeys.of(key, KeyRandom.secure()),
        KeyRandom.secure());
  }

  /// One edit: a name that the other side does not know, as long as the one it knows.
  private static UnaryOperator<byte[]> unknown(String id) {
    // Up to its end: the one name is the beginning of the other.
    return replace(id + "\n", "x".repeat(id.length()) + "\n");
  }

  private static UnaryOperator<byte[]> replace(String from, String to) {
    return bytes -> new String(bytes, ISO_8859_1).replace(from, to).getBytes(ISO_8859_1);
  }
}
