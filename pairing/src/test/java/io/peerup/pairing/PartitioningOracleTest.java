package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Share;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.TwoKeys;
import org.junit.jupiter.api.Test;

/// XChaCha20-Poly1305 does not commit to its key: whoever knows two keys can make one ciphertext
/// that is right under both, and so test two guesses at once. Here such a ciphertext is made for
/// the keys of two codes, one of them the right one.
class PartitioningOracleTest {

  private final SeededRandom random = SeededRandom.of(PartitioningOracleTest.class);
  private final PairingWorld world = new PairingWorld(random);

  @Test
  void aProofThatIsRightUnderTheKeysOfTwoCodesIsRefusedAndIsOneGuess() throws Exception {
    PairingResponder b = world.inviter(PairingWorld.JOINER);
    byte[] nonce = random.bytes(32);
    byte[] m1 = new HelloA(2, PairingWorld.SELECTOR, nonce, PairingWorld.JOINER.peerId()).encoded();
    byte[] m2 = send(b.receive(m1, world.now()));
    byte[] sid = Fixtures.concat(nonce, HelloB.decode(m2).nonce());
    byte[] ci =
        PairingKeys.channelIdentifier(
            2,
            PairingWorld.JOINER.peerId(),
            PairingWorld.INVITER.peerId(),
            PairingWorld.channel(PairingWorld.JOINER, PairingWorld.INVITER));
    CPace25519 cpace = new CPace25519(world.secret.prs(), ci, sid, world.random);
    MlKem768.KeyPair pair = new JdkMlKem768().generate();
    byte[] m3 = new Share(cpace.share(), pair.encapsulationKey()).encoded(PakeMessages.SHARE_A);
    byte[] m4 = send(b.receive(m3, world.now()));
    Share theirs = Share.decode(m4, PakeMessages.SHARE_B);
    byte[] isk =
        cpace
            .finish(
                CPace25519.Role.INITIATOR, pair.encapsulationKey(), theirs.share(), theirs.kem())
            .orElseThrow();
    byte[] kemSecret = pair.decapsulate(theirs.kem());
    byte[] th = PairingKeys.transcript(m1, m2, m3, m4);

    byte[] right = sealingKey(world.secret.prs(), sid, isk, kemSecret, th);
    byte[] other = sealingKey(random.bytes(32), sid, random.bytes(64), kemSecret, th);
    byte[] aad = Fixtures.concat(th, new byte[] {5});
    byte[] sealed = TwoKeys.ciphertext(right, other, Crypto.countedNonce(0), aad, random);
    byte[] zero = Crypto.countedNonce(0);
    assertThat(Crypto.open(right, zero, aad, sealed))
        .as("both keys open it, to different things")
        .isNotEqualTo(Crypto.open(other, zero, aad, sealed));

    byte[] m5 = Fixtures.concat(new byte[] {1, 5}, sealed);
    var end = (PairingResponder.Step.Fail) b.receive(m5, world.now());
    assertThat(end.cause()).isEqualTo(PairingResponder.Cause.WRONG_CODE);
    assertThat(world.invite().failures()).isEqualTo(1);
    assertThat(world.table.unentered()).isEmpty();
  }

  private static byte[] sealingKey(
      byte[] prs, byte[] sid, byte[] isk, byte[] kemSecret, byte[] th) {
    byte[] salt = Crypto.sha256("peerup-pair-v1 salt", Crypto.lv(prs, sid));
    byte[] prk = Crypto.hmac(salt, isk, kemSecret);
    byte[] info =
        Fixtures.concat(Crypto.lv(Crypto.ascii("peerup-pair-v1"), Crypto.ascii("a2b")), th);
    return Crypto.expand(prk, info, 32);
  }

  private static byte[] send(PairingResponder.Step step) {
    return ((PairingResponder.Step.Send) step).frame();
  }
}
