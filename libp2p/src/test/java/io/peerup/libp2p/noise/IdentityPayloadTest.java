package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.testkit.Vectors;
import io.peerup.testkit.WeakKeys;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IdentityPayloadTest {

  private static final String YAMUX = "/yamux/1.0.0";
  private static final byte[] HASH = NoisePair.seed(99);

  /// The Ed25519 private key of peer-ids.md.
  private static final PrivateKey PUBLISHED =
      PrivateKey.decode(
          HexFormat.of()
              .parseHex(
                  "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d"
                      + "1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"));

  private final PrivateKey identity = PrivateKey.ofEd25519Seed(filled(32, 7));
  private final PrivateKey other = PrivateKey.ofEd25519Seed(filled(32, 8));
  private final byte[] staticPublic = filled(32, 9);

  @Test
  void thePayloadOfTheVectorIsWrittenByteForByte() {
    JsonObject vector = Vectors.json("libp2p/noise-payload.json");
    byte[] key = bytes(vector, "noiseStaticPublic");
    assertThat(NoisePair.payload(PUBLISHED, key, List.of()))
        .isEqualTo(bytes(vector, "payloadNoExt"));
    assertThat(NoisePair.payload(PUBLISHED, key, List.of(YAMUX)))
        .isEqualTo(bytes(vector, "payloadWithYamuxExt"));
  }

  @Test
  void thePayloadOfTheVectorIsAccepted() {
    JsonObject vector = Vectors.json("libp2p/noise-payload.json");
    byte[] key = bytes(vector, "noiseStaticPublic");
    assertThat(IdentityPayload.verify(bytes(vector, "payloadNoExt"), key, HASH))
        .isEqualTo(new IdentityPayload(PUBLISHED.publicKey(), List.of(), List.of()));
    assertThat(IdentityPayload.verify(bytes(vector, "payloadWithYamuxExt"), key, HASH))
        .isEqualTo(new IdentityPayload(PUBLISHED.publicKey(), List.of(YAMUX), List.of()));
  }

  @Test
  void aSignatureOverAnotherStaticKeyIsRefused() {
    byte[] payload = NoisePair.payload(identity, staticPublic, List.of());
    assertThat(IdentityPayload.verify(payload, staticPublic, HASH).key())
        .isEqualTo(identity.publicKey());
    assertRefused(payload, filled(32, 10), "has not signed");
  }

  @Test
  void aSignatureByAnotherKeyIsRefused() {
    byte[] payload =
        new ProtoWriter()
            .bytes(1, identity.publicKey().encoded())
            .bytes(2, other.sign(signedBytes(staticPublic)))
            .toByteArray();
    assertRefused(payload, staticPublic, "has not signed");
  }

  @Test
  void aSignatureWithoutThePrefixIsRefused() {
    byte[] payload =
        new ProtoWriter()
            .bytes(1, identity.publicKey().encoded())
            .bytes(2, identity.sign(staticPublic))
            .toByteArray();
    assertRefused(payload, staticPublic, "has not signed");
  }

  @ParameterizedTest
  @MethodSource("io.peerup.testkit.WeakKeys#names")
  void aKeyForWhichAnybodyCanSignIsRefusedByName(String name) {
    byte[] key = identity.publicKey().encoded();
    byte[] weak = WeakKeys.instead(key, identity.publicKey().data(), WeakKeys.named(name));
    byte[] payload =
        new ProtoWriter().bytes(1, weak).bytes(2, WeakKeys.anybodysSignature()).toByteArray();
    assertRefused(payload, staticPublic, WeakKeys.REFUSAL);
  }

  @Test
  void keyAndSignatureMustBothBeThere() {
    byte[] key = identity.publicKey().encoded();
    byte[] signature = identity.sign(signedBytes(staticPublic));
    assertRefused(new byte[0], staticPublic, "without");
    assertRefused(new ProtoWriter().bytes(1, key).toByteArray(), staticPublic, "without");
    assertRefused(new ProtoWriter().bytes(2, signature).toByteArray(), staticPublic, "without");
    byte[] emptySignature = new ProtoWriter().bytes(1, key).bytes(2, new byte[0]).toByteArray();
    assertRefused(emptySignature, staticPublic, "has not signed");
  }

  @Test
  void unknownFieldsAreIgnored() {
    byte[] payload =
        new ProtoWriter()
            .bytes(3, new byte[] {1, 2, 3}) // an old `data` field
            .uint(99, 5)
            .bytes(1, identity.publicKey().encoded())
            .bytes(2, identity.sign(signedBytes(staticPublic)))
            .message(4, new ProtoWriter().bytes(1, filled(34, 1)).string(2, YAMUX).uint(7, 7))
            .toByteArray();
    assertThat(IdentityPayload.verify(payload, staticPublic, HASH).muxers()).containsExactly(YAMUX);
  }

  @Test
  void malformedPayloadsAreRefused() {
    assertRefused(new byte[] {0x0a, 0x7f}, staticPublic, "malformed");
    byte[] badKey =
        new ProtoWriter()
            .bytes(1, new byte[] {8, 1, 18, 1, 0})
            .bytes(2, new byte[64])
            .toByteArray();
    assertRefused(badKey, staticPublic, "malformed");
    byte[] badName =
        new ProtoWriter()
            .message(4, new ProtoWriter().bytes(2, new byte[] {(byte) 0xff}))
            .toByteArray();
    assertRefused(badName, staticPublic, "malformed");
  }

  @Test
  void aHundredMuxersAreAccepted() {
    List<String> muxers = Collections.nCopies(Limits.MUXERS_MAX, YAMUX);
    byte[] payload = NoisePair.payload(identity, staticPublic, muxers);
    assertThat(IdentityPayload.verify(payload, staticPublic, HASH).muxers())
        .hasSize(Limits.MUXERS_MAX);
  }

  @Test
  void aHundredAndOneMuxersAreRefused() {
    List<String> muxers = Collections.nCopies(Limits.MUXERS_MAX + 1, YAMUX);
    byte[] payload = NoisePair.payload(identity, staticPublic, muxers);
    assertRefused(payload, staticPublic, "muxers");
  }

  @Test
  void offersThatTheIdentitySignedForThisHandshakeAreRead() {
    byte[] payload = offering(identity, HASH, List.of("/a", "/b"), List.of("/a", "/b"));
    IdentityPayload read = IdentityPayload.verify(payload, staticPublic, HASH);
    assertThat(read.offered()).containsExactly("/a", "/b");
    assertThat(read.muxers()).containsExactly(YAMUX);
  }

  /// The bytes that the prototypes in other languages sign.
  @Test
  void whatIsSignedHasEachNameBehindItsLength() {
    assertThat(IdentityPayload.offerBytes(new byte[] {7}, List.of("ab", "c")))
        .isEqualTo("noise-libp2p-transcript:\u0007\0\2ab\0\1c".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void offersSignedForAnotherHandshakeAreRefused() {
    byte[] payload = offering(identity, NoisePair.seed(98), List.of("/a"), List.of("/a"));
    assertRefused(payload, staticPublic, "has not signed the security protocols");
  }

  @Test
  void offersSignedByAnotherKeyAreRefused() {
    byte[] payload = offering(other, HASH, List.of("/a"), List.of("/a"));
    assertRefused(payload, staticPublic, "has not signed the security protocols");
  }

  @Test
  void offersOtherThanTheSignedOnesAreRefused() {
    for (List<String> said :
        List.of(List.of("/b", "/a"), List.of("/a"), List.of("/a/b"), List.<String>of())) {
      byte[] payload = offering(identity, HASH, said, List.of("/a", "/b"));
      assertRefused(payload, staticPublic, "has not signed the security protocols");
    }
    byte[] moved = offering(identity, HASH, List.of("ab", "c"), List.of("a", "bc"));
    assertRefused(moved, staticPublic, "has not signed the security protocols");
  }

  @Test
  void offersWithoutASignatureAreRefused() {
    byte[] payload =
        new ProtoWriter()
            .bytes(1, identity.publicKey().encoded())
            .bytes(2, identity.sign(signedBytes(staticPublic)))
            .message(4, new ProtoWriter().string(4, "/a"))
            .toByteArray();
    assertRefused(payload, staticPublic, "has not signed the security protocols");
  }

  @Test
  void thirtyTwoOffersAreReadAndThirtyThreeRefused() {
    List<String> most = Collections.nCopies(Limits.OFFERS_MAX, "/a");
    byte[] payload = offering(identity, HASH, most, most);
    assertThat(IdentityPayload.verify(payload, staticPublic, HASH).offered())
        .hasSize(Limits.OFFERS_MAX);
    List<String> more = Collections.nCopies(Limits.OFFERS_MAX + 1, "/a");
    assertRefused(offering(identity, HASH, more, more), staticPublic, "security protocols");
  }

  private byte[] offering(PrivateKey signer, byte[] hash, List<String> said, List<String> signed) {
    byte[] signature = signer.sign(IdentityPayload.offerBytes(hash, signed));
    return IdentityPayload.create(
        identity.publicKey(),
        identity.sign(signedBytes(staticPublic)),
        List.of(YAMUX),
        Optional.of(new IdentityPayload.Offer(said, signature)));
  }

  @Test
  void aPayloadOfTheGreatestSizeIsAccepted() {
    byte[] payload = padded(Limits.PAYLOAD_BYTES_MAX);
    assertThat(IdentityPayload.verify(payload, staticPublic, HASH).key())
        .isEqualTo(identity.publicKey());
  }

  @Test
  void aPayloadOneByteLongerIsRefused() {
    assertRefused(padded(Limits.PAYLOAD_BYTES_MAX + 1), staticPublic, "at most");
  }

  private byte[] padded(int size) {
    byte[] payload = NoisePair.payload(identity, staticPublic, List.of());
    // Field 15, length in two bytes.
    byte[] padding = new ProtoWriter().bytes(15, new byte[size - payload.length - 3]).toByteArray();
    byte[] out = Arrays.copyOf(payload, size);
    System.arraycopy(padding, 0, out, payload.length, padding.length);
    assertThat(payload.length + padding.length).isEqualTo(size);
    return out;
  }

  private static void assertRefused(byte[] payload, byte[] staticPublic, String reason) {
    assertThatThrownBy(() -> IdentityPayload.verify(payload, staticPublic, HASH))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining(reason);
  }

  private static byte[] signedBytes(byte[] staticPublic) {
    byte[] prefix = "noise-libp2p-static-key:".getBytes(StandardCharsets.US_ASCII);
    byte[] out = Arrays.copyOf(prefix, prefix.length + staticPublic.length);
    System.arraycopy(staticPublic, 0, out, prefix.length, staticPublic.length);
    return out;
  }

  private static byte[] filled(int count, int value) {
    byte[] out = new byte[count];
    Arrays.fill(out, (byte) value);
    return out;
  }

  private static byte[] bytes(JsonObject object, String name) {
    return HexFormat.of().parseHex(object.get(name).getAsString());
  }
}
