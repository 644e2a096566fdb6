package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.pairing.PairingKeys.Side;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.PakeMessages.Proof;
import io.peerup.pairing.PakeMessages.Share;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The joiner's side of one pairing run ([PairingProtocol#ID]). A machine: the shell sends what
/// [#start] returns, hands in each frame that arrives, and calls [#timeOut] at [#deadline] and
/// [#lost] when the stream ends.
///
/// The last step gives the inviter's card and the frame that acknowledges it: write the trust
/// entry, then send the frame. Every failure is the same [Step.Failed]; what went wrong is nobody's
/// business, and somebody who wants to know is most likely guessing.
public final class PairingInitiator {

  private final PairingSecret secret;
  private final PairingChannel channel;
  private final PrivateKey identity;
  private final byte[] card;
  private final KeyRandom random;
  private final MlKem768 mlKem;
  private final byte[] nonce;

  private State state = State.NEW;
  private Instant overallDeadline = Instant.MAX;
  private Instant frameDeadline = Instant.MAX;
  private byte[] m1 = {};
  private byte[] m2 = {};
  private byte[] m3 = {};
  private byte[] sid = {};
  private @Nullable CPace25519 cpace;
  private MlKem768.@Nullable KeyPair kemPair;
  private @Nullable PairingKeys keys;

  private enum State {
    NEW,
    AWAITS_HELLO,
    AWAITS_SHARE,
    AWAITS_PROOF,
    OVER
  }

  /// What to do next.
  public sealed interface Step {

    /// Send this frame.
    // A frame is never compared by equals; so for all steps.
    @SuppressWarnings("ArrayRecordComponent")
    record Send(byte[] frame) implements Step {}

    /// Count an attempt against this code, on disk, and then send this frame: it lets whoever sits
    /// at the other end check one guess.
    @SuppressWarnings("ArrayRecordComponent")
    record CountAndSend(byte[] frame) implements Step {}

    /// The other side is the inviter. Write its trust entry, then send `done`.
    ///
    /// @param inviter what the inviter says of itself
    /// @param done the frame that acknowledges
    @SuppressWarnings("ArrayRecordComponent")
    record Paired(PeerCard inviter, byte[] done) implements Step {}

    /// Pairing failed.
    record Failed() implements Step {}

    /// The inviter did not say anything in time.
    record Unreachable() implements Step {}
  }

  /// A run with what the code says on this channel; `card` is what the inviter gets to see of us.
  /// The secret is not wiped: the shell may want another attempt with it.
  public PairingInitiator(
      PairingSecret secret,
      PairingChannel channel,
      PrivateKey identity,
      PeerCard card,
      KeyRandom random) {
    this(secret, channel, identity, card, random, new JdkMlKem768());
  }

  PairingInitiator(
      PairingSecret secret,
      PairingChannel channel,
      PrivateKey identity,
      PeerCard card,
      KeyRandom random,
      MlKem768 mlKem) {
    this.secret = secret;
    this.channel = channel;
    this.identity = identity;
    this.card = card.encoded();
    this.random = random;
    this.mlKem = mlKem;
    this.nonce = random.bytes(PakeMessages.NONCE_BYTES);
  }

  /// The first frame.
  public byte[] start(Instant now) {
    if (state != State.NEW) {
      throw new IllegalStateException("internal error: a pairing run is started once");
    }
    overallDeadline = now.plus(Limits.JOIN_TIME);
    await(State.AWAITS_HELLO, now);
    m1 = new HelloA(secret.kind(), secret.selector(), nonce, channel.self()).encoded();
    return m1.clone();
  }

  /// Takes the next frame of the inviter. Never throws, whatever is in it.
  public Step receive(byte[] frame, Instant now) {
    if (!now.isBefore(deadline())) {
      return timeOut();
    }
    try {
      return switch (state) {
        case AWAITS_HELLO -> hello(frame, now);
        case AWAITS_SHARE -> share(frame, now);
        case AWAITS_PROOF -> proof(frame);
        case NEW, OVER -> fail();
      };
    } catch (MalformedInput e) {
      return fail();
    }
  }

