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
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The inviter's side of one pairing run ([PairingProtocol#ID]). A machine: the shell hands in each
/// frame, performs the step, calls [#timeOut] at [#deadline] and [#lost] when the stream ends. All
/// runs and their [InviteTable] under one lock.
///
/// It never sends an error. A run that is about no invite, or one that is expired, burned or
/// somebody else's, goes through the same motions with a secret that nobody has, and fails where a
/// wrong code fails.
public final class PairingResponder {

  private final InviteTable table;
  private final PairingChannel channel;
  private final PrivateKey identity;
  private final PeerCard card;
  private final KeyRandom random;
  private final MlKem768 mlKem;
  private final Instant overallDeadline;
  private final long run;

  private State state = State.AWAITS_HELLO;
  private Instant frameDeadline;
  private Instant began;
  private byte[] m1 = {};
  private byte[] m2 = {};
  private byte[] m3 = {};
  private byte[] sid = {};
  private int kind;
  private @Nullable Share theirs;
  private MlKem768.@Nullable Encapsulated encapsulated;
  private @Nullable Invite invite;
  private @Nullable PairingKeys keys;
  private @Nullable Step end;

  private enum State {
    AWAITS_HELLO,
    AWAITS_SHARE,
    AWAITS_TURN,
    AWAITS_PROOF,
    AWAITS_DONE,
    OVER
  }

  /// Why a run failed. For the inviter's own log; the joiner learns none of it.
  public enum Cause {
    /// A frame that is not what it should be, or refers to another peer than the channel's.
    MALFORMED,
    /// A share or a key that must be refused.
    BAD_SHARE,
    /// There is no invite for this peer to use: none, expired, burned, used by another, or busy.
    NO_INVITE,
    /// The code is wrong, or the joiner is not who it says.
    WRONG_CODE,
    /// Too slow, or gone.
    LOST
  }

  /// What to do next.
  public sealed interface Step {

    /// Send this frame.
    // A frame is never compared by equals; so for all steps.
    @SuppressWarnings("ArrayRecordComponent")
    record Send(byte[] frame) implements Step {}

    /// Another run is before this one. Call [PairingResponder#proceed] when it ended, or at the
    /// deadline.
    record Wait() implements Step {}

    /// The joiner has the code. If `changed`: write the table's snapshot, then the trust entry as
    /// `pending`, call [InviteTable#entered]; if not, it joined before and is asking again. Then
    /// send the frame.
    ///
    /// @param inviteId which invite
    /// @param peer the joiner
    /// @param joiner what it says of itself
    /// @param frame to send when all is on disk
    /// @param changed false if there is nothing to write
    @SuppressWarnings("ArrayRecordComponent")
    record Commit(String inviteId, PeerId peer, PeerCard joiner, byte[] frame, boolean changed)
        implements Step {}

    /// The joiner has our trust entry, too: `pending` can go.
    record Acknowledged(PeerId peer) implements Step {}

    /// Send nothing more. If `changed`, write the table's snapshot first of all. Reset the stream
    /// at `closeAt`, which does not depend on the cause.
    record Fail(Instant closeAt, boolean changed, Cause cause) implements Step {}
  }

  /// A run on a stream that was opened at `now`; `card` is what a joiner with the right code gets
  /// to see of us.
  public PairingResponder(
      InviteTable table,
      PairingChannel channel,
      PrivateKey identity,
      PeerCard card,
      KeyRandom random,
      Instant now) {
    this(table, channel, identity, card, random, new JdkMlKem768(), now);
  }

  PairingResponder(
      InviteTable table,
      PairingChannel channel,
      PrivateKey identity,
      PeerCard card,
      KeyRandom random,
      MlKem768 mlKem,
      Instant now) {
    this.table = table;
    this.channel = channel;
    this.identity = identity;
    this.card = card;
    this.random = random;
    this.mlKem = mlKem;
    this.run = table.newRun();
    this.began = now;
    this.overallDeadline = now.plus(Limits.RUN_TIME);
    this.frameDeadline = now.plus(Limits.RUN_FRAME_TIME);
  }

  /// Takes the next frame of the joiner. Never throws, whatever is in it.
  public Step receive(byte[] frame, Instant now) {
    if (end != null) {
      return end;
    }
    if (!now.isBefore(deadline())) {
      return timeOut(now);
    }
    try {
      return switch (state) {
        case AWAITS_HELLO -> hello(frame, now);
        case AWAITS_SHARE -> share(frame, now);
        case AWAITS_PROOF -> proof(frame, now);
        case AWAITS_DONE -> done(frame, now);
        case AWAITS_TURN, OVER -> fail(Cause.MALFORMED, now);
      };
    } catch (MalformedInput e) {
      return fail(Cause.MALFORMED, now);
    }
  }

  /// Goes on after [Step.Wait], if it can.
  public Step proceed(Instant now) {
    if (end != null) {
      return end;
    }
    if (state != State.AWAITS_TURN) {
      throw new IllegalStateException("internal error: this run does not wait");
    }
    if (!now.isBefore(overallDeadline)) {
      return timeOut(now);
    }
    return takeTurn(now);
  }

  /// When to call [#timeOut], or [#proceed] while waiting, unless something happens before.
  public Instant deadline() {
    return frameDeadline.isBefore(overallDeadline) ? frameDeadline : overallDeadline;
  }

  /// The deadline passed.
  public Step timeOut(Instant now) {
    return lost(now);
  }

  /// The stream ended.
  public Step lost(Instant now) {
    return end != null ? end : fail(Cause.LOST, now);
  }

