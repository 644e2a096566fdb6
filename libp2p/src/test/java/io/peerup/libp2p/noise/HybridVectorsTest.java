package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.testkit.Vectors;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The handshakes that the proposal's implementations published (pq-noise-artifacts, CC BY 4.0),
/// byte for byte: Bouncy Castle's ML-KEM with their randomness, everything else as it runs.
class HybridVectorsTest {

  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] EMPTY = {};

  /// Those that a second implementation has reproduced.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void theHandshakeIsThatOfTheVector(int number) throws GeneralSecurityException {
    JsonObject vector = vector(number);
    HandshakeState initiator = side(vector, 'i', "mlkem_keygen_seed_d_z");
    HandshakeState responder = side(vector, 'r', "mlkem_encaps_m");

    byte[] first = initiator.writeMessage(EMPTY);
    assertThat(first).hasSize(vector.get("msg_a_bytes").getAsInt());
    assertThat(sha256(first)).isEqualTo(bytes(vector, "msg_a_sha256"));
    assertThat(first).hasSize(NoiseSuite.HYBRID.firstMessageBytes());
    assertThat(responder.readMessage(first)).isEmpty();
    byte[] second = responder.writeMessage(EMPTY);
    assertThat(second).hasSize(vector.get("msg_b_bytes").getAsInt());
    assertThat(sha256(second)).isEqualTo(bytes(vector, "msg_b_sha256"));
    assertThat(initiator.readMessage(second)).isEmpty();
    byte[] third = initiator.writeMessage(EMPTY);
    assertThat(third).isEqualTo(bytes(vector, "msg_c"));
    assertThat(responder.readMessage(third)).isEmpty();

    assertThat(initiator.handshakeHash()).isEqualTo(bytes(vector, "handshake_hash"));
    assertThat(responder.handshakeHash()).isEqualTo(bytes(vector, "handshake_hash"));
    byte[][] keys = {bytes(vector, "cs1_k"), bytes(vector, "cs2_k")};
    assertThat(initiator.split()).isDeepEqualTo(keys);
    assertThat(responder.split()).isDeepEqualTo(keys);
  }

  /// The two ML-KEMs understand each other: what runs is what the vectors prove.
  @Test
  void theJdksMlKemTakesTheSameKeysAndCiphertexts() {
    FixedMlKem768 fixed = new FixedMlKem768(NoisePair.fixed(1));
    MlKem768 jdk = new JdkMlKem768();
    MlKem768.KeyPair ours = jdk.generate();
    MlKem768.Encapsulated theirs = fixed.encapsulate(ours.encapsulationKey()).orElseThrow();
    assertThat(ours.decapsulate(theirs.ciphertext())).isEqualTo(theirs.secret());
    MlKem768.KeyPair other = fixed.generate();
    MlKem768.Encapsulated made = jdk.encapsulate(other.encapsulationKey()).orElseThrow();
    assertThat(other.decapsulate(made.ciphertext())).isEqualTo(made.secret());
  }

  /// Lengths that are wrong, and keys with a coefficient not below the modulus (FIPS 203, 7.2).
  @Test
  void keysThatAreNoneAreRefusedAsTheVectorsOfWycheproofSay() {
    int refused = 0;
    int taken = 0;
    for (JsonElement each :
        Vectors.json("wycheproof/mlkem_768_encaps_subset.json").getAsJsonArray("tests")) {
      JsonObject test = each.getAsJsonObject();
      boolean valid = test.get("result").getAsString().equals("valid");
      HandshakeState responder =
          new HandshakeState(
              HandshakePattern.XX_HFS,
              false,
              EMPTY,
              NoisePair.seed(1),
              HandshakeState.publicOf(NoisePair.seed(1)),
              KeyRandom.secure(),
              new JdkMlKem768());
      assertThat(answers(responder, bytes(test, "ek"))).isEqualTo(valid);
      refused += valid ? 0 : 1;
      taken += valid ? 1 : 0;
    }
    assertThat(refused).isPositive();
    assertThat(taken).isPositive();
  }

  private static boolean answers(HandshakeState responder, byte[] key) {
    byte[] first = Arrays.copyOf(HandshakeState.publicOf(NoisePair.seed(2)), 32 + key.length);
    System.arraycopy(key, 0, first, 32, key.length);
    try {
      byte[] payload = responder.readMessage(first);
      return responder.writeMessage(EMPTY).length > 0 && payload.length == 0;
    } catch (ProtocolViolation e) {
      return false;
    }
  }

  private static JsonObject vector(int number) {
    List<JsonElement> all =
        Vectors.json("pqnoise/noise_xxhfs_25519_mlkem768_compact.json")
            .getAsJsonArray("vectors")
            .asList();
    return all.stream()
        .map(JsonElement::getAsJsonObject)
        .filter(each -> each.get("vector_index").getAsInt() == number)
        .findFirst()
        .orElseThrow();
  }

  private static HandshakeState side(JsonObject vector, char who, String kemRandomness) {
    byte[] staticPrivate = bytes(vector, "static_" + who + "_private");
    return new HandshakeState(
        HandshakePattern.XX_HFS,
        who == 'i',
        EMPTY,
        staticPrivate,
        HandshakeState.publicOf(staticPrivate),
        given(bytes(vector, "ephemeral_dh_" + who + "_private")),
        new FixedMlKem768(given(bytes(vector, kemRandomness))));
  }

  private static KeyRandom given(byte[] bytes) {
    return target -> System.arraycopy(bytes, 0, target, 0, target.length);
  }

  private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }

  private static byte[] bytes(JsonObject object, String name) {
    return HEX.parseHex(object.get(name).getAsString());
  }
}
