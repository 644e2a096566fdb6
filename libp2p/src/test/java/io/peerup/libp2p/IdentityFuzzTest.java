package io.peerup.libp2p;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.wire.Multibase;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.Vectors;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys, peer ids, addresses and signed records: what strangers say about who and where they are.
class IdentityFuzzTest {

  private static final String PRIVATE_P256 =
      "08031279307702010104203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae3dfa4a4c"
          + "a00a06082a8648ce3d030107a14403420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4b"
          + "c901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

  private static final PrivateKey ED25519 = PrivateKey.ofEd25519Seed(new byte[32]);
  private static final PrivateKey SECP256K1 =
      PrivateKey.decode(
          HexFormat.of()
              .parseHex(
                  "0802122053dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb"));
  private static final PrivateKey P256 = PrivateKey.decode(HexFormat.of().parseHex(PRIVATE_P256));

  private static final byte[] MESSAGE = {1, 2, 3};

  // Keys and ids of the specification, and what js-libp2p makes of them.
  private static final String PUBLISHED = "libp2p/peer_ids.json";
  private static final String JS = "libp2p/js-generated.json";

  @MethodSource("publicKeys")
  @FuzzTest
  void publicKey(byte[] input) {
    Decoding.of(input, MalformedInput.class, PublicKey::decode)
        .ifPresent(key -> {
          same(key.encoded(), input);
          same(PeerId.fromBytes(PeerId.of(key).bytes()), PeerId.of(key));
        });
  }

  static Stream<byte[]> publicKeys() {
    Stream<byte[]> own =
        Stream.of(
            ED25519.publicKey().encoded(),
            SECP256K1.publicKey().encoded(),
            P256.publicKey().encoded(),
            new KeyMessage(KeyType.RSA, rsaInfo()).encode());
    return Stream.concat(own, Vectors.seeds(PUBLISHED, "public_key_protobuf"));
  }

  private static byte[] rsaInfo() {
    BigInteger modulus = BigInteger.ONE.shiftLeft(2047).or(BigInteger.ONE);
    byte[] oid = HexFormat.of().parseHex("2a864886f70d010101");
    return DerWriter.rsaPublicKeyInfo(oid, modulus, BigInteger.valueOf(65537));
  }

  /// The DER of RSA keys without the protobuf around it, so that no length must fit another.
  @MethodSource("rsaInfos")
  @FuzzTest
  void rsaPublicKey(byte[] input) {
    Decoding.of(input, MalformedInput.class, data -> PublicKey.of(KeyType.RSA, data))
        .ifPresent(key -> {
          same(key.data(), input);
          check(!key.verify(input, new byte[256]), "zeros sign nothing");
        });
  }

  static Stream<byte[]> rsaInfos() {
    return Stream.of(rsaInfo());
  }

  @MethodSource("privateKeys")
  @FuzzTest
  void privateKey(byte[] input) {
    Decoding.of(input, MalformedInput.class, PrivateKey::decode)
        .ifPresent(key -> {
          PrivateKey again = PrivateKey.decode(key.encoded());
          same(again.publicKey(), key.publicKey());
          same(again.encoded(), key.encoded());
        });
  }

  static Stream<byte[]> privateKeys() {
    return Stream.concat(
        Stream.of(ED25519.encoded(), SECP256K1.encoded(), P256.encoded()),
        Vectors.seeds(PUBLISHED, "private_key_protobuf"));
  }

  /// Private keys in DER: SEC 1 and PKCS#8 on P-256, PKCS#1 for RSA.
  @MethodSource("derPrivateKeys")
  @FuzzTest
  void derPrivateKey(byte[] input) {
    Decoding.of(input, MalformedInput.class, EcdsaKeys.INSTANCE::readPrivate)
        .ifPresent(secret -> same(secret.privateData(), input));
    Decoding.of(input, MalformedInput.class, RsaKeys.INSTANCE::readPrivate)
        .ifPresent(secret -> same(secret.privateData(), input));
  }

  static Stream<byte[]> derPrivateKeys() {
    byte[] sec1 = KeyMessage.decode(P256.encoded(), Limits.PRIVATE_KEY_BYTES_MAX).data();
    byte[] rsaHead =
        HexFormat.of().parseHex("301b020100020103020103020103020103020103020103020103020103");
    Stream<byte[]> published =
        Vectors.seeds(PUBLISHED, "private_key_protobuf")
            .map(key -> KeyMessage.decode(key, Limits.PRIVATE_KEY_BYTES_MAX).data());
    return Stream.concat(Stream.of(sec1, rsaHead), published);
  }

  /// What is no signature is refused, not thrown, and nobody without the key makes a second one.
  @MethodSource("signatures")
  @FuzzTest
  void signature(byte[] input) {
    for (PrivateKey key : List.of(SECP256K1, P256)) {
      PublicKey signer = key.publicKey();
      Decoding.of(input, MalformedInput.class, bytes -> signer.verify(MESSAGE, bytes))
          .filter(valid -> valid)
          .ifPresent(_ -> same(input, key.sign(MESSAGE)));
    }
  }

  static Stream<byte[]> signatures() {
    return Stream.concat(
        Stream.of(SECP256K1.sign(MESSAGE), P256.sign(MESSAGE)),
        Stream.of("k1", "r1")
            .flatMap(curve ->
                Vectors.seeds("wycheproof/ecdsa_secp256" + curve + "_sha256_test.json", "sig")));
  }

  @MethodSource("peerIds")
  @FuzzTest
  void peerId(byte[] input) {
    Decoding.of(input, MalformedInput.class, PeerId::fromBytes)
        .ifPresent(id -> {
          same(id.bytes(), input);
          same(PeerId.parse(id.toString()), id);
        });
  }

