package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.DIALER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.LISTENER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.YAMUX;
import static io.peerup.libp2p.noise.NoisePair.done;
import static io.peerup.libp2p.noise.NoisePair.sent;
import static io.peerup.libp2p.noise.NoisePair.silent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HybridHandshakeTest {

  private static final Negotiated HYBRID = silent(NoiseSuite.HYBRID);
  private static final byte[] NONE = {};

  @Test
  void bothSidesLearnEachOtherAndShareOneSession() {
    NoiseHandshake initiator =
        NoiseHandshake.initiator(
            HYBRID, DIALER_KEYS, KeyRandom.secure(), PeerExpectation.any(), List.of(YAMUX));
    NoiseHandshake responder =
        NoiseHandshake.responder(
            HYBRID, LISTENER_KEYS, KeyRandom.secure(), PeerExpectation.any(), List.of(YAMUX));
    responder.start();
    byte[] first = sent(initiator.start());
    assertThat(first).hasSize(1216);
    Step.Done dialed = done(initiator.receive(sent(responder.receive(first))));
    Step.Done accepted = done(responder.receive(dialed.message()));
    assertThat(dialed.session().remotePeer()).isEqualTo(NoisePair.idOf(NoisePair.LISTENER));
    assertThat(accepted.session().remotePeer()).isEqualTo(NoisePair.idOf(NoisePair.DIALER));
    assertThat(dialed.session().binding()).isEqualTo(accepted.session().binding());
    assertThat(accepted.session().muxer()).contains(YAMUX);
    byte[] record = new byte[48];
    dialed.session().sender().encrypt(NoisePair.seed(5), 0, 32, record, 0);
    byte[] opened = new byte[32];
    assertThat(accepted.session().receiver().decrypt(record, 0, 48, opened, 0)).isEqualTo(32);
    assertThat(opened).isEqualTo(NoisePair.seed(5));
  }

  /// The token `e1`: a fresh key each time, in the clear behind the X25519 key.
  @Test
  void eachHandshakeHasAFreshMlKemKey() {
    byte[] one = sent(jdkInitiator().start());
    byte[] two = sent(jdkInitiator().start());
    assertThat(Arrays.copyOfRange(one, 32, 1216)).isNotEqualTo(Arrays.copyOfRange(two, 32, 1216));
    assertThat(new JdkMlKem768().encapsulate(Arrays.copyOfRange(one, 32, 1216))).isPresent();
  }

  /// The token `ekem1`: the ciphertext is sealed, and opens to one for the key of message 1.
  @Test
  void theCiphertextIsEncryptedAndItsSecretMixedIn() {
    int[] asked = {0};
    MlKem768 counting =
        new MlKem768() {
          @Override
          public KeyPair generate() {
            return new JdkMlKem768().generate();
          }

          @Override
          public Optional<Encapsulated> encapsulate(byte[] key) {
            asked[0]++;
            Encapsulated made = new JdkMlKem768().encapsulate(key).orElseThrow();
            // Another secret than that of the ciphertext: the keys differ from here on.
            return Optional.of(new Encapsulated(made.ciphertext(), new byte[32]));
          }
        };
    NoiseHandshake initiator = NoisePair.initiator(HYBRID, PeerExpectation.any(), List.of());
    NoiseHandshake responder =
        NoiseHandshake.of(
            false,
            HYBRID,
            LISTENER_KEYS,
            KeyRandom.secure(),
            counting,
            PeerExpectation.any(),
            List.of());
    responder.start();
    byte[] second = sent(responder.receive(sent(initiator.start())));
    assertThat(asked[0]).isEqualTo(1);
    assertThatThrownBy(() -> initiator.receive(second))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("does not decrypt");
  }

  @Test
  void theSecretOfMlKemIsWipedAndSoIsItsPrivateKey() {
    byte[][] secret = {NONE};
    boolean[] destroyed = {false};
    MlKem768 spying =
        new MlKem768() {
          @Override
          public KeyPair generate() {
            KeyPair real = new JdkMlKem768().generate();
            return new KeyPair() {
              @Override
              public byte[] encapsulationKey() {
                return real.encapsulationKey();
              }

              @Override
              public byte[] decapsulate(byte[] ciphertext) {
                return real.decapsulate(ciphertext);
              }

              @Override
              public void destroy() {
                destroyed[0] = true;
                real.destroy();
                assertThatThrownBy(() -> real.decapsulate(new byte[CIPHERTEXT_BYTES]))
                    .isInstanceOf(RuntimeException.class);
              }
            };
          }

          @Override
          public Optional<Encapsulated> encapsulate(byte[] key) {
            Optional<Encapsulated> made = new JdkMlKem768().encapsulate(key);
            secret[0] = made.orElseThrow().secret();
            assertThat(secret[0]).isNotEqualTo(new byte[32]);
            return made;
          }
        };
    NoiseHandshake initiator = of(true, spying);
    NoiseHandshake responder = of(false, spying);
    responder.start();
    byte[] second = sent(responder.receive(sent(initiator.start())));
    assertThat(secret[0]).isEqualTo(new byte[32]);
    assertThat(destroyed[0]).isFalse();
    initiator.receive(second);
    assertThat(destroyed[0]).isTrue();
  }

  @Test
  void aFlippedBitInAnyByteOfMessageOneBreaksTheHandshake() {
    byte[] first = sent(hybrid().initiator.start());
    for (int i = 0; i < first.length; i++) {
      NoisePair pair = hybrid();
      pair.initiator.start();
      pair.responder.start();
      byte[] altered = flipped(first, i);
      assertThatThrownBy(() -> pair.initiator.receive(sent(pair.responder.receive(altered))))
          .as("byte %d", i)
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aFlippedBitInAnyByteOfMessageTwoIsRefusedByTheDialer() {
    byte[] second = messages()[1];
    for (int i = 0; i < second.length; i++) {
      NoisePair pair = hybrid();
      pair.initiator.start();
      byte[] altered = flipped(second, i);
      assertThatThrownBy(() -> pair.initiator.receive(altered))
          .as("byte %d", i)
          .isInstanceOf(ProtocolViolation.class);
    }
    NoisePair untouched = hybrid();
    untouched.initiator.start();
    assertThat(untouched.initiator.receive(second)).isInstanceOf(Step.Done.class);
  }

  @Test
  void aFlippedBitInAnyByteOfMessageThreeIsRefusedByTheListener() {
    byte[][] messages = messages();
    for (int i = 0; i < messages[2].length; i++) {
      NoisePair pair = hybrid();
      pair.responder.start();
      pair.responder.receive(messages[0]);
      byte[] altered = flipped(messages[2], i);
      assertThatThrownBy(() -> pair.responder.receive(altered))
          .as("byte %d", i)
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 1215, 1217, 9000})
  void theFirstMessageIsExactlyTwoKeys(int length) {
    NoiseHandshake responder = NoisePair.responder(HYBRID, PeerExpectation.any(), List.of());
    responder.start();
    byte[] message = Arrays.copyOf(messages()[0], length);
    assertThatThrownBy(() -> responder.receive(message))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("1216");
  }

  @Test
  void aSecondMessageCutAnywhereIsRefused() {
    byte[] second = messages()[1];
    for (int length = 0; length < second.length; length++) {
      NoiseHandshake initiator = NoisePair.initiator(HYBRID, PeerExpectation.any(), List.of(YAMUX));
      initiator.start();
      byte[] cut = Arrays.copyOf(second, length);
      assertThatThrownBy(() -> initiator.receive(cut))
          .as("%d bytes", length)
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aMessageAboveTheLimitIsRefused() {
    NoiseHandshake initiator = NoisePair.initiator(HYBRID, PeerExpectation.any(), List.of());
    initiator.start();
    byte[] message = new byte[Limits.HYBRID_HANDSHAKE_FRAME_BYTES_MAX + 1];
    assertThatThrownBy(() -> initiator.receive(message))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("" + message.length);
  }

  @Test
  void theGreatestPayloadFitsTheHandshakeFrame() {
    HandshakeState listener = rawResponder();
    NoiseHandshake initiator = NoisePair.initiator(HYBRID, PeerExpectation.any(), List.of());
    listener.readMessage(sent(initiator.start()));
    byte[] payload = NoisePair.payload(NoisePair.LISTENER, listener.staticPublic(), List.of());
    byte[] padding = new byte[Limits.PAYLOAD_BYTES_MAX - payload.length - 3];
    byte[] padded =
        new ByteWriter().bytes(payload).u8(15 << 3 | 2).lengthPrefixed(padding).toByteArray();
    byte[] second = listener.writeMessage(padded);
    assertThat(second).hasSize(Limits.HYBRID_HANDSHAKE_FRAME_BYTES_MAX);
    assertThat(initiator.receive(second)).isInstanceOf(Step.Done.class);
  }

  @Test
  void anX25519KeyOfSmallOrderIsRefusedWhateverTheMlKemKey() {
    byte[] first = messages()[0];
    Arrays.fill(first, 0, 32, (byte) 0);
    NoiseHandshake responder = NoisePair.responder(HYBRID, PeerExpectation.any(), List.of());
    responder.start();
    assertThatThrownBy(() -> responder.receive(first))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("small order");
  }

  @Test
  void anMlKemKeyWithACoefficientOfTheModulusIsRefusedBeforeAnAnswer() {
    byte[] first = messages()[0];
    // The first coefficient becomes 3329, the modulus itself: 12 bits, little-endian.
    first[32] = (byte) (3329 & 0xff);
    first[33] = (byte) ((first[33] & 0xf0) | (3329 >> 8));
    NoiseHandshake responder = of(false, new JdkMlKem768());
    responder.start();
    assertThatThrownBy(() -> responder.receive(first))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("none of ML-KEM");
  }

  /// The name is part of every key: who speaks the one suite understands nothing of the other.
  @Test
  void theTwoSuitesShareNoSession() {
    HandshakeState classic = raw(HandshakePattern.XX);
    HandshakeState hybrid = raw(HandshakePattern.XX_HFS);
    assertThat(classic.handshakeHash()).isNotEqualTo(hybrid.handshakeHash());
  }

  private static NoisePair hybrid() {
    return new NoisePair(HYBRID, HYBRID);
  }

  private static NoiseHandshake jdkInitiator() {
    return of(true, new JdkMlKem768());
  }

  private static NoiseHandshake of(boolean initiator, MlKem768 mlKem) {
    return NoiseHandshake.of(
        initiator,
        HYBRID,
        initiator ? DIALER_KEYS : LISTENER_KEYS,
        KeyRandom.secure(),
        mlKem,
        PeerExpectation.any(),
        List.of());
  }

  private static byte[][] messages() {
    NoisePair pair = hybrid();
    pair.responder.start();
    byte[] first = sent(pair.initiator.start());
    byte[] second = sent(pair.responder.receive(first));
    byte[] third = done(pair.initiator.receive(second)).message();
    return new byte[][] {first, second, third};
  }

  private static HandshakeState rawResponder() {
    return raw(HandshakePattern.XX_HFS);
  }

  private static HandshakeState raw(HandshakePattern pattern) {
    byte[] staticPrivate = NoisePair.seed(40);
    return new HandshakeState(
        pattern,
        false,
        NONE,
        staticPrivate,
        HandshakeState.publicOf(staticPrivate),
        NoisePair.fixed(41),
        new JdkMlKem768());
  }

  private static byte[] flipped(byte[] message, int at) {
    byte[] out = message.clone();
    out[at] ^= (byte) (1 << (at % 8));
    return out;
  }
}
