package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.DIALER;
import static io.peerup.libp2p.noise.NoisePair.DIALER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.LISTENER;
import static io.peerup.libp2p.noise.NoisePair.LISTENER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.STRANGER;
import static io.peerup.libp2p.noise.NoisePair.YAMUX;
import static io.peerup.libp2p.noise.NoisePair.done;
import static io.peerup.libp2p.noise.NoisePair.fixed;
import static io.peerup.libp2p.noise.NoisePair.idOf;
import static io.peerup.libp2p.noise.NoisePair.seed;
import static io.peerup.libp2p.noise.NoisePair.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;

class NoiseHandshakeTest {

  private static final String MPLEX = "/mplex/6.7.0";
  private static final byte[] NONE = new byte[0];
  private static final Negotiated SILENT = NoisePair.silent(NoiseSuite.CLASSIC);

  @Test
  void bothSidesLearnEachOtherAndShareOneSession() {
    NoiseHandshake initiator =
        NoiseHandshake.initiator(
            SILENT,
            DIALER_KEYS,
            KeyRandom.secure(),
            PeerExpectation.exactly(idOf(LISTENER)),
            List.of(YAMUX));
    NoiseHandshake responder =
        NoiseHandshake.responder(
            SILENT, LISTENER_KEYS, KeyRandom.secure(), PeerExpectation.any(), List.of(YAMUX));
    assertThat(responder.start()).isInstanceOf(Step.Await.class);
    byte[] first = sent(initiator.start());
    assertThat(first).hasSize(32);
    Step.Done dialed = done(initiator.receive(sent(responder.receive(first))));
    Step.Done accepted = done(responder.receive(dialed.message()));

    assertThat(accepted.message()).isEmpty();
    assertThat(dialed.session().remoteKey()).isEqualTo(LISTENER.publicKey());
    assertThat(dialed.session().remotePeer()).isEqualTo(idOf(LISTENER));
    assertThat(accepted.session().remoteKey()).isEqualTo(DIALER.publicKey());
    assertThat(accepted.session().remotePeer()).isEqualTo(idOf(DIALER));
    assertThat(dialed.session().muxer()).contains(YAMUX);
    assertThat(accepted.session().muxer()).contains(YAMUX);
    assertThat(dialed.session().binding()).isEqualTo(accepted.session().binding());
    assertThat(dialed.session().binding().bytes()).hasSize(32);
    exchange(dialed.session().sender(), accepted.session().receiver());
    exchange(accepted.session().sender(), dialed.session().receiver());
  }

  @Test
  void eachHandshakeUsesAFreshEphemeralKey() {
    KeyRandom random = KeyRandom.secure();
    NoiseHandshake one =
        NoiseHandshake.initiator(SILENT, DIALER_KEYS, random, _ -> true, List.of());
    NoiseHandshake two =
        NoiseHandshake.initiator(SILENT, DIALER_KEYS, random, _ -> true, List.of());
    assertThat(sent(one.start())).isNotEqualTo(sent(two.start()));
  }

  @Test
  void aWrongPeerIsRefusedBeforeMessageThreeExists() {
    List<PeerId> asked = new ArrayList<>();
    NoiseHandshake initiator =
        NoisePair.initiator(
            peer -> {
              asked.add(peer);
              return peer.equals(idOf(STRANGER));
            },
            List.of(YAMUX));
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of(YAMUX));
    responder.start();
    byte[] second = sent(responder.receive(sent(initiator.start())));

