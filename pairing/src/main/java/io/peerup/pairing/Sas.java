package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One side of a live verification ([#PROTOCOL]): both devices show the same four symbols and six
/// digits, two people compare them, and only if both say yes are the peers verified.
///
/// The side that opened the stream commits to its random number before the other shows its own, so
/// neither can search for numbers that make two connections look alike: a man in the middle has one
/// try at 44 bits. A machine: the shell sends what it returns, hands in what arrives, and calls
/// [#timeOut] at [#deadline].
public final class Sas {

  /// The side that wants to verify opens it.
  public static final String PROTOCOL = "/peerup/verify/1";

  private static final int VERSION = 1;
  private static final int COMMIT = 1;
  private static final int NUMBER_B = 2;
  private static final int NUMBER_A = 3;
  private static final int VERDICT = 4;
  private static final int RANDOM_BYTES = 32;
  private static final int CODE_BYTES = 8;
  private static final int YES = 1;
  private static final int NO = 0;

  private final boolean initiator;
  private final PeerId idA;
  private final PeerId idB;
  private final byte[] binding;
  private final byte[] number;
  private State state = State.NEW;
  private Instant deadline = Instant.MAX;
  private byte[] commit = {};
  private byte[] prk = {};
  private boolean saidYes;
  private boolean heardYes;
  private @Nullable Step end;

  private enum State {
    NEW,
    AWAITS_COMMIT,
    AWAITS_NUMBER,
    COMPARING,
    OVER
  }

  /// What to do next.
  public sealed interface Step {

    /// Send this frame.
    // A frame is never compared by equals; so for all steps.
    @SuppressWarnings("ArrayRecordComponent")
    record Send(byte[] frame) implements Step {}

    /// Send this frame, then show the code and ask.
    @SuppressWarnings("ArrayRecordComponent")
    record SendAndCompare(byte[] frame, Code code) implements Step {}

    /// Show the code and ask.
    record Compare(Code code) implements Step {}

    /// One of the two people has not answered yet.
    record Wait() implements Step {}

    /// Both said yes: mark the peer as verified.
    record Verified() implements Step {}

    /// Somebody said no, or the other side did what an honest one cannot do. Show a red warning;
    /// somebody may be in the middle.
    ///
    /// @param reason a sentence without a full stop
    record Mismatch(String reason) implements Step {}

    /// Nothing is known: the other side went away or took too long.
    record Ended() implements Step {}
  }

  /// What both people see.
  ///
  /// @param symbols four symbols with their English names
  /// @param digits `ddd-ddd`
  public record Code(List<QuickCode.Symbol> symbols, String digits) {
    public Code {
      symbols = List.copyOf(symbols);
    }

    /// Whether somebody typed these digits, with or without what stands between them.
    public boolean matches(String typed) {
      return typed.replaceAll("[ -]", "").equals(digits.replace("-", ""));
    }
  }

  private Sas(boolean initiator, PairingChannel channel, KeyRandom random, Instant now) {
    if (channel.binding().length == 0) {
      throw new Refused(
          "this connection has nothing that only its two ends share",
          "compare the safety number instead");
    }
    this.initiator = initiator;
    this.idA = initiator ? channel.self() : channel.remote();
    this.idB = initiator ? channel.remote() : channel.self();
    this.binding = channel.binding();
    this.number = random.bytes(RANDOM_BYTES);
    this.deadline = now.plus(Limits.VERIFY_FRAME_TIME);
  }

  /// The side that opens the stream. Count the attempt with an [AttemptLimit] first. Throws
  /// [Refused] if the connection cannot be verified.
  public static Sas initiator(PairingChannel channel, KeyRandom random, Instant now) {
    return new Sas(true, channel, random, now);
  }

  /// The side that was called.
  public static Sas responder(PairingChannel channel, KeyRandom random, Instant now) {
    Sas sas = new Sas(false, channel, random, now);
    sas.state = State.AWAITS_COMMIT;
    return sas;
  }

  /// The first frame of the side that opens.
  public byte[] start() {
    if (state != State.NEW) {
      throw new IllegalStateException("internal error: a verification is started once");
    }
    commit = commitTo(number);
    state = State.AWAITS_NUMBER;
    return frame(COMMIT, commit);
  }

  /// Takes the next frame of the other side. Never throws, whatever is in it.
  public Step receive(byte[] frame, Instant now) {
    if (end != null) {
      return end;
    }
    if (!now.isBefore(deadline)) {
      return timeOut();
    }
    try {
      return switch (state) {
        case AWAITS_COMMIT -> commit(payload(frame, COMMIT), now);
        case AWAITS_NUMBER -> initiator ? numberOfB(frame, now) : numberOfA(frame, now);
        case COMPARING -> verdict(payload(frame, VERDICT));
        case NEW, OVER -> throw new MalformedInput("a frame before the first one");
      };
    } catch (MalformedInput e) {
      return mismatch("the other side sent what an honest one does not send");
    }
  }

  /// The frame that tells the other side what our person said; send it, then see [#outcome].
  public byte[] answer(boolean yes) {
    if (state != State.COMPARING || saidYes) {
      throw new IllegalStateException("internal error: nothing to answer");
    }
    byte[] frame = frame(VERDICT, verdictOf(initiator, yes ? YES : NO));
    if (yes) {
      saidYes = true;
    } else {
      mismatch("the codes are not the same");
    }
    return frame;
  }

  /// Where it stands after [#answer].
  public Step outcome() {
    return end != null ? end : settle();
  }

  /// When to call [#timeOut].
  public Instant deadline() {
    return deadline;
  }

  /// The deadline passed, or the stream ended: nobody is verified.
  public Step timeOut() {
    return end != null ? end : end(new Step.Ended());
  }

  private Step commit(byte[] theirs, Instant now) {
    commit = theirs;
    state = State.AWAITS_NUMBER;
    deadline = now.plus(Limits.VERIFY_FRAME_TIME);
    return new Step.Send(frame(NUMBER_B, number));
  }

  private Step numberOfB(byte[] frame, Instant now) {
    byte[] theirs = payload(frame, NUMBER_B);
    return new Step.SendAndCompare(frame(NUMBER_A, number), compare(number, theirs, now));
  }

  private Step numberOfA(byte[] frame, Instant now) {
    byte[] theirs = payload(frame, NUMBER_A);
    if (!MessageDigest.isEqual(commitTo(theirs), commit)) {
      return mismatch("the other side changed its number after it had seen ours");
    }
    return new Step.Compare(compare(theirs, number, now));
  }

  private Code compare(byte[] numberOfA, byte[] numberOfB, Instant now) {
    prk = Crypto.hmac(binding, numberOfA, numberOfB);
    byte[] info = Crypto.lv(Crypto.ascii("peerup-sas-v1"), idA.bytes(), idB.bytes(), commit);
    long bits = new ByteReader(Crypto.expand(prk, info, CODE_BYTES)).u64();
    state = State.COMPARING;
    deadline = now.plus(Limits.COMPARE_TIME);
    return new Code(ShortCode.symbols(bits), ShortCode.digits(bits));
  }

  private Step verdict(byte[] theirs) {
    if (MessageDigest.isEqual(theirs, verdictOf(!initiator, YES))) {
      heardYes = true;
      return settle();
    }
    return mismatch(
        MessageDigest.isEqual(theirs, verdictOf(!initiator, NO))
            ? "the person at the other device says that the codes are not the same"
            : "the other side's answer is about another connection");
  }

  private Step settle() {
    if (!saidYes || !heardYes) {
      return new Step.Wait();
    }
    return end(new Step.Verified());
  }

  private Step mismatch(String reason) {
    return end(new Step.Mismatch(reason));
  }

  private Step end(Step step) {
    state = State.OVER;
    end = step;
    Arrays.fill(number, (byte) 0);
    Arrays.fill(prk, (byte) 0);
    return step;
  }

  private byte[] commitTo(byte[] numberOfA) {
    return Crypto.sha256(
        "",
        Crypto.lv(
            Crypto.ascii("peerup-sas-v1 commit"), idA.bytes(), idB.bytes(), binding, numberOfA));
  }

  private byte[] verdictOf(boolean ofInitiator, int verdict) {
    byte[] role = Crypto.ascii(ofInitiator ? "a" : "b");
    byte[] key =
        Crypto.expand(prk, Crypto.lv(Crypto.ascii("peerup-sas-v1 done"), role), RANDOM_BYTES);
    return Crypto.hmac(key, idA.bytes(), idB.bytes(), new byte[] {(byte) verdict});
  }

  private static byte[] frame(int type, byte[] payload) {
    return new ByteWriter().u8(VERSION).u8(type).bytes(payload).toByteArray();
  }

  private static byte[] payload(byte[] frame, int type) {
    ByteReader in = new ByteReader(frame);
    if (in.u8() != VERSION || in.u8() != type) {
      throw new MalformedInput("not frame %d of version %d".formatted(type, VERSION));
    }
    byte[] payload = in.bytes(RANDOM_BYTES);
    in.expectEnd();
    return payload;
  }

  @Override
  public String toString() {
    return "Sas[" + state + "]";
  }
}
