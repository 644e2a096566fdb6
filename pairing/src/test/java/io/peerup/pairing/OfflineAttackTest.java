package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.PairingKeys.Side;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Share;
import io.peerup.testkit.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;

/// A relay that answers in the inviter's place, records everything, and then has unlimited time. It
/// is given every advantage: a dictionary that surely contains the secret, no stretching, and all
/// it computed itself.
class OfflineAttackTest {

  private static final int DICTIONARY = 10_000;

  private final SeededRandom source = SeededRandom.of(OfflineAttackTest.class);
  private final KeyRandom random = Fixtures.random(source);

  @Test
  void anActiveAttackersRecordingOpensForItsOneGuessOnly() {
    for (int round = 0; round < 2; round++) {
      int secret = source.nextInt(DICTIONARY);
      int guess = round % 2 == 0 ? secret : (secret + 1) % DICTIONARY;
      Recording recording = attack(secret, guess);
      byte[] sessionKey = recording.sessionKey();
      List<Integer> opened = new ArrayList<>();
      for (int candidate = 0; candidate < DICTIONARY; candidate++) {
        if (recording.opensFor(entry(candidate), sessionKey)) {
          opened.add(candidate);
        }
      }
      assertThat(opened).isEqualTo(guess == secret ? List.of(secret) : List.of());
    }
  }

  /// Control: the same attacker with the same dictionary finds the code of the handshake that salts
  /// a Diffie-Hellman result with the code, every time.
  @Test
  void theSameAttackOnASaltedDiffieHellmanFindsTheCodeEveryTime() {
    for (int round = 0; round < 2; round++) {
      int secret = source.nextInt(DICTIONARY);
      byte[] own = random.bytes(32);
      OldHandshake.Joined recorded =
          OldHandshake.join(
              entry(secret), OldHandshake.publicKey(own), Crypto.ascii("laptop"), random);
      List<Integer> opened = new ArrayList<>();
      for (int candidate = 0; candidate < DICTIONARY; candidate++) {
        if (OldHandshake.open(entry(candidate), own, recorded).isPresent()) {
          opened.add(candidate);
        }
      }
      assertThat(opened).containsExactly(secret);
    }
  }

  /// All that the attacker has after one run: every frame, its own scalar, the ML-KEM secret.
  @SuppressWarnings("ArrayRecordComponent")
  private record Recording(
      byte[] sid,
      byte[] scalar,
      byte[] kemSecret,
      byte[] m1,
      byte[] m2,
      byte[] m3,
      byte[] m4,
      byte[] m5) {

    /// The session key as if our share had been made with the right code, which is the best that
    /// can be done without solving a discrete logarithm; the same for every code that is tried.
    byte[] sessionKey() {
      Share theirs = Share.decode(m3, PakeMessages.SHARE_A);
      Share ours = Share.decode(m4, PakeMessages.SHARE_B);
      byte[] k = new byte[32];
      X25519.calculateAgreement(scalar, 0, theirs.share(), 0, k, 0);
      return Crypto.sha512(
          Crypto.lv(Crypto.ascii("CPace255_ISK"), sid, k),
          Crypto.lv(theirs.share(), theirs.kem()),
          Crypto.lv(ours.share(), ours.kem()));
    }

    /// Tries one code.
    boolean opensFor(byte[] prs, byte[] sessionKey) {
      byte[] th = PairingKeys.transcript(m1, m2, m3, m4);
      PairingKeys keys = new PairingKeys(prs, sid, sessionKey.clone(), kemSecret.clone(), th);
      return keys.open(Side.A, PakeMessages.PROOF_A, m5).isPresent();
    }
  }

  private Recording attack(int secret, int guess) {
    PairingChannel seenByJoiner = PairingWorld.channel(PairingWorld.JOINER, PairingWorld.STRANGER);
    PairingInitiator joiner =
        new PairingInitiator(
            new PairingSecret(2, PairingWorld.SELECTOR, entry(secret)),
            seenByJoiner,
            PairingWorld.JOINER,
            PairingWorld.card("laptop"),
            random);
    PairingWorld time = new PairingWorld(source);
    byte[] m1 = joiner.start(time.now());
    byte[] nonce = random.bytes(32);
    byte[] m2 = new HelloB(nonce, PairingWorld.STRANGER.peerId()).encoded();
    byte[] m3 = ((PairingInitiator.Step.Send) joiner.receive(m2, time.now())).frame();
    byte[] sid = Fixtures.concat(PakeMessages.HelloA.decode(m1).nonce(), nonce);
    PairingChannel ours = PairingWorld.channel(PairingWorld.STRANGER, PairingWorld.JOINER);
    byte[] ci =
        PairingKeys.channelIdentifier(
            2, PairingWorld.JOINER.peerId(), PairingWorld.STRANGER.peerId(), ours);
    byte[] scalar = random.bytes(32);
    CPace25519 cpace =
        new CPace25519(entry(guess), ci, sid, t -> System.arraycopy(scalar, 0, t, 0, t.length));
    MlKem768.Encapsulated kem =
        new JdkMlKem768().encapsulate(Share.decode(m3, PakeMessages.SHARE_A).kem()).orElseThrow();
    byte[] m4 = new Share(cpace.share(), kem.ciphertext()).encoded(PakeMessages.SHARE_B);
    byte[] m5 = ((PairingInitiator.Step.CountAndSend) joiner.receive(m4, time.now())).frame();
    return new Recording(sid, scalar, kem.secret(), m1, m2, m3, m4, m5);
  }

  private static byte[] entry(int number) {
    return Crypto.sha256("word " + number);
  }
}
