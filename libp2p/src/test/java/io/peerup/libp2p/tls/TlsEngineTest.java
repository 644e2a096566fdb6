package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@CsvSource({"JDK,JDK", "JDK,BORING_SSL", "BORING_SSL,JDK", "BORING_SSL,BORING_SSL"})
class TlsEngineTest {

  private static final List<String> YAMUX = List.of("/yamux/1.0.0");

  private final PrivateKey one = PrivateKey.generate(KeyRandom.secure());
  private final PrivateKey two = PrivateKey.generate(KeyRandom.secure());
  private final TlsKeys oneKeys;
  private final TlsKeys twoKeys;

  TlsEngineTest(Implementation first, Implementation second) {
    this.oneKeys = keys(one, first);
    this.twoKeys = keys(two, second);
  }

  @AfterEach
  void destroyKeys() {
    oneKeys.destroy();
    twoKeys.destroy();
  }

  private static TlsKeys keys(PrivateKey identity, Implementation implementation) {
    return TlsKeys.of(identity, KeyRandom.secure(), InstantSource.system(), implementation);
  }

  private static PeerExpectation only(PrivateKey key) {
    return PeerExpectation.exactly(PeerId.of(key.publicKey()));
  }

  /// What the other side heard, if [#pump] returned what one threw.
  private @Nullable Throwable told;

  /// Moves records until both sides are quiet; returns what the first to throw threw.
  private @Nullable Throwable run(TlsEngine client, TlsEngine server) {
    client.begin();
    return pump(client, server);
  }

  private @Nullable Throwable pump(TlsEngine client, TlsEngine server) {
    while (true) {
      byte[] up = client.takeOutput();
      Throwable atServer = feed(server, up);
      byte[] down = server.takeOutput();
      Throwable atClient = feed(client, down);
      if (atServer != null) {
        told = atClient;
        return atServer;
      }
      if (atClient != null) {
        told = feed(server, client.takeOutput());
        return atClient;
      }
      if (up.length + down.length == 0) {
        return null;
      }
    }
  }

  private static @Nullable Throwable feed(TlsEngine engine, byte[] bytes) {
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    return catchThrowable(() ->
        new RecordReader()
            .consume(
                bytes,
                0,
                bytes.length,
                (record, at, count) -> {
                  engine.open(record, at, count, out);
                  return true;
                }));
  }

