package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Peers that do what they must not, with a TLS of their own.
@ParameterizedClass
@EnumSource
class TlsAttacksTest {

  private static final List<String> YAMUX = List.of("/yamux/1.0.0");
  private static final int SERVER_NAME = 0;
  private static final byte[] EARLY_DATA_EXTENSION = {0, 42, 0, 0};

  private final PrivateKey identity = PrivateKey.generate(KeyRandom.secure());
  private final KeyPair keys = Certificates.keys("EC", 256);
  private final Implementation implementation;
  private final TlsKeys ours;

  TlsAttacksTest(Implementation implementation) {
    this.implementation = implementation;
    ours =
        TlsKeys.of(
            PrivateKey.generate(KeyRandom.secure()),
            KeyRandom.secure(),
            InstantSource.system(),
            implementation);
  }

  @AfterEach
  void destroyKeys() {
    ours.destroy();
  }

  /// What can be wrong with a certificate, and what we say to it.
  enum Wrong {
    NOTHING(""),
    EXPIRED("does not hold"),
    NOT_YET_VALID("does not hold"),
    ANOTHER_KEY_VOUCHED_FOR("did not sign"),
    SIGNED_BY_ANOTHER_KEY("does not hold"),
    NO_IDENTITY("no libp2p identity"),
    CRITICAL_EXTENSION("critical extension"),
    TOO_LARGE("too large");

    private final String answer;

    Wrong(String answer) {
      this.answer = answer;
    }
  }

  private TlsEngine victim(boolean dials) {
    return dials
        ? ours.client(PeerExpectation.any(), YAMUX)
        : ours.server(PeerExpectation.any(), YAMUX);
  }

  private X509Certificate good() {
    return new Certificates(keys).identity(proof()).build();
  }

  private byte[] proof() {
    return Certificates.signedKey(identity, keys.getPublic());
  }

  private X509Certificate certificate(Wrong wrong) {
    Certificates made = new Certificates(keys);
    Instant now = InstantSource.system().instant();
    Duration minute = Duration.ofMinutes(1);
    Duration year = Duration.ofDays(365);
    return switch (wrong) {
      case NOTHING -> good();
      case EXPIRED -> made.identity(proof()).valid(now.minus(year), now.minus(minute)).build();
      case NOT_YET_VALID -> made.identity(proof()).valid(now.plus(minute), now.plus(year)).build();
      case ANOTHER_KEY_VOUCHED_FOR ->
          made.identity(Certificates.signedKey(identity, Certificates.keys("EC", 256).getPublic()))
              .build();
      case SIGNED_BY_ANOTHER_KEY ->
          made.identity(proof()).signedBy(Certificates.keys("EC", 256)).build();
      case NO_IDENTITY -> made.build();
      case CRITICAL_EXTENSION -> made.identity(proof()).extension("1.2.3.4", true).build();
      case TOO_LARGE -> made.identity(proof()).padding(Limits.CERTIFICATE_BYTES_MAX).build();
    };
  }

