package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.identify.IdentifyMessage;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.libp2p.wire.Radix;
import io.peerup.testkit.WeakKeys;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.EdECPoint;
import java.security.spec.EdECPublicKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys for which anybody can sign, and second encodings of one key, at every entrance of this
/// module. Each test takes a message that is accepted and puts the weak key in it.
class WeakKeysTest {

  private static final String NAMES = "io.peerup.testkit.WeakKeys#names";
  private static final byte[] TYPE = {3, 1};

  private static final PrivateKey GOOD = PrivateKey.ofEd25519Seed(new byte[32]);
  private static final byte[] KEY = GOOD.publicKey().data();

  private static byte[] weak(byte[] encoding, String name) {
    return WeakKeys.instead(encoding, KEY, WeakKeys.named(name));
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(WeakKeys.REFUSAL);
  }

  @Test
  void theListHoldsWhatItSays() {
    assertThat(WeakKeys.names().filter(name -> name.matches("order \\d(, .*)?"))).hasSize(8);
    assertThat(WeakKeys.all().values().stream().map(Radix.BASE58::encode).distinct()).hasSize(19);
    for (String name : List.of("mixed order", "mixed order, negative")) {
      // On the curve and canonical: only the order is wrong.
      assertThat(Ed25519.validatePublicKeyPartial(WeakKeys.named(name), 0)).as(name).isTrue();
    }
  }

  @Test
  void aVerifierThatDoesNotLookAtTheOrderTakesAnybodysSignature() throws Exception {
    EdECPoint neutral = new EdECPoint(false, BigInteger.ONE);
    Signature jdk = Signature.getInstance("Ed25519");
    jdk.initVerify(
        KeyFactory.getInstance("Ed25519")
            .generatePublic(new EdECPublicKeySpec(NamedParameterSpec.ED25519, neutral)));
    jdk.update(new byte[] {1, 2, 3});
    assertThat(jdk.verify(WeakKeys.anybodysSignature())).isTrue();
    assertRefused(() -> PublicKey.of(KeyType.ED25519, WeakKeys.named("order 1")));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noPublicKey(String name) {
    byte[] encoded = GOOD.publicKey().encoded();
    PublicKey.decode(encoded);
    assertRefused(() -> PublicKey.decode(weak(encoded, name)));
    assertRefused(() -> PublicKey.of(KeyType.ED25519, WeakKeys.named(name)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noPeerIdInAnyForm(String name) {
    byte[] id = weak(GOOD.peerId().bytes(), name);
    assertRefused(() -> PeerId.fromBytes(id));
    assertRefused(() -> PeerId.parse(Radix.BASE58.encode(id)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noMultiaddr(String name) {
    Multiaddr good = Multiaddr.parse("/ip4/192.0.2.1/tcp/1").withPeer(GOOD.peerId());
    assertThat(Multiaddr.fromBytes(good.bytes())).isEqualTo(good);
    assertRefused(() -> Multiaddr.fromBytes(weak(good.bytes(), name)));
    String id = Radix.BASE58.encode(weak(GOOD.peerId().bytes(), name));
    assertRefused(() -> Multiaddr.parse("/ip4/192.0.2.1/tcp/1/p2p/" + id));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noSignedEnvelope(String name) {
    byte[] envelope =
        new ProtoWriter()
            .bytes(1, weak(GOOD.publicKey().encoded(), name))
            .bytes(2, TYPE)
            .bytes(3, new byte[] {9})
            .bytes(5, WeakKeys.anybodysSignature())
            .toByteArray();
    assertRefused(() -> SignedEnvelope.open(envelope, "domain", TYPE));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noPeerRecord(String name) {
    Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");
    byte[] good = new PeerRecord(GOOD.peerId(), 1, List.of(address)).toEnvelope(GOOD).encoded();
    PeerRecord.fromEnvelope(good);
    assertRefused(() -> PeerRecord.fromEnvelope(weak(good, name)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noIdentifyMessage(String name) {
    byte[] good = new ProtoWriter().bytes(1, GOOD.publicKey().encoded()).toByteArray();
    new IdentifyMessage.Decoder().add(good);
    assertRefused(() -> new IdentifyMessage.Decoder().add(weak(good, name)));
  }
}
