package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.testkit.Vectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class SignedEnvelopeTest {

  private static final PrivateKey ALICE = key(1);
  private static final PrivateKey BOB = key(2);
  private static final byte[] TYPE = {3, 1};
  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");

  @Test
  void peerRecordOfJsLibp2pIsReadAndMadeByteForByte() {
    JsonObject all = Vectors.json("libp2p/js-generated.json");
    JsonObject vector = all.getAsJsonObject("peerRecordEnvelope");
    PrivateKey keyA = PrivateKey.decode(hex(all.getAsJsonObject("keyA"), "privateKeyPb"));
    byte[] encoded = hex(vector, "envelope");

    PeerRecord record = PeerRecord.fromEnvelope(encoded);
    assertThat(record.peer()).isEqualTo(keyA.peerId());
    assertThat(record.seq()).isEqualTo(1);
    assertThat(record.addresses().stream().map(Multiaddr::toString).toList())
        .containsExactly("/ip4/192.0.2.1/tcp/4001", "/ip6/2001:db8::1/udp/4001/quic-v1");

    assertThat(record.toEnvelope(keyA).encoded()).isEqualTo(encoded);
    assertThat(SignedEnvelope.signedBytes("libp2p-peer-record", TYPE, hex(vector, "payload")))
        .isEqualTo(hex(vector, "signedBuffer"));
  }

  @Test
  void relayVoucherEnvelopeOfJsLibp2pOpens() {
    JsonObject vector =
        Vectors.json("libp2p/js-generated.json").getAsJsonObject("relayVoucherEnvelope");
    SignedEnvelope envelope =
        SignedEnvelope.open(hex(vector, "envelope"), "libp2p-relay-rsvp", new byte[] {3, 2});
    assertThat(envelope.payload()).isEqualTo(hex(vector, "payload"));
  }

  @Test
  void envelopeOpensOnlyInItsDomainAndType() {
    byte[] encoded = SignedEnvelope.seal(ALICE, "domain", TYPE, new byte[] {9}).encoded();
    SignedEnvelope opened = SignedEnvelope.open(encoded, "domain", TYPE);
    assertThat(opened.payload()).containsExactly(9);
    assertThat(opened.payloadType()).isEqualTo(TYPE);
    assertThat(opened.signer()).isEqualTo(ALICE.peerId());
    assertRefused(() -> SignedEnvelope.open(encoded, "domains", TYPE), "signature");
    assertRefused(() -> SignedEnvelope.open(encoded, "domain", new byte[] {3, 2}), "something");
  }

  @Test
  void everyFlippedBitOfAnEnvelopeIsNoticed() {
    byte[] encoded = SignedEnvelope.seal(ALICE, "domain", TYPE, new byte[] {9}).encoded();
    for (int bit = 0; bit < encoded.length * 8; bit++) {
      byte[] changed = encoded.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> SignedEnvelope.open(changed, "domain", TYPE))
          .as("bit " + bit)
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void envelopeWithAMissingFieldIsRefused() {
    byte[] key = ALICE.publicKey().encoded();
    byte[] signature = ALICE.sign(SignedEnvelope.signedBytes("domain", TYPE, new byte[0]));
    ProtoWriter complete =
        new ProtoWriter().bytes(1, key).bytes(2, TYPE).bytes(3, new byte[0]).bytes(5, signature);
    assertThat(SignedEnvelope.open(complete.toByteArray(), "domain", TYPE).payload()).isEmpty();
    assertRefused(
        () ->
            SignedEnvelope.open(
                new ProtoWriter().bytes(1, key).bytes(2, TYPE).bytes(5, signature).toByteArray(),
                "domain",
                TYPE),
        "payload");
    assertRefused(() -> SignedEnvelope.open(new byte[0], "domain", TYPE), "payload type");
  }

  @Test
  void envelopeOfTheLargestSizeOpensAndOneByteMoreIsRefused() {
    byte[] small = SignedEnvelope.seal(ALICE, "domain", TYPE, new byte[4000]).encoded();
    int payload = 4000 + Limits.ENVELOPE_BYTES_MAX - small.length;
    byte[] largest = SignedEnvelope.seal(ALICE, "domain", TYPE, new byte[payload]).encoded();
    assertThat(largest).hasSize(Limits.ENVELOPE_BYTES_MAX);
    assertThat(SignedEnvelope.open(largest, "domain", TYPE).payload()).hasSize(payload);
    assertThatThrownBy(() -> SignedEnvelope.seal(ALICE, "domain", TYPE, new byte[payload + 1]))
        .isInstanceOf(IllegalArgumentException.class);
    assertRefused(
        () ->
            SignedEnvelope.open(
                Arrays.copyOf(largest, Limits.ENVELOPE_BYTES_MAX + 1), "domain", TYPE),
        "8193 bytes");
  }

  @Test
  void recordAboutAnotherPeerIsRefused() {
    byte[] payload = new ProtoWriter().bytes(1, BOB.peerId().bytes()).uint(2, 1).toByteArray();
    byte[] forged = SignedEnvelope.seal(ALICE, "libp2p-peer-record", TYPE, payload).encoded();
    assertRefused(() -> PeerRecord.fromEnvelope(forged), "not signed by the peer");
    assertThatThrownBy(() -> new PeerRecord(BOB.peerId(), 1, List.of()).toEnvelope(ALICE))
        .isInstanceOf(IllegalArgumentException.class);
    byte[] nobody = SignedEnvelope.seal(ALICE, "libp2p-peer-record", TYPE, new byte[0]).encoded();
    assertRefused(() -> PeerRecord.fromEnvelope(nobody), "not signed by the peer");
  }

  @Test
  void recordKeepsGoodAddressesAndDropsMalformedForeignAndRepeatedOnes() {
    ProtoWriter payload = new ProtoWriter().bytes(1, ALICE.peerId().bytes()).uint(2, 7);
    List<byte[]> addresses =
        List.of(
            ADDRESS.withPeer(ALICE.peerId()).bytes(),
            ADDRESS.bytes(),
            ADDRESS.withPeer(BOB.peerId()).bytes(),
            new byte[] {4, 1},
            HexFormat.of().parseHex("ffff03"),
            new byte[0],
            Multiaddr.parse("/p2p/" + ALICE.peerId()).bytes(),
            Multiaddr.parse("/ip4/192.0.2.9/tcp/1/p2p/" + BOB.peerId() + "/p2p-circuit").bytes());
    addresses.forEach(address -> payload.message(3, new ProtoWriter().bytes(1, address)));
    PeerRecord record =
        PeerRecord.fromEnvelope(
            SignedEnvelope.seal(ALICE, "libp2p-peer-record", TYPE, payload.toByteArray())
                .encoded());
    assertThat(record.addresses())
        .containsExactly(
            ADDRESS, Multiaddr.parse("/ip4/192.0.2.9/tcp/1/p2p/" + BOB.peerId() + "/p2p-circuit"));
  }

  @Test
  void recordTakesAtMostItsLimitOfAddresses() {
    ProtoWriter payload = new ProtoWriter().bytes(1, ALICE.peerId().bytes());
    List<Multiaddr> all = new ArrayList<>();
    for (int port = 1; port <= Limits.PEER_RECORD_ADDRESSES_MAX + 1; port++) {
      Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/" + port);
      all.add(address);
      payload.message(3, new ProtoWriter().bytes(1, address.bytes()));
    }
    byte[] encoded =
        SignedEnvelope.seal(ALICE, "libp2p-peer-record", TYPE, payload.toByteArray()).encoded();
    assertThat(PeerRecord.fromEnvelope(encoded).addresses())
        .isEqualTo(all.subList(0, Limits.PEER_RECORD_ADDRESSES_MAX));
    assertThatThrownBy(() -> new PeerRecord(ALICE.peerId(), 1, all))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void sequenceNumbersAreUnsigned() {
    PeerRecord low = new PeerRecord(ALICE.peerId(), Long.MAX_VALUE, List.of());
    PeerRecord high = new PeerRecord(ALICE.peerId(), -1, List.of());
    assertThat(high.isNewerThan(low)).isTrue();
    assertThat(low.isNewerThan(high)).isFalse();
    assertThat(low.isNewerThan(low)).isFalse();
    assertThat(PeerRecord.fromEnvelope(high.toEnvelope(ALICE).encoded())).isEqualTo(high);
  }

  private static PrivateKey key(int fill) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) fill);
    return PrivateKey.ofEd25519Seed(seed);
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(MalformedInput.class).hasMessageContaining(why);
  }

  private static byte[] hex(JsonObject parent, String name) {
    return HexFormat.of().parseHex(parent.get(name).getAsString());
  }
}