  /// What the victim throws, or null when both become quiet. `dials`: the victim does.
  private static @Nullable Throwable run(boolean dials, RawTls attacker, TlsEngine victim)
      throws SSLException {
    if (dials) {
      victim.begin();
    } else {
      attacker.begin();
    }
    while (true) {
      byte[] out = attacker.output();
      Throwable thrown = feed(victim, out);
      byte[] back = victim.takeOutput();
      if (thrown != null) {
        return thrown;
      }
      attacker.feed(back);
      if (out.length + back.length == 0) {
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

  /// An attacker that is let in, to misbehave from there.
  private RawTls connected(boolean dials, TlsEngine victim) throws SSLException {
    RawTls attacker = new RawTls(!dials, keys, good());
    assertThat(run(dials, attacker, victim)).isNull();
    assertThat(victim.established()).isTrue();
    assertThat(victim.remoteKey()).isEqualTo(identity.publicKey());
    return attacker;
  }

  @ParameterizedTest
  @EnumSource
  void aCertificateIsTakenOnlyWithNothingWrong(Wrong wrong) throws Exception {
    for (boolean dials : new boolean[] {true, false}) {
      TlsEngine victim = victim(dials);
      Throwable thrown = run(dials, new RawTls(!dials, keys, certificate(wrong)), victim);
      assertThat(victim.established()).isEqualTo(wrong == Wrong.NOTHING);
      if (wrong == Wrong.NOTHING) {
        assertThat(thrown).isNull();
      } else {
        assertThat(thrown).isInstanceOf(ProtocolViolation.class).hasMessageContaining(wrong.answer);
      }
    }
  }

  @Test
  void olderTlsIsRefusedInEitherRole() throws Exception {
    for (boolean dials : new boolean[] {true, false}) {
      TlsEngine victim = victim(dials);
      RawTls attacker = new RawTls(!dials, keys, good()).versions("TLSv1.2");
      Throwable thrown = null;
      try {
        thrown = run(dials, attacker, victim);
        assertThat(thrown).isInstanceOf(ProtocolViolation.class);
      } catch (SSLException refused) {
        // A listener with nothing but TLS 1.2 refuses our hello before we hear of it.
        assertThat(dials).isTrue();
      }
      assertThat(victim.established()).isFalse();
    }
    // One that has both gets TLS 1.3.
    var _ = connected(false, victim(false));
  }

  @Test
  void anotherApplicationProtocolOrNoneIsRefusedInEitherRole() throws Exception {
    TlsEngine listener = victim(false);
    assertThat(run(false, new RawTls(true, keys, good()).alpn("h2"), listener))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageFindingMatch("no_application_protocol|no libp2p \\(ALPN\\)");
    for (boolean dials : new boolean[] {true, false}) {
      TlsEngine victim = victim(dials);
      assertThat(run(dials, new RawTls(!dials, keys, good()).alpn(), victim))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining("no libp2p (ALPN)");
      assertThat(victim.established()).isFalse();
    }
  }

  @Test
  void noServerNameIsSentAndOneThatComesIsIgnored() throws Exception {
    TlsEngine client = victim(true);
    client.begin();
    assertThat(extensions(client.takeOutput())).isNotEmpty().doesNotContain(SERVER_NAME);
    TlsEngine listener = victim(false);
    RawTls dialler = new RawTls(true, keys, good()).serverName("example.com");
    assertThat(run(false, dialler, listener)).isNull();
    assertThat(listener.remoteKey()).isEqualTo(identity.publicKey());
  }

  @Test
  void aHugeHandshakeMessageIsRefusedAtItsHeader() {
    byte[] claim = {22, 3, 1, 0, 5, 1, (byte) 0xff, (byte) 0xff, (byte) 0xff, 3};
    assertThat(feed(victim(false), claim))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageFindingMatch("exceeds the maximum|EXCESSIVE_MESSAGE_SIZE");
  }

  @Test
  void aHandshakeInCrumbsIsRefusedLongBeforeItIsLarge() {
    TlsEngine victim = victim(false);
    int sent = 0;
    Throwable thrown = feed(victim, new byte[] {22, 3, 1, 0, 4, 1, 0, 0x70, 0});
    byte[] crumb = {22, 3, 1, 0, 1, 0};
    while (thrown == null && sent < Limits.SILENT_BYTES_MAX + 100) {
      sent += crumb.length;
      thrown = feed(victim, crumb);
    }
    assertThat(thrown)
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("records without data");
    assertThat(sent).isGreaterThan(Limits.SILENT_BYTES_MAX - 100);
  }

  @Test
  void earlyDataIsNotTaken() {
    TlsEngine client = ours.client(PeerExpectation.any(), YAMUX);
    client.begin();
    byte[] hello = withExtension(client.takeOutput(), EARLY_DATA_EXTENSION);
    TlsEngine victim = victim(false);
    assertThat(feed(victim, hello)).isNull();
    victim.takeOutput();
    byte[] early = new byte[5 + 100];
    early[0] = 23;
    early[1] = 3;
    early[2] = 3;
    early[4] = 100;
    try {
      // BoringSSL passes over early data that it did not agree to, up to a bound of its own.
      for (int i = 0; i < 1000; i++) {
        assertThat(victim.open(early, 0, early.length, new byte[early.length])).isZero();
      }
      fail("early data without end");
    } catch (ProtocolViolation expected) {
      // The JDK's engine takes none.
    }
    assertThat(victim.established()).isFalse();
  }

  /// Where the extensions of a client's hello begin, with their length.
  private static int extensionsAt(byte[] hello) {
    int session = 5 + 4 + 2 + 32;
    int ciphers = session + 1 + hello[session];
    int compression = ciphers + 2 + u16(hello, ciphers);
    return compression + 1 + hello[compression];
  }

  private static List<Integer> extensions(byte[] hello) {
    List<Integer> types = new ArrayList<>();
    int at = extensionsAt(hello) + 2;
    while (at < hello.length) {
      types.add(u16(hello, at));
      at += 4 + u16(hello, at + 2);
    }
    return types;
  }

  /// Behind all the others of a client's hello.
  private static byte[] withExtension(byte[] hello, byte[] extension) {
    int extensions = extensionsAt(hello);
    byte[] out = Arrays.copyOf(hello, hello.length + extension.length);
    System.arraycopy(extension, 0, out, hello.length, extension.length);
    for (int lengthAt : new int[] {3, 7, extensions}) {
      int longer = u16(hello, lengthAt) + extension.length;
      out[lengthAt] = (byte) (longer >> 8);
      out[lengthAt + 1] = (byte) longer;
    }
    return out;
  }

  private static int u16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keysMayChangeButNotWithoutEnd(boolean dials) throws Exception {
    TlsEngine victim = victim(dials);
    RawTls attacker = connected(dials, victim);
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    Throwable thrown = null;
    int changes = 0;
    int answers = 0;
    while (thrown == null && changes < 10_000) {
      attacker.begin();
      thrown = feed(victim, attacker.output());
      changes++;
      byte[] answer = victim.takeOutput();
      answers += answer.length;
      if (thrown == null) {
        attacker.feed(answer);
      }
      if (changes == 10) {
        byte[] sealed = attacker.seal(new byte[] {1, 2, 3});
        assertThat(victim.open(sealed, 0, sealed.length, out)).isEqualTo(3);
        byte[] back = new byte[TlsEngine.SEALED_BYTES_MAX];
        attacker.feed(Arrays.copyOf(back, victim.seal(new byte[10], 0, 10, back)));
      }
    }
    assertThat(thrown).isInstanceOf(ProtocolViolation.class);
    if (implementation == Implementation.JDK) {
      assertThat(thrown).hasMessageContaining("records without data");
      assertThat(changes).isBetween(500, 2000);
    } else {
      // BoringSSL has a bound of its own, of 32 without data in between.
      assertThat(changes).isBetween(30, 60);
    }
    assertThat(answers).isLessThan(2 * Limits.SILENT_BYTES_MAX);
  }

  @Test
  void aLongConnectionMayChangeItsKeysForEver() throws Exception {
    TlsEngine victim = victim(false);
    RawTls attacker = connected(false, victim);
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    byte[] data = new byte[Limits.SEALED_AT_A_TIME_BYTES_MAX];
    for (int i = 0; i < 2000; i++) {
      attacker.begin();
      assertThat(feed(victim, attacker.output())).isNull();
      attacker.feed(victim.takeOutput());
      for (int sent = 0; sent < 32 * Limits.DATA_BYTES_PER_SILENT_BYTE; sent += data.length) {
        byte[] sealed = attacker.seal(data);
        assertThat(victim.open(sealed, 0, sealed.length, out)).isEqualTo(data.length);
      }
    }
  }

  @Test
  void noTicketIsGivenAndNoneIsKept() throws Exception {
    TlsEngine listener = victim(false);
    RawTls dialler = new RawTls(true, keys, good());
    dialler.begin();
    assertThat(feed(listener, dialler.output())).isNull();
    dialler.feed(listener.takeOutput());
    assertThat(feed(listener, dialler.output())).isNull();
    assertThat(listener.established()).isTrue();
    assertThat(listener.takeOutput()).as("a ticket").isEmpty();

    TlsEngine client = victim(true);
    RawTls giver = new RawTls(false, keys, good());
    client.begin();
    giver.feed(client.takeOutput());
    assertThat(feed(client, giver.output())).isNull();
    giver.feed(client.takeOutput());
    int sessions = client.remembered();
    byte[] ticket = giver.output();
    assertThat(ticket).isNotEmpty();
    assertThat(feed(client, ticket)).isNull();
    assertThat(client.remembered()).isEqualTo(sessions);
  }

  @Test
  void aRecordThatIsLeftOutRepeatedOrSwappedEndsTheConnection() throws Exception {
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    for (int[] order : new int[][] {{1}, {0, 0}, {0, 2}, {1, 0}}) {
      TlsEngine victim = victim(false);
      RawTls attacker = connected(false, victim);
      List<byte[]> sealed = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        sealed.add(attacker.seal(new byte[] {(byte) i}));
      }
      int first = order[0];
      if (first == 0) {
        assertThat(victim.open(sealed.getFirst(), 0, sealed.getFirst().length, out)).isEqualTo(1);
      }
      byte[] wrong = sealed.get(first == 0 ? order[1] : first).clone();
      assertThat(feed(victim, wrong)).isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aFloodOfEmptyChangesOfCipherIsRefused() {
    byte[] many = new byte[6 * 100];
    for (int at = 0; at < many.length; at += 6) {
      System.arraycopy(new byte[] {20, 3, 3, 0, 1, 1}, 0, many, at, 6);
    }
    TlsEngine client = ours.client(PeerExpectation.any(), YAMUX);
    client.begin();
    TlsEngine victim = victim(false);
    assertThat(feed(victim, client.takeOutput())).isNull();
    assertThat(feed(victim, many)).isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void whoRefusesUsIsHeardAsRefusing() {
    TlsEngine client = victim(true);
    client.begin();
    byte[] alert = {21, 3, 3, 0, 2, 2, 40};
    client.takeOutput();
    assertThat(feed(client, alert)).isInstanceOf(Refused.class);
  }
}