  @Test
  void bothSidesProveWhoTheyAreAndShareOneBinding() {
    TlsEngine client = oneKeys.client(only(two), YAMUX);
    TlsEngine server = twoKeys.server(only(one), YAMUX);
    assertThat(run(client, server)).isNull();
    assertThat(client.established()).isTrue();
    assertThat(server.established()).isTrue();
    assertThat(client.remoteKey()).isEqualTo(two.publicKey());
    assertThat(server.remoteKey()).isEqualTo(one.publicKey());
    assertThat(client.muxer()).contains("/yamux/1.0.0");
    assertThat(server.muxer()).contains("/yamux/1.0.0");
    assertThat(client.binding()).isEqualTo(server.binding());
    assertThat(client.binding().bytes()).hasSize(32);

    TlsEngine again = oneKeys.client(only(two), YAMUX);
    TlsEngine against = twoKeys.server(only(one), YAMUX);
    assertThat(run(again, against)).isNull();
    assertThat(again.binding()).as("another handshake").isNotEqualTo(client.binding());
    assertThat(against.remoteKey()).as("proven anew").isEqualTo(one.publicKey());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, Limits.SEALED_AT_A_TIME_BYTES_MAX})
  void dataPassesInRecordsOfAnySize(int length) {
    TlsEngine client = oneKeys.client(only(two), YAMUX);
    TlsEngine server = twoKeys.server(only(one), YAMUX);
    assertThat(run(client, server)).isNull();
    byte[] plain = KeyRandom.secure().bytes(length);
    byte[] sealed = new byte[TlsEngine.SEALED_BYTES_MAX];
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    int count = client.seal(plain, 0, length, sealed);
    int[] records = {0};
    new RecordReader()
        .consume(
            sealed,
            0,
            count,
            (record, at, bytes) -> {
              records[0]++;
              got.write(out, 0, server.open(record, at, bytes, out));
              return true;
            });
    assertThat(got.toByteArray()).isEqualTo(plain);
    assertThat(records[0]).as("records").isEqualTo(length == 0 ? 0 : 1);
  }

  @Test
  void aPeerThatIsNotTheExpectedOneIsRefusedByWhoeverNotices() {
    PrivateKey other = PrivateKey.generate(KeyRandom.secure());
    TlsEngine client = oneKeys.client(only(other), YAMUX);
    TlsEngine server = twoKeys.server(PeerExpectation.any(), YAMUX);
    assertThat(run(client, server))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(PeerId.of(two.publicKey()).toString());
    assertThat(client.established()).isFalse();
    assertThat(told).as("the alert").isInstanceOf(Refused.class);

    TlsEngine dialler = oneKeys.client(only(two), YAMUX);
    TlsEngine picky = twoKeys.server(only(other), YAMUX);
    assertThat(run(dialler, picky)).isInstanceOf(Refused.class);
    assertThat(picky.established()).isFalse();
    // The dialler was done: the refusal arrives as an alert, as bytes of the connection.
    assertThat(dialler.established()).isTrue();
    assertThat(told).isInstanceOf(Refused.class);
  }

  @Test
  void aDiallerWithoutACertificateIsRefused() {
    TlsEngine client =
        withKey(true, new Credentials(Certificates.keys("EC", 256).getPrivate(), List.of()), YAMUX);
    TlsEngine server = twoKeys.server(PeerExpectation.any(), YAMUX);
    assertThat(run(client, server))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageFindingMatch("Empty client certificate chain|DID_NOT_RETURN_A_CERTIFICATE");
    assertThat(server.established()).isFalse();
  }

  @Test
  void twoCertificatesAreOneTooMany() {
    KeyPair pair = Certificates.keys("EC", 256);
    X509Certificate own =
        new Certificates(pair).identity(Certificates.signedKey(one, pair.getPublic())).build();
    for (boolean dials : new boolean[] {true, false}) {
      TlsEngine bad = withKey(dials, new Credentials(pair.getPrivate(), List.of(own, own)), YAMUX);
      TlsEngine good =
          dials
              ? twoKeys.server(PeerExpectation.any(), YAMUX)
              : twoKeys.client(PeerExpectation.any(), YAMUX);
      assertThat(dials ? run(bad, good) : run(good, bad))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining("2 certificates instead of one");
      assertThat(good.established()).isFalse();
    }
  }

  @Test
  void aCertificateThatSomebodyElseUsesIsWorthNothingWithoutItsKey() {
    KeyPair theirs = Certificates.keys("EC", 256);
    KeyPair ours = Certificates.keys("EC", 256);
    X509Certificate stolen =
        new Certificates(theirs).identity(Certificates.signedKey(one, theirs.getPublic())).build();
    TlsEngine thief = withKey(true, new Credentials(ours.getPrivate(), List.of(stolen)), YAMUX);
    TlsEngine server = twoKeys.server(PeerExpectation.any(), YAMUX);
    assertThat(run(thief, server))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageFindingMatch("Invalid CertificateVerify|BAD_SIGNATURE");
    assertThat(server.established()).isFalse();
  }

  @Test
  void whoOffersNoMuxerIsAskedLater() {
    TlsEngine client = oneKeys.client(only(two), List.of());
    TlsEngine server = twoKeys.server(only(one), YAMUX);
    assertThat(run(client, server)).isNull();
    assertThat(client.muxer()).isEmpty();
    assertThat(server.muxer()).isEmpty();
  }

  @Test
  void aFlippedBitAnywhereEndsTheHandshakeOrTheConnection() {
    for (int step = 0; step < 40; step++) {
      TlsEngine client = oneKeys.client(only(two), YAMUX);
      TlsEngine server = twoKeys.server(only(one), YAMUX);
      client.begin();
      byte[] hello = client.takeOutput();
      hello[5 + step * (hello.length - 6) / 40] ^= 1;
      Throwable thrown = feed(server, hello);
      thrown = thrown == null ? feed(client, server.takeOutput()) : thrown;
      thrown = thrown == null ? pump(client, server) : thrown;
      if (thrown != null) {
        assertThat(thrown).as("step %d", step).isInstanceOf(OverlayException.class);
      }
      assertThat(client.established()).as("step %d", step).isFalse();
      assertThat(server.established()).as("step %d", step).isFalse();
    }
    TlsEngine client = oneKeys.client(only(two), YAMUX);
    TlsEngine server = twoKeys.server(only(one), YAMUX);
    assertThat(run(client, server)).isNull();
    byte[] sealed = new byte[TlsEngine.SEALED_BYTES_MAX];
    int count = client.seal(new byte[100], 0, 100, sealed);
    sealed[50] ^= 1;
    assertThat(feed(server, Arrays.copyOf(sealed, count))).isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void goodByeIsHeard() {
    TlsEngine client = oneKeys.client(only(two), YAMUX);
    TlsEngine server = twoKeys.server(only(one), YAMUX);
    assertThat(run(client, server)).isNull();
    client.close();
    assertThat(feed(server, client.takeOutput())).isInstanceOf(PeerUnreachable.class);
  }

  @Test
  void aRecordThatIsNoTlsEndsInTheErrorFamily() {
    TlsEngine server = twoKeys.server(PeerExpectation.any(), YAMUX);
    byte[] http = "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThat(feed(server, http)).isInstanceOf(ProtocolViolation.class);
    byte[] junk = {22, 3, 1, 0, 4, 9, 9, 9, 9};
    assertThat(feed(twoKeys.server(PeerExpectation.any(), YAMUX), junk))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void aDestroyedOrUnfinishedEngineTellsNoIdentity() {
    TlsEngine server = twoKeys.server(PeerExpectation.any(), YAMUX);
    assertThatThrownBy(server::remoteKey).isInstanceOf(IllegalStateException.class);
  }

  /// An attacker's: the JDK's lets it show whatever it likes.
  private static TlsEngine withKey(boolean client, Credentials own, List<String> muxers) {
    return new TlsEngine(
        new JdkTls(),
        client,
        own,
        PeerExpectation.any(),
        muxers,
        new ProvenCertificates(InstantSource.system()));
  }
}
