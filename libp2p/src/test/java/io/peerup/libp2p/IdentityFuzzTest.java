package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.wire.Multibase;
import io.peerup.testkit.Mutator;
import io.peerup.testkit.SeededRandom;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Damaged input of every decoder of this package: it is read or refused as [MalformedInput], and
/// what was read comes back from its own encoding.
class IdentityFuzzTest {

  /// More with `-Dfuzz.rounds=…`.
  private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 4_000);

  private static final String PRIVATE_P256 =
      "08031279307702010104203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae3dfa4a4c"
          + "a00a06082a8648ce3d030107a14403420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4b"
          + "c901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

  private final SeededRandom random = SeededRandom.of(IdentityFuzzTest.class);
  private final Mutator mutator = new Mutator(random);
  private final PrivateKey ed25519 = PrivateKey.generate(random::nextBytes);
  private final PrivateKey secp256k1 =
      PrivateKey.decode(
          HexFormat.of()
              .parseHex(
                  "0802122053dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb"));
  private final PrivateKey p256 = PrivateKey.decode(HexFormat.of().parseHex(PRIVATE_P256));

  @Test
  void damagedPublicKeys() {
    byte[] rsa =
        new KeyMessage(
                KeyType.RSA,
                DerWriter.rsaPublicKeyInfo(
                    HexFormat.of().parseHex("2a864886f70d010101"),
                    new BigInteger(1, random.bytes(256)).setBit(2047).setBit(0),
                    BigInteger.valueOf(65537)))
            .encode();
    List<byte[]> valid =
        List.of(
            ed25519.publicKey().encoded(),
            secp256k1.publicKey().encoded(),
            p256.publicKey().encoded(),
            rsa);
    fuzz(
        valid,
        PublicKey::decode,
        (bytes, key) -> {
          assertThat(key.encoded()).isEqualTo(bytes);
          assertThat(key.verify(bytes, random.bytes(random.nextInt(80)))).isFalse();
        });
  }

  @Test
  void damagedPrivateKeys() {
    fuzz(
        List.of(ed25519.encoded(), secp256k1.encoded(), p256.encoded()),
        PrivateKey::decode,
        (bytes, key) -> {
          assertThat(key.publicKey().verify(bytes, key.sign(bytes))).isTrue();
          assertThat(PrivateKey.decode(key.encoded()).publicKey()).isEqualTo(key.publicKey());
        });
  }

  @Test
  void damagedSignatures() {
    byte[] message = random.bytes(32);
    for (PrivateKey key : List.of(ed25519, secp256k1, p256)) {
      byte[] signature = key.sign(message);
      for (int i = 0; i < 500; i++) {
        byte[] damaged = mutator.mutate(signature);
        assertThat(key.publicKey().verify(message, damaged))
            .isEqualTo(Arrays.equals(damaged, signature));
      }
    }
  }

  @Test
  void damagedPeerIds() {
    fuzz(
        List.of(ed25519.peerId().bytes(), secp256k1.peerId().bytes(), p256.peerId().bytes()),
        PeerId::fromBytes,
        (bytes, id) -> {
          assertThat(id.bytes()).isEqualTo(bytes);
          assertThat(PeerId.parse(id.toString())).isEqualTo(id);
        });
  }

  @Test
  void damagedPeerIdTexts() {
    String letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    List<String> valid =
        List.of(
            ed25519.peerId().toString(),
            p256.peerId().toString(),
            "bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6");
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String text = mutator.mutate(valid.get(i % valid.size()), letters);
      PeerId id;
      try {
        id = PeerId.parse(text);
      } catch (MalformedInput expected) {
        refused++;
        continue;
      }
      assertThat(PeerId.parse(id.toString())).isEqualTo(id);
    }
    assertThat(refused).isGreaterThan(ROUNDS / 2);
  }

  @Test
  void damagedMultiaddrs() {
    fuzz(
        addresses().stream().map(Multiaddr::bytes).toList(),
        Multiaddr::fromBytes,
        (_, address) -> {
          assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
          assertThat(Multiaddr.fromBytes(address.bytes())).isEqualTo(address);
          callEverything(address);
        });
  }

  @Test
  void damagedMultiaddrTexts() {
    List<String> valid = addresses().stream().map(Multiaddr::toString).toList();
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      String text = mutator.mutate(valid.get(i % valid.size()), "/:.%0123456789abcdefip");
      Multiaddr address;
      try {
        address = Multiaddr.parse(text);
      } catch (MalformedInput expected) {
        refused++;
        continue;
      }
      assertThat(Multiaddr.parse(address.toString())).isEqualTo(address);
      assertThat(Multiaddr.fromBytes(address.bytes())).isEqualTo(address);
      callEverything(address);
    }
    assertThat(refused).isBetween(ROUNDS / 10, ROUNDS);
  }

  @Test
  void damagedPeerRecords() {
    PeerRecord record = new PeerRecord(ed25519.peerId(), 7, addresses().subList(0, 3));
    fuzz(
        List.of(record.toEnvelope(ed25519).encoded()),
        PeerRecord::fromEnvelope,
        (_, read) -> assertThat(read.peer()).isEqualTo(ed25519.peerId()));
  }

  /// The signature is right, so that the damage reaches the decoder behind it.
  @Test
  void damagedPeerRecordsSignedAsTheyAre() {
    PeerRecord record = new PeerRecord(ed25519.peerId(), 7, addresses().subList(0, 3));
    fuzz(
        List.of(record.toEnvelope(ed25519).payload()),
        bytes ->
            PeerRecord.fromEnvelope(
                SignedEnvelope.seal(ed25519, "libp2p-peer-record", new byte[] {3, 1}, bytes)
                    .encoded()),
        (_, read) ->
            assertThat(PeerRecord.fromEnvelope(read.toEnvelope(ed25519).encoded()))
                .isEqualTo(read));
  }

  private List<Multiaddr> addresses() {
    List<Multiaddr> out = new ArrayList<>();
    out.add(Multiaddr.parse("/ip4/192.0.2.1/tcp/4001"));
    out.add(Multiaddr.parse("/ip6/2001:db8::1/udp/4001/quic-v1/webtransport"));
    out.add(out.getFirst().withPeer(ed25519.peerId()).plus(Multiaddr.parse("/p2p-circuit")));
    out.add(Multiaddr.parse("/dns4/example.com/tcp/443/tls/sni/a.example.com/ws"));
    out.add(Multiaddr.parse("/ip6zone/eth0/ip6/fe80::1/tcp/1/http-path/a%2Fb"));
    out.add(Multiaddr.parse("/unix/tmp/socket"));
    out.add(
        Multiaddr.parse("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234"));
    String hash = Multibase.base64Url(new byte[] {0x12, 2, 3, 4});
    out.add(Multiaddr.parse("/ip4/192.0.2.1/udp/9/webrtc-direct/certhash/" + hash));
    return out;
  }

  private static void callEverything(Multiaddr address) {
    assertThat(address.components()).isNotEmpty();
    assertThat(address.isPublic() && address.isLoopback()).isFalse();
    assertThat(address.isCircuit()).isEqualTo(address.has("p2p-circuit"));
    assertThat(address.circuitTarget().isPresent() && !address.isCircuit()).isFalse();
    assertThat(address.relayPart().isPresent() && !address.isCircuit()).isFalse();
    assertThat(address.peer().isPresent()).isEqualTo(!address.withoutPeer().equals(address));
    address.socketAddress().ifPresent(socket -> assertThat(socket.isUnresolved()).isFalse());
  }

  private <T> void fuzz(
      List<byte[]> valid, Function<byte[], T> decoder, BiConsumer<byte[], T> check) {
    int refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
      byte[] damaged = mutator.mutate(valid.get(i % valid.size()));
      T read;
      try {
        read = decoder.apply(damaged);
      } catch (MalformedInput expected) {
        refused++;
        continue;
      }
      check.accept(damaged, read);
    }
    assertThat(refused).isBetween(ROUNDS / 20, ROUNDS);
  }
}
