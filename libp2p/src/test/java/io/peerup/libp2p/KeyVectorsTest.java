package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.libp2p.wire.Radix;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Against the numbers of peer-ids.md and of js-libp2p.
class KeyVectorsTest {

  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);

  @Test
  void keysOfTheSpecGiveThePublishedPeerIds() {
    for (JsonObject key : objects(Vectors.json("libp2p/peer_ids.json"), "keys")) {
      byte[] encoded = hex(key, "public_key_protobuf");
      PublicKey publicKey = PublicKey.decode(encoded);
      PeerId id = PeerId.of(publicKey);
      assertThat(publicKey.encoded()).isEqualTo(encoded);
      assertThat(id.bytes()).isEqualTo(hex(key, "peer_id_multihash"));
      assertThat(id).hasToString(key.get("peer_id_base58").getAsString());
      assertThat(PeerId.parse(key.get("peer_id_base58").getAsString())).isEqualTo(id);
      assertThat(PeerId.parse(key.get("peer_id_cidv1").getAsString())).isEqualTo(id);
      assertThat(PeerId.fromBytes(id.bytes())).isEqualTo(id);
      assertThat(id.matches(publicKey)).isTrue();
    }
  }

  @Test
  void privateKeysOfTheSpecBelongToTheirPublicKeysAndSign() {
    for (JsonObject key : objects(Vectors.json("libp2p/peer_ids.json"), "keys")) {
      byte[] encoded = hex(key, "private_key_protobuf");
      PrivateKey privateKey = PrivateKey.decode(encoded);
      PublicKey publicKey = privateKey.publicKey();
      assertThat(publicKey.encoded()).isEqualTo(hex(key, "public_key_protobuf"));
      assertThat(privateKey.encoded()).isEqualTo(encoded);
      byte[] signature = privateKey.sign(MESSAGE);
      assertThat(publicKey.verify(MESSAGE, signature)).isTrue();
      assertThat(publicKey.verify(new byte[1], signature)).isFalse();
      signature[signature.length - 1] ^= 1;
      assertThat(publicKey.verify(MESSAGE, signature)).isFalse();
    }
  }

  @Test
  void bothTextFormsOfTheSpecMeanTheSamePeer() {
    for (JsonObject form : objects(Vectors.json("libp2p/peer_ids.json"), "text_forms")) {
      PeerId id = PeerId.parse(form.get("base58").getAsString());
      assertThat(id.bytes()).isEqualTo(hex(form, "multihash"));
      assertThat(PeerId.parse(form.get("cidv1").getAsString())).isEqualTo(id);
      assertThat(id).hasToString(form.get("base58").getAsString());
    }
  }

  @Test
  void jsLibp2pGivesTheSamePeerIds() {
    JsonObject all = Vectors.json("libp2p/js-generated.json").getAsJsonObject("peerIds");
    for (String name : all.keySet()) {
      JsonObject key = all.getAsJsonObject(name);
      PeerId id = PeerId.of(PublicKey.decode(hex(key, "publicKeyPb")));
      assertThat(id).hasToString(key.get("peerId").getAsString());
      assertThat(id.bytes()).isEqualTo(hex(key, "peerIdMultihash"));
      if (key.has("cidV1Base32")) {
        assertThat(PeerId.parse(key.get("cidV1Base32").getAsString())).isEqualTo(id);
      }
    }
  }

  @Test
  void keysAAndBOfJsLibp2pAreRead() {
    JsonObject all = Vectors.json("libp2p/js-generated.json");
    for (String name : List.of("keyA", "keyB")) {
      JsonObject key = all.getAsJsonObject(name);
      PrivateKey privateKey = PrivateKey.decode(hex(key, "privateKeyPb"));
      assertThat(privateKey.peerId()).hasToString(key.get("peerId").getAsString());
    }
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) 2);
    assertThat(PrivateKey.ofEd25519Seed(seed).encoded())
        .isEqualTo(hex(all.getAsJsonObject("keyB"), "privateKeyPb"));
  }

  @Test
  void weakEd25519KeysAreRefusedWhereverAKeyIsTaken() {
    JsonObject vectors = Vectors.json("kex/ed25519_refuse.json");
    for (JsonElement element : vectors.getAsJsonArray("public_keys")) {
      byte[] key = HexFormat.of().parseHex(element.getAsString());
      assertThatThrownBy(() -> PublicKey.of(KeyType.ED25519, key))
          .isInstanceOf(MalformedInput.class);
      byte[] encoded = new KeyMessage(KeyType.ED25519, key).encode();
      assertThatThrownBy(() -> PublicKey.decode(encoded)).isInstanceOf(MalformedInput.class);
      byte[] multihash = HexFormat.of().parseHex("0024" + HexFormat.of().formatHex(encoded));
      assertThatThrownBy(() -> PeerId.fromBytes(multihash)).isInstanceOf(MalformedInput.class);
      String base58 = Radix.BASE58.encode(multihash);
      assertThatThrownBy(() -> PeerId.parse(base58)).isInstanceOf(MalformedInput.class);
      assertThatThrownBy(() -> Multiaddr.parse("/p2p/" + base58))
          .isInstanceOf(MalformedInput.class);
      byte[] address = HexFormat.of().parseHex("a50326" + HexFormat.of().formatHex(multihash));
      assertThatThrownBy(() -> Multiaddr.fromBytes(address)).isInstanceOf(MalformedInput.class);
      byte[] type = {3, 1};
      byte[] envelope =
          new ProtoWriter()
              .bytes(1, encoded)
              .bytes(2, type)
              .bytes(3, new byte[0])
              .bytes(5, hex(vectors, "universal_signature"))
              .toByteArray();
      assertThatThrownBy(() -> SignedEnvelope.open(envelope, "libp2p-peer-record", type))
          .isInstanceOf(MalformedInput.class)
          .hasMessageContaining("full order");
      byte[] secret = new byte[64];
      System.arraycopy(key, 0, secret, 32, 32);
      assertThatThrownBy(() -> PrivateKey.decode(new KeyMessage(KeyType.ED25519, secret).encode()))
          .isInstanceOf(MalformedInput.class);
    }
  }

  private static List<JsonObject> objects(JsonObject parent, String name) {
    List<JsonObject> out =
        parent.getAsJsonArray(name).asList().stream().map(JsonElement::getAsJsonObject).toList();
    assertThat(out).isNotEmpty();
    return out;
  }

  private static byte[] hex(JsonObject parent, String name) {
    return HexFormat.of().parseHex(parent.get(name).getAsString());
  }
}