  private Step hello(byte[] frame, Instant now) {
    began = now;
    HelloA hello = HelloA.decode(frame);
    PeerId joiner = channel.remote();
    if (!hello.joiner().equals(joiner) || joiner.equals(channel.self())) {
      return fail(Cause.MALFORMED, now);
    }
    kind = hello.kind();
    invite = table.find(kind, hello.selector(), joiner, now).orElse(null);
    byte[] nonce = random.bytes(PakeMessages.NONCE_BYTES);
    m1 = frame.clone();
    m2 = new HelloB(nonce, channel.self()).encoded();
    sid = Crypto.concat(hello.nonce(), nonce);
    await(State.AWAITS_SHARE, now);
    return new Step.Send(m2.clone());
  }

  private Step share(byte[] frame, Instant now) {
    theirs = Share.decode(frame, PakeMessages.SHARE_A);
    m3 = frame.clone();
    Optional<MlKem768.Encapsulated> made = mlKem.encapsulate(theirs.kem());
    if (made.isEmpty()) {
      return fail(Cause.BAD_SHARE, now);
    }
    encapsulated = made.get();
    return takeTurn(now);
  }

  private Step takeTurn(Instant now) {
    if (invite != null) {
      switch (table.enter(invite, run, channel.remote(), now)) {
        case WAIT -> {
          state = State.AWAITS_TURN;
          frameDeadline = now.plus(Limits.WAIT_TIME);
          return new Step.Wait();
        }
        case REFUSED -> invite = null;
        case GRANTED -> {
          // Ours until the proof comes.
        }
      }
    }
    return answer(now);
  }

  private Step answer(Instant now) {
    Share share = theirs;
    MlKem768.Encapsulated kem = encapsulated;
    if (share == null || kem == null) {
      throw new IllegalStateException("internal error: no share to answer");
    }
    byte[] prs = invite == null ? table.dummyPrs() : invite.prs;
    byte[] ci = PairingKeys.channelIdentifier(kind, channel.remote(), channel.self(), channel);
    CPace25519 cpace = new CPace25519(prs, ci, sid, random);
    byte[] m4 = new Share(cpace.share(), kem.ciphertext()).encoded(PakeMessages.SHARE_B);
    Optional<byte[]> isk =
        cpace.finish(CPace25519.Role.RESPONDER, kem.ciphertext(), share.share(), share.kem());
    if (isk.isEmpty()) {
      return fail(Cause.BAD_SHARE, now);
    }
    keys =
        new PairingKeys(prs, sid, isk.get(), kem.secret(), PairingKeys.transcript(m1, m2, m3, m4));
    encapsulated = null;
    await(State.AWAITS_PROOF, now);
    return new Step.Send(m4);
  }

  private Step proof(byte[] frame, Instant now) {
    PairingKeys made = keysOrThrow();
    Invite about = invite;
    if (about != null && !table.holds(about, run, now)) {
      // Revoked, or it held the invite for too long: that was counted, this is not evaluated.
      about = null;
    }
    Optional<PeerCard> joiner = check(made, frame);
    if (about == null) {
      return fail(Cause.NO_INVITE, now);
    }
    if (joiner.isEmpty()) {
      boolean changed = table.wrong(about);
      return end(new Step.Fail(closeAt(now), changed, Cause.WRONG_CODE));
    }
    boolean changed = table.right(about, channel.remote(), joiner.get().name());
    Proof ours =
        new Proof(
            made.confirmationOfB(),
            identity.sign(made.signed(Side.B)),
            card.requiringSas(about.requiresSas).encoded());
    await(State.AWAITS_DONE, now);
    return new Step.Commit(
        about.id(),
        channel.remote(),
        joiner.get(),
        made.seal(Side.B, PakeMessages.PROOF_B, ours.encoded()),
        changed);
  }

  /// What the joiner says of itself, if it has the keys and is who the channel says.
  private Optional<PeerCard> check(PairingKeys made, byte[] frame) {
    Optional<byte[]> plain = made.open(Side.A, PakeMessages.PROOF_A, frame);
    if (plain.isEmpty()) {
      return Optional.empty();
    }
    try {
      Proof proof = Proof.decode(plain.get());
      boolean confirmed = made.confirms(Side.A, proof.confirmation());
      boolean signed = channel.remoteKey().verify(made.signed(Side.A), proof.signature());
      return confirmed && signed ? Optional.of(PeerCard.decode(proof.payload())) : Optional.empty();
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  private Step done(byte[] frame, Instant now) {
    Optional<byte[]> text = keysOrThrow().open(Side.A, PakeMessages.DONE, frame);
    if (text.filter(t -> Arrays.equals(t, PairingProtocol.DONE_TEXT)).isEmpty()) {
      return fail(Cause.MALFORMED, now);
    }
    return end(new Step.Acknowledged(channel.remote()));
  }

  private Step fail(Cause cause, Instant now) {
    boolean changed = invite != null && table.leave(invite, run);
    return end(new Step.Fail(closeAt(now), changed, cause));
  }

  private Instant closeAt(Instant now) {
    Instant uniform = began.plus(Limits.FAILURE_DELAY);
    return uniform.isBefore(now) ? now : uniform;
  }

  private Step end(Step step) {
    state = State.OVER;
    end = step;
    encapsulated = null;
    if (keys != null) {
      keys.destroy();
    }
    return step;
  }

  private void await(State next, Instant now) {
    state = next;
    frameDeadline = now.plus(Limits.RUN_FRAME_TIME);
  }

  private PairingKeys keysOrThrow() {
    if (keys == null) {
      throw new IllegalStateException("internal error: no keys");
    }
    return keys;
  }

  @Override
  public String toString() {
    return "PairingResponder[" + state + ", " + channel + "]";
  }
}
