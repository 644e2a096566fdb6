package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The XX handshakes published by three other implementations, byte for byte, with their prologues
/// and payloads, and the transport messages behind them.
class NoiseVectorsTest {

  private static final HexFormat HEX = HexFormat.of();

  @ParameterizedTest
  @ValueSource(strings = {"cacophony", "snow", "noise-c-basic"})
  void xxHandshakeAndTransportMessagesAreThoseOf(String implementation) {
    JsonObject vector = xxVector(implementation);
    HandshakeState initiator = side(vector, "init", true);
    HandshakeState responder = side(vector, "resp", false);
    List<JsonElement> messages = vector.getAsJsonArray("messages").asList();

    int handshakeMessages = HandshakePattern.XX.messages().size();
    for (int i = 0; i < handshakeMessages; i++) {
      HandshakeState writer = i % 2 == 0 ? initiator : responder;
      HandshakeState reader = i % 2 == 0 ? responder : initiator;
      byte[] payload = bytes(messages.get(i).getAsJsonObject(), "payload");
      byte[] message = writer.writeMessage(payload);
      assertThat(message).isEqualTo(bytes(messages.get(i).getAsJsonObject(), "ciphertext"));
      assertThat(reader.readMessage(message)).isEqualTo(payload);
    }
    assertThat(initiator.handshakeHash()).isEqualTo(responder.handshakeHash());
    if (vector.has("handshake_hash")) {
      assertThat(initiator.handshakeHash()).isEqualTo(bytes(vector, "handshake_hash"));
    }
    assertThat(initiator.remoteStatic()).isEqualTo(responder.staticPublic());
    assertThat(responder.remoteStatic()).isEqualTo(initiator.staticPublic());

    byte[][] keys = initiator.split();
    assertThat(responder.split()).isDeepEqualTo(keys);
    NoiseCipher[] senders = {new NoiseCipher(keys[0], true), new NoiseCipher(keys[1], true)};
    NoiseCipher[] receivers = {new NoiseCipher(keys[0], false), new NoiseCipher(keys[1], false)};
    assertThat(messages).hasSizeGreaterThan(handshakeMessages);
    for (int i = handshakeMessages; i < messages.size(); i++) {
      byte[] payload = bytes(messages.get(i).getAsJsonObject(), "payload");
      byte[] expected = bytes(messages.get(i).getAsJsonObject(), "ciphertext");
      byte[] record = new byte[payload.length + Limits.TAG_BYTES];
      assertThat(senders[i % 2].encrypt(payload, 0, payload.length, record, 0))
          .isEqualTo(record.length);
      assertThat(record).isEqualTo(expected);
      byte[] opened = new byte[payload.length];
      assertThat(receivers[i % 2].decrypt(record, 0, record.length, opened, 0))
          .isEqualTo(opened.length);
      assertThat(opened).isEqualTo(payload);
    }
  }

  private static JsonObject xxVector(String implementation) {
    String name = HandshakePattern.XX.protocolName();
    for (JsonElement element :
        Vectors.json("noise/" + implementation + "_25519_ChaChaPoly_SHA256.json")
            .getAsJsonArray("vectors")) {
      JsonObject vector = element.getAsJsonObject();
      JsonElement called =
          vector.has("protocol_name") ? vector.get("protocol_name") : vector.get("name");
      if (called.getAsString().equals(name)) {
        return vector;
      }
    }
    throw new AssertionError("no " + name + " in the vectors of " + implementation);
  }

  private static HandshakeState side(JsonObject vector, String who, boolean initiator) {
    byte[] ephemeral = bytes(vector, who + "_ephemeral");
    KeyRandom random = target -> System.arraycopy(ephemeral, 0, target, 0, ephemeral.length);
    byte[] staticPrivate = bytes(vector, who + "_static");
    return new HandshakeState(
        HandshakePattern.XX,
        initiator,
        bytes(vector, who + "_prologue"),
        staticPrivate,
        HandshakeState.publicOf(staticPrivate),
        random,
        new JdkMlKem768());
  }

  private static byte[] bytes(JsonObject object, String name) {
    return HEX.parseHex(object.get(name).getAsString());
  }
}