  static Stream<byte[]> peerIds() {
    return Stream.concat(
        Stream.of(ED25519, SECP256K1, P256).map(key -> key.peerId().bytes()),
        Vectors.seeds(PUBLISHED, "peer_id_multihash", "multihash"));
  }

  @MethodSource("peerIdTexts")
  @FuzzTest
  void peerIdText(byte[] input) {
    String text = text(input);
    Decoding.of(input, MalformedInput.class, _ -> PeerId.parse(text))
        .ifPresent(id -> {
          same(PeerId.parse(id.toString()), id);
          same(PeerId.fromBytes(id.bytes()), id);
          if (text.startsWith("1") || text.startsWith("Qm")) {
            same(id.toString(), text);
          }
        });
  }

  static Stream<byte[]> peerIdTexts() {
    Stream<String> own =
        Stream.of(
            ED25519.peerId().toString(),
            P256.peerId().toString(),
            "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6",
            "k51qzi5uqu5dhb6l8spkdx7yxafegfkee5by8h7lmjh2ehc2sgg34z7c15vzqs");
    return Stream.concat(
            own, Vectors.texts(PUBLISHED, "peer_id_base58", "peer_id_cidv1", "base58", "cidv1"))
        .map(IdentityFuzzTest::bytes);
  }

  @MethodSource("addresses")
  @FuzzTest
  void multiaddr(byte[] input) {
    Decoding.of(input, MalformedInput.class, Multiaddr::fromBytes)
        .ifPresent(IdentityFuzzTest::comesBackInEveryForm);
  }

  static Stream<byte[]> addresses() {
    return Stream.concat(
        addressList().stream().map(Multiaddr::bytes), Vectors.seeds(JS, "multiaddrs"));
  }

  @MethodSource("addressTexts")
  @FuzzTest
  void multiaddrText(byte[] input) {
    String text = text(input);
    Decoding.of(input, MalformedInput.class, _ -> Multiaddr.parse(text))
        .ifPresent(IdentityFuzzTest::comesBackInEveryForm);
  }

  static Stream<byte[]> addressTexts() {
    return addresses()
        .map(Multiaddr::fromBytes)
        .map(Multiaddr::toString)
        .map(IdentityFuzzTest::bytes);
  }

  private static void comesBackInEveryForm(Multiaddr address) {
    same(Multiaddr.parse(address.toString()), address);
    same(Multiaddr.fromBytes(address.bytes()), address);
    check(!address.components().isEmpty(), "an address has a component");
    check(!(address.isPublic() && address.isLoopback()), "no loopback address is public");
    same(address.isCircuit(), address.has("p2p-circuit"));
    check(address.circuitTarget().isEmpty() || address.isCircuit(), "only circuits have a target");
    check(address.relayPart().isEmpty() || address.isCircuit(), "only circuits have a relay");
    same(address.peer().isPresent(), !address.withoutPeer().equals(address));
    address
        .socketAddress()
        .ifPresent(socket -> check(!socket.isUnresolved(), "no name is looked up"));
  }

  private static List<Multiaddr> addressList() {
    Multiaddr tcp = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
    return List.of(
        tcp,
        Multiaddr.parse("/ip6/2001:db8::1/udp/4001/quic-v1/webtransport"),
        tcp.withPeer(ED25519.peerId()).plus(Multiaddr.parse("/p2p-circuit")),
        Multiaddr.parse("/dns4/example.com/tcp/443/tls/sni/a.example.com/ws"),
        Multiaddr.parse("/ip6zone/eth0/ip6/fe80::1/tcp/1/http-path/a%2Fb"),
        Multiaddr.parse("/unix/tmp/socket"),
        Multiaddr.parse("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234"),
        Multiaddr.parse(
            "/ip4/192.0.2.1/udp/9/webrtc-direct/certhash/"
                + Multibase.base64Url(new byte[] {0x12, 2, 3, 4})));
  }

  @MethodSource("envelopes")
  @FuzzTest
  void signedEnvelope(byte[] input) {
    Decoding.of(
            input,
            MalformedInput.class,
            bytes -> SignedEnvelope.open(bytes, "libp2p-peer-record", new byte[] {3, 1}))
        .ifPresent(envelope -> {
          same(envelope.encoded(), input);
          same(envelope.signer(), PeerId.of(envelope.key()));
        });
  }

  static Stream<byte[]> envelopes() {
    return Stream.concat(
        Stream.of(record().toEnvelope(ED25519).encoded()), Vectors.seeds(JS, "envelope"));
  }

  private static PeerRecord record() {
    return new PeerRecord(ED25519.peerId(), 7, addressList().subList(0, 3));
  }

  /// The payload behind the signature, which is checked elsewhere: here it would cost all the time.
  @MethodSource("records")
  @FuzzTest
  void peerRecord(byte[] input) {
    PublicKey signer = ED25519.publicKey();
    Decoding.of(input, MalformedInput.class, payload -> PeerRecord.decode(payload, signer))
        .ifPresent(record -> {
          same(record.peer(), ED25519.peerId());
          check(
              record.addresses().size() <= Limits.PEER_RECORD_ADDRESSES_MAX, "as many as allowed");
          same(PeerRecord.decode(record.encode(), signer), record);
        });
  }

  static Stream<byte[]> records() {
    return Stream.concat(Stream.of(record().encode()), Vectors.seeds(JS, "payload"));
  }

  private static String text(byte[] input) {
    return new String(input, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
