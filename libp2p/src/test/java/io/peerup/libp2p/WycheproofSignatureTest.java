package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Signatures against the Wycheproof vectors (C2SP/wycheproof, testvectors_v1).
class WycheproofSignatureTest {

  private static final String P256_PREFIX = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

  @Test
  void ed25519JudgesEverySignatureAsWycheproofDoes() {
    judge(
        "wycheproof/ed25519_test.json",
        key -> PublicKey.of(KeyType.ED25519, hex(key.get("pk").getAsString())));
  }

  @Test
  void p256JudgesEverySignatureAsWycheproofDoes() {
    judge(
        "wycheproof/ecdsa_secp256r1_sha256_test.json",
        key ->
            PublicKey.of(KeyType.ECDSA, hex(P256_PREFIX + key.get("uncompressed").getAsString())));
  }

  @Test
  void secp256k1JudgesEverySignatureAsWycheproofDoes() {
    judge(
        "wycheproof/ecdsa_secp256k1_sha256_test.json",
        key -> PublicKey.of(KeyType.SECP256K1, compress(key.get("uncompressed").getAsString())));
  }

  private static void judge(String file, Function<JsonObject, PublicKey> reader) {
    JsonObject all = Vectors.json(file);
    int judged = 0;
    for (JsonElement element : all.getAsJsonArray("testGroups")) {
      JsonObject group = element.getAsJsonObject();
      PublicKey key = reader.apply(group.getAsJsonObject("publicKey"));
      for (JsonElement each : group.getAsJsonArray("tests")) {
        JsonObject test = each.getAsJsonObject();
        boolean valid = test.get("result").getAsString().equals("valid");
        assertThat(
                key.verify(hex(test.get("msg").getAsString()), hex(test.get("sig").getAsString())))
            .as(file + " tcId " + test.get("tcId"))
            .isEqualTo(valid);
        judged++;
      }
    }
    assertThat(judged).isEqualTo(all.get("numberOfTests").getAsInt());
  }

  private static byte[] compress(String uncompressed) {
    byte[] point = hex(uncompressed);
    byte[] out = new byte[33];
    out[0] = (byte) (2 + (point[64] & 1));
    System.arraycopy(point, 1, out, 1, 32);
    return out;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