    assertThatThrownBy(() -> initiator.receive(second))
        .isInstanceOf(Refused.class)
        .hasMessageContaining(idOf(LISTENER).toString());
    // Nothing can be got out of it any more, not even from the right peer's answer.
    assertThatThrownBy(() -> initiator.receive(second)).isInstanceOf(IllegalStateException.class);
    assertThat(asked).containsExactly(idOf(LISTENER));
  }

  @Test
  void aListenerMayExpectAPeerToo() {
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of());
    NoiseHandshake responder =
        NoisePair.responder(PeerExpectation.exactly(idOf(STRANGER)), List.of());
    responder.start();
    byte[] third =
        done(initiator.receive(sent(responder.receive(sent(initiator.start()))))).message();
    assertThatThrownBy(() -> responder.receive(third)).isInstanceOf(Refused.class);
  }

  @Test
  void aFlippedBitInAnyByteOfMessageOneBreaksTheHandshake() {
    byte[] first = sent(new NoisePair().initiator.start());
    for (int i = 0; i < first.length; i++) {
      NoisePair pair = new NoisePair();
      pair.initiator.start();
      pair.responder.start();
      byte[] second = sent(pair.responder.receive(flipped(first, i)));
      assertThatThrownBy(() -> pair.initiator.receive(second))
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aFlippedBitInAnyByteOfMessageTwoIsRefusedByTheDialer() {
    NoisePair untouched = new NoisePair();
    untouched.responder.start();
    byte[] second = sent(untouched.responder.receive(sent(untouched.initiator.start())));
    for (int i = 0; i < second.length; i++) {
      NoisePair pair = new NoisePair();
      pair.initiator.start();
      byte[] altered = flipped(second, i);
      assertThatThrownBy(() -> pair.initiator.receive(altered))
          .as("byte %d", i)
          .isInstanceOf(ProtocolViolation.class);
    }
    assertThat(untouched.initiator.receive(second)).isInstanceOf(Step.Done.class);
  }

  @Test
  void aFlippedBitInAnyByteOfMessageThreeIsRefusedByTheListener() {
    NoisePair untouched = new NoisePair();
    untouched.responder.start();
    byte[] first = sent(untouched.initiator.start());
    byte[] second = sent(untouched.responder.receive(first));
    byte[] third = done(untouched.initiator.receive(second)).message();
    for (int i = 0; i < third.length; i++) {
      NoisePair pair = new NoisePair();
      pair.responder.start();
      pair.responder.receive(first);
      byte[] altered = flipped(third, i);
      assertThatThrownBy(() -> pair.responder.receive(altered))
          .as("byte %d", i)
          .isInstanceOf(ProtocolViolation.class);
    }
    assertThat(untouched.responder.receive(third)).isInstanceOf(Step.Done.class);
  }

  @Test
  void aMessageCutAnywhereIsRefused() {
    NoisePair untouched = new NoisePair();
    untouched.responder.start();
    byte[] first = sent(untouched.initiator.start());
    byte[] second = sent(untouched.responder.receive(first));
    for (int length = 0; length < second.length; length++) {
      NoisePair pair = new NoisePair();
      pair.initiator.start();
      byte[] cut = Arrays.copyOf(second, length);
      assertThatThrownBy(() -> pair.initiator.receive(cut)).isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void theFirstMessageIsExactlyAKey() {
    for (int length : new int[] {0, 31, 33, 200}) {
      NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of());
      responder.start();
      assertThatThrownBy(() -> responder.receive(new byte[length]))
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aHandshakeMessageAboveTheLimitIsRefused() {
    NoisePair pair = new NoisePair();
    pair.initiator.start();
    assertThatThrownBy(() -> pair.initiator.receive(new byte[Limits.HANDSHAKE_FRAME_BYTES_MAX + 1]))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("" + (Limits.HANDSHAKE_FRAME_BYTES_MAX + 1));
  }

  @Test
  void theGreatestPayloadFitsTheHandshakeFrame() {
    HandshakeState listener = rawResponder();
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of());
    listener.readMessage(sent(initiator.start()));
    byte[] payload = NoisePair.payload(LISTENER, listener.staticPublic(), List.of());
    byte[] padding = new byte[Limits.PAYLOAD_BYTES_MAX - payload.length - 3];
    byte[] padded =
        new ByteWriter().bytes(payload).u8(15 << 3 | 2).lengthPrefixed(padding).toByteArray();
    assertThat(padded).hasSize(Limits.PAYLOAD_BYTES_MAX);
    byte[] second = listener.writeMessage(padded);
    assertThat(second).hasSize(Limits.HANDSHAKE_FRAME_BYTES_MAX);
    assertThat(initiator.receive(second)).isInstanceOf(Step.Done.class);
  }

  @Test
  void anIdentityThatSignedAnotherStaticKeyIsRefusedByTheDialer() {
    HandshakeState thief = rawResponder();
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of());
    thief.readMessage(sent(initiator.start()));
    // A true payload of the listener, copied out of another handshake.
    byte[] copied = NoisePair.payload(LISTENER, seed(99), List.of());
    byte[] second = thief.writeMessage(copied);
    assertThatThrownBy(() -> initiator.receive(second))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("has not signed");
  }

  @Test
  void anIdentityThatSignedAnotherStaticKeyIsRefusedByTheListener() {
    HandshakeState thief = rawInitiator();
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of());
    responder.start();
    thief.readMessage(sent(responder.receive(thief.writeMessage(NONE))));
    byte[] third = thief.writeMessage(NoisePair.payload(DIALER, seed(99), List.of()));
    assertThatThrownBy(() -> responder.receive(third))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("has not signed");
  }

  @Test
  void ephemeralKeysOfSmallOrderAreRefused() {
    for (String point : SMALL_ORDER) {
      byte[] key = HexFormat.of().parseHex(point);
      NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of());
      responder.start();
      assertThatThrownBy(() -> responder.receive(key))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining("small order");
      NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of());
      initiator.start();
      assertThatThrownBy(() -> initiator.receive(Arrays.copyOf(key, 200)))
          .isInstanceOf(ProtocolViolation.class)
          .hasMessageContaining("small order");
    }
  }

  @Test
  void aStaticKeyOfSmallOrderIsRefused() {
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of());
    byte[] first = sent(initiator.start());
    byte[] ephemeral = seed(50);
    byte[] shown = new byte[32];
    byte[] shared = new byte[32];
    X25519.scalarMultBase(ephemeral, 0, shown, 0);
    X25519.calculateAgreement(ephemeral, 0, first, 0, shared, 0);
    SymmetricState symmetric = new SymmetricState("Noise_XX_25519_ChaChaPoly_SHA256");
    symmetric.mixHash(NONE);
    symmetric.mixHash(first);
    symmetric.mixHash(NONE);
    symmetric.mixHash(shown);
    symmetric.mixKey(shared);
    byte[] zeroKey = symmetric.encryptAndHash(new byte[32]);
    byte[] second = new ByteWriter().bytes(shown).bytes(zeroKey).bytes(new byte[100]).toByteArray();
    assertThatThrownBy(() -> initiator.receive(second))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("small order");
  }

  @Test
  void oneSideWithoutMuxersLeavesTheChoiceToMultistreamOnBoth() {
    assertThat(muxers(List.of(YAMUX), List.of(YAMUX))).containsOnly(Optional.of(YAMUX));
    assertThat(muxers(List.of(YAMUX), List.of())).containsOnly(Optional.empty());
    assertThat(muxers(List.of(), List.of(YAMUX))).containsOnly(Optional.empty());
    assertThat(muxers(List.of(), List.of())).containsOnly(Optional.empty());
  }

  @Test
  void withoutACommonMuxerTheDialerStopsBeforeMessageThree() {
    assertThatThrownBy(() -> muxers(List.of(YAMUX), List.of(MPLEX)))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("no muxer in common");
  }

  @Test
  void withoutACommonMuxerTheListenerRefusesMessageThree() {
    HandshakeState dialer = rawInitiator();
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of(YAMUX));
    responder.start();
    dialer.readMessage(sent(responder.receive(dialer.writeMessage(NONE))));
    byte[] payload = NoisePair.payload(DIALER, dialer.staticPublic(), List.of(MPLEX));
    byte[] third = dialer.writeMessage(payload);
    assertThatThrownBy(() -> responder.receive(third)).isInstanceOf(Refused.class);
  }

  @Test
  void aDialerWithTwoMuxersGetsTheOneWeOffer() {
    HandshakeState dialer = rawInitiator();
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of(YAMUX));
    responder.start();
    dialer.readMessage(sent(responder.receive(dialer.writeMessage(NONE))));
    byte[] payload = NoisePair.payload(DIALER, dialer.staticPublic(), List.of(MPLEX, YAMUX));
    assertThat(done(responder.receive(dialer.writeMessage(payload))).session().muxer())
        .contains(YAMUX);
  }

  @Test
  void moreThanOneMuxerIsNotOffered() {
    assertThatThrownBy(() -> NoisePair.initiator(PeerExpectation.any(), List.of(YAMUX, MPLEX)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stepsOutOfTurnAreTheCallersMistake() {
    NoisePair pair = new NoisePair();
    assertThatThrownBy(() -> new NoisePair().responder.receive(new byte[32]))
        .isInstanceOf(IllegalStateException.class);
    pair.initiator.start();
    assertThatThrownBy(pair.initiator::start).isInstanceOf(IllegalStateException.class);
    pair.initiator.destroy();
    assertThatThrownBy(() -> pair.initiator.receive(new byte[200]))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void secretsAreWipedWhateverTheEnd() {
    List<byte[]> handedOut = new ArrayList<>();
    KeyRandom spying =
        target -> {
          Arrays.fill(target, (byte) 77);
          handedOut.add(target);
        };
    NoiseKeys keys = NoiseKeys.of(DIALER, spying);
    NoiseHandshake failing =
        NoiseHandshake.initiator(SILENT, keys, spying, PeerExpectation.any(), List.of());
    failing.start();
    byte[] ephemeral = handedOut.get(1);
    assertThat(ephemeral).containsOnly(77);
    assertThatThrownBy(() -> failing.receive(new byte[200]));
    assertThat(ephemeral).containsOnly(0);

    NoiseHandshake succeeding =
        NoiseHandshake.initiator(SILENT, keys, spying, PeerExpectation.any(), List.of());
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of());
    responder.start();
    succeeding.receive(sent(responder.receive(sent(succeeding.start()))));
    assertThat(handedOut.get(2)).containsOnly(0);

    byte[] staticKey = handedOut.get(0);
    assertThat(staticKey).containsOnly(77);
    keys.destroy();
    assertThat(staticKey).containsOnly(0);
  }

  /// Points whose multiples by a clamped scalar are zero (RFC 7748 section 7; the first five of the
  /// list in draft-irtf-cfrg-cpace).
  private static final List<String> SMALL_ORDER =
      List.of(
          "0000000000000000000000000000000000000000000000000000000000000000",
          "0100000000000000000000000000000000000000000000000000000000000000",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157");

  private static List<Optional<String>> muxers(List<String> dialer, List<String> listener) {
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), dialer);
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), listener);
    responder.start();
    Step.Done dialed = done(initiator.receive(sent(responder.receive(sent(initiator.start())))));
    Step.Done accepted = done(responder.receive(dialed.message()));
    return List.of(dialed.session().muxer(), accepted.session().muxer());
  }

  private static HandshakeState rawInitiator() {
    return raw(true, seed(30), fixed(31));
  }

  private static HandshakeState raw(boolean initiator, byte[] staticPrivate, KeyRandom random) {
    byte[] staticPublic = HandshakeState.publicOf(staticPrivate);
    return new HandshakeState(
        HandshakePattern.XX,
        initiator,
        NONE,
        staticPrivate,
        staticPublic,
        random,
        new JdkMlKem768());
  }

  private static HandshakeState rawResponder() {
    return raw(false, seed(40), fixed(41));
  }

  private static byte[] flipped(byte[] message, int at) {
    byte[] out = message.clone();
    out[at] ^= (byte) (1 << (at % 8));
    return out;
  }

  private static void exchange(NoiseCipher sender, NoiseCipher receiver) {
    byte[] plain = seed(5);
    byte[] record = new byte[48];
    byte[] opened = new byte[32];
    sender.encrypt(plain, 0, 32, record, 0);
    assertThat(receiver.decrypt(record, 0, 48, opened, 0)).isEqualTo(32);
    assertThat(opened).isEqualTo(plain);
  }
}
