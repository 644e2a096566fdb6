package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.PairingKeys.Side;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Share;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// A run that an attacker leads in the inviter's place, with all that it has afterwards: every
/// frame, its own scalar and the secret of ML-KEM. It lies in this package because that is what an
/// attacker knows too: how keys come from these.
public final class RecordedRun {

  private static final int ANY_KIND = 2;

  private final PairingResponder machine;
  private final List<byte[]> draws = new ArrayList<>();
  private final List<byte[]> frames = new ArrayList<>();
  private byte[] kemSecret = {};

  /// @param table what the attacker takes for the code's secret
  public RecordedRun(
      InviteTable table, PairingChannel channel, PrivateKey identity, PeerCard card, Instant now) {
    KeyRandom secure = KeyRandom.secure();
    KeyRandom recorded =
        target -> {
          secure.fill(target);
          draws.add(target.clone());
        };
    this.machine =
        new PairingResponder(table, channel, identity, card, recorded, new Recording(), now);
  }

  /// The next step of the attacker's side.
  public PairingResponder.Step receive(byte[] frame, Instant now) {
    frames.add(frame.clone());
    PairingResponder.Step step = machine.receive(frame, now);
    if (step instanceof PairingResponder.Step.Send(byte[] answer)) {
      frames.add(answer.clone());
    }
    return step;
  }

  /// An invite with this secret in the place of a real one.
  public static InviteTable guessing(PairingSecret secret, Instant now) {
    InviteTable table = new InviteTable(KeyRandom.secure());
    table.create(secret, Duration.ofMinutes(10), "", now);
    return table;
  }

  /// A secret as it comes out of the stretching of some code.
  public static PairingSecret candidate(byte[] prs) {
    return new PairingSecret(ANY_KIND, new byte[0], prs);
  }

  /// Tries a guess on the joiner's proof, long after the run: as if the own share had been made
  /// with the right code, which is the best that can be done without a discrete logarithm.
  public boolean confirms(PairingSecret guess) {
    byte[] m3 = frames.get(2);
    byte[] m4 = frames.get(3);
    Share theirs = Share.decode(m3, PakeMessages.SHARE_A);
    Share ours = Share.decode(m4, PakeMessages.SHARE_B);
    byte[] sid =
        Crypto.concat(HelloA.decode(frames.get(0)).nonce(), HelloB.decode(frames.get(1)).nonce());
    byte[] k = new byte[X25519.POINT_SIZE];
    X25519.calculateAgreement(scalar(), 0, theirs.share(), 0, k, 0);
    byte[] sessionKey =
        Crypto.sha512(
            Crypto.lv(Crypto.ascii("CPace255_ISK"), sid, k),
            Crypto.lv(theirs.share(), theirs.kem()),
            Crypto.lv(ours.share(), ours.kem()));
    byte[] transcript = PairingKeys.transcript(frames.get(0), frames.get(1), m3, m4);
    PairingKeys keys = new PairingKeys(guess.prs(), sid, sessionKey, kemSecret.clone(), transcript);
    return keys.open(Side.A, PakeMessages.PROOF_A, frames.get(4)).isPresent();
  }

  /// The nonce is drawn first.
  private byte[] scalar() {
    return draws.get(1);
  }

  private final class Recording implements MlKem768 {
    private final MlKem768 real = new JdkMlKem768();

    @Override
    public KeyPair generate() {
      return real.generate();
    }

    @Override
    public Optional<Encapsulated> encapsulate(byte[] key) {
      Optional<Encapsulated> made = real.encapsulate(key);
      made.ifPresent(each -> kemSecret = each.secret().clone());
      return made;
    }
  }
}
