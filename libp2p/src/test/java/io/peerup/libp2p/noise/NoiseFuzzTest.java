package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.sent;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import io.peerup.testkit.SeededRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoiseFuzzTest {

  private static final int HANDSHAKES = 1_000;
  private static final int PAYLOADS = 20_000;

  private final SeededRandom random = SeededRandom.of(NoiseFuzzTest.class);

  @Test
  void alteredMessagesNeverCompleteAHandshakeAndNeverEscapeTheErrorFamily() {
    for (int round = 0; round < HANDSHAKES; round++) {
      NoisePair pair = new NoisePair();
      pair.responder.start();
      byte[] message = sent(pair.initiator.start());
      int victim = 1 + random.nextInt(3);
      boolean failed = false;
      try {
        message = sent(pair.responder.receive(victim == 1 ? altered(message) : message));
        Step.Done dialed =
            (Step.Done) pair.initiator.receive(victim == 2 ? altered(message) : message);
        message = dialed.message();
        pair.responder.receive(victim == 3 ? altered(message) : message);
      } catch (OverlayException e) {
        failed = true;
      }
      assertThat(failed).as("message %d altered", victim).isTrue();
    }
  }

  @Test
  void noPayloadEscapesTheErrorFamilyNorPassesUnsigned() {
    byte[] key = NoisePair.seed(60);
    byte[] honest = IdentityPayload.create(NoisePair.LISTENER, key, List.of(NoisePair.YAMUX));
    IdentityPayload meant = IdentityPayload.verify(honest, key);
    for (int round = 0; round < PAYLOADS; round++) {
      byte[] payload = random.nextInt(4) == 0 ? random.bytes(random.nextInt(200)) : altered(honest);
      try {
        // What still verifies has the identity and its signature untouched.
        assertThat(IdentityPayload.verify(payload, key).key())
            .as(HexFormat.of().formatHex(payload))
            .isEqualTo(meant.key());
      } catch (ProtocolViolation e) {
        assertThat(e.getMessage()).startsWith("Noise payload");
      }
    }
  }

  @Test
  void garbageIsNeverAHandshake() {
    for (int round = 0; round < HANDSHAKES; round++) {
      byte[] garbage = random.bytes(random.nextInt(300));
      for (boolean dialing : new boolean[] {true, false}) {
        NoiseHandshake handshake =
            dialing
                ? NoisePair.initiator(PeerExpectation.any(), List.of())
                : NoisePair.responder(PeerExpectation.any(), List.of());
        handshake.start();
        boolean violation = false;
        try {
          handshake.receive(garbage);
        } catch (ProtocolViolation e) {
          violation = true;
        }
        // Any 32 bytes are a lawful first message: the proof comes later.
        assertThat(violation).isEqualTo(dialing || garbage.length != 32);
      }
    }
  }

  private byte[] altered(byte[] message) {
    byte[] out =
        switch (random.nextInt(4)) {
          case 0 -> Arrays.copyOf(message, random.nextInt(message.length));
          case 1 -> Arrays.copyOf(message, message.length + 1 + random.nextInt(40));
          default -> message.clone();
        };
    for (int i = random.nextInt(4); i > 0 && out.length > 0; i--) {
      out[random.nextInt(out.length)] ^= (byte) (1 + random.nextInt(255));
    }
    if (Arrays.equals(out, message)) {
      out[random.nextInt(out.length)] ^= (byte) (1 + random.nextInt(255));
    }
    return out;
  }
}