  /// When to call [#timeOut] unless something happens before.
  public Instant deadline() {
    return frameDeadline.isBefore(overallDeadline) ? frameDeadline : overallDeadline;
  }

  /// The stream ended.
  public Step lost() {
    return fail();
  }

  /// The deadline passed.
  public Step timeOut() {
    boolean silent = state == State.AWAITS_HELLO;
    Step failed = fail();
    return silent ? new Step.Unreachable() : failed;
  }

  private Step hello(byte[] frame, Instant now) {
    HelloB hello = HelloB.decode(frame);
    PeerId inviter = channel.remote();
    if (!hello.inviter().equals(inviter) || inviter.equals(channel.self())) {
      return fail();
    }
    m2 = frame.clone();
    sid = Crypto.concat(nonce, hello.nonce());
    byte[] ci = PairingKeys.channelIdentifier(secret.kind(), channel.self(), inviter, channel);
    CPace25519 run = new CPace25519(secret.prs(), ci, sid, random);
    MlKem768.KeyPair pair = mlKem.generate();
    m3 = new Share(run.share(), pair.encapsulationKey()).encoded(PakeMessages.SHARE_A);
    cpace = run;
    kemPair = pair;
    await(State.AWAITS_SHARE, now);
    return new Step.Send(m3.clone());
  }

  private Step share(byte[] frame, Instant now) {
    Share theirs = Share.decode(frame, PakeMessages.SHARE_B);
    if (cpace == null || kemPair == null) {
      throw new IllegalStateException("internal error: no share of ours");
    }
    Optional<byte[]> isk =
        cpace.finish(
            CPace25519.Role.INITIATOR, kemPair.encapsulationKey(), theirs.share(), theirs.kem());
    if (isk.isEmpty()) {
      return fail();
    }
    byte[] kemSecret = kemPair.decapsulate(theirs.kem());
    PairingKeys made =
        new PairingKeys(
            secret.prs(), sid, isk.get(), kemSecret, PairingKeys.transcript(m1, m2, m3, frame));
    keys = made;
    Proof proof = new Proof(made.confirmationOfA(), identity.sign(made.signed(Side.A)), card);
    await(State.AWAITS_PROOF, now);
    return new Step.CountAndSend(made.seal(Side.A, PakeMessages.PROOF_A, proof.encoded()));
  }

  private Step proof(byte[] frame) {
    PairingKeys made = keys;
    if (made == null) {
      throw new IllegalStateException("internal error: no keys");
    }
    Optional<byte[]> plain = made.open(Side.B, PakeMessages.PROOF_B, frame);
    if (plain.isEmpty()) {
      return fail();
    }
    Proof proof = Proof.decode(plain.get());
    boolean confirmed = made.confirms(Side.B, proof.confirmation());
    boolean signed = channel.remoteKey().verify(made.signed(Side.B), proof.signature());
    if (!confirmed || !signed) {
      return fail();
    }
    PeerCard inviter = PeerCard.decode(proof.payload());
    byte[] done = made.seal(Side.A, PakeMessages.DONE, PairingProtocol.DONE_TEXT);
    end();
    return new Step.Paired(inviter, done);
  }

  private void await(State next, Instant now) {
    state = next;
    frameDeadline = now.plus(Limits.JOIN_FRAME_TIME);
  }

  private Step fail() {
    end();
    return new Step.Failed();
  }

  private void end() {
    state = State.OVER;
    if (kemPair != null) {
      kemPair.destroy();
    }
    kemPair = null;
    if (cpace != null) {
      cpace.destroy();
    }
    if (keys != null) {
      keys.destroy();
    }
  }

  @Override
  public String toString() {
    return "PairingInitiator[" + state + ", " + channel + "]";
  }
}
