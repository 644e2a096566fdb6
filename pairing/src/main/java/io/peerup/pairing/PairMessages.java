package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The messages of group pairing, each the body of one frame (`Stream.writeFrame`). Decoders throw
/// [MalformedInput] and nothing else.
public final class PairMessages {

  /// One request, one answer, then both sides close.
  public static final String PAIR_PROTOCOL = "/peerup/relay-pair/1";

  /// The relay opens it towards a member: any number of notices, then FIN. The member answers
  /// nothing and closes when it has taken them.
  public static final String NOTIFY_PROTOCOL = "/peerup/peer-notify/1";

  private static final int VERSION = 1;
  private static final int TYPE = 1;
  private static final byte[] FAILED =
      new ByteWriter().u8(VERSION).u8(0).bytes(Crypto.ascii("pairing failed")).toByteArray();

  private PairMessages() {}

  /// "Admit me": joiner to relay, `01 01 selector[8] token[16] lv(intro)`. The introduction is kept
  /// as bytes, because a relay that refuses a token must do as much work as one that accepts it.
  // The arrays are a frame taken apart: made by a decoder, read once, never compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  public record PairRequest(byte[] selector, byte[] token, byte[] intro) {
    public PairRequest {
      if (selector.length != GroupSecrets.SELECTOR_BYTES
          || token.length != GroupSecrets.TOKEN_BYTES
          || intro.length > Limits.INTRO_BYTES_MAX) {
        throw new MalformedInput("a pairing request has a part of the wrong size");
      }
    }

    /// Says nothing: the token is a secret.
    @Override
    public String toString() {
      return "PairRequest[group=" + GroupKey.groupId(selector) + "]";
    }
  }

  /// What the relay says to a [PairRequest].
  public sealed interface PairAnswer {}

  /// `01 01 u64 authExpires count lv(intro)*`.
  ///
  /// @param authExpires when the members' authorisation ends (whole seconds), or empty for never
  /// @param intros the other members' introductions, unchecked
  public record Admitted(Optional<Instant> authExpires, List<byte[]> intros) implements PairAnswer {
    public Admitted {
      if (intros.size() > Limits.MEMBERS_MAX) {
        throw new MalformedInput("an answer with %d introductions".formatted(intros.size()));
      }
      intros = List.copyOf(intros);
    }
  }

  /// `01 00 "pairing failed"`, whatever the reason.
  public record Failed() implements PairAnswer {}

  /// "Here is a member": relay to member, `01 01 selector[8] lv(intro)`.
  ///
  /// @param selector which group
  /// @param intro unchecked
  // As for PairRequest.
  @SuppressWarnings("ArrayRecordComponent")
  public record PeerNotice(byte[] selector, byte[] intro) {
    public PeerNotice {
      if (selector.length != GroupSecrets.SELECTOR_BYTES || intro.length > Limits.INTRO_BYTES_MAX) {
        throw new MalformedInput("a member notice has a part of the wrong size");
      }
    }

    @Override
    public String toString() {
      return "PeerNotice[group=" + GroupKey.groupId(selector) + "]";
    }
  }

  public static byte[] encode(PairRequest request) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(TYPE)
        .bytes(request.selector())
        .bytes(request.token())
        .lengthPrefixed(request.intro())
        .toByteArray();
  }

  public static PairRequest decodeRequest(byte[] body) {
    ByteReader in = open(body, Limits.FRAME_BYTES_MAX);
    expectType(in, TYPE);
    PairRequest request =
        new PairRequest(
            in.bytes(GroupSecrets.SELECTOR_BYTES),
            in.bytes(GroupSecrets.TOKEN_BYTES),
            in.lengthPrefixed(Limits.INTRO_BYTES_MAX));
    in.expectEnd();
    return request;
  }

  public static byte[] encode(PairAnswer answer) {
    return switch (answer) {
      case Failed _ -> FAILED.clone();
      case Admitted admitted -> {
        ByteWriter out =
            new ByteWriter()
                .u8(VERSION)
                .u8(TYPE)
                .u64(admitted.authExpires().map(Instant::getEpochSecond).orElse(0L))
                .varint(admitted.intros().size());
        admitted.intros().forEach(out::lengthPrefixed);
        yield out.toByteArray();
      }
    };
  }

  public static PairAnswer decodeAnswer(byte[] body) {
    if (Arrays.equals(body, FAILED)) {
      return new Failed();
    }
    ByteReader in = open(body, Limits.ANSWER_BYTES_MAX);
    expectType(in, TYPE);
    Optional<Instant> authExpires = expiry(in.u64());
    int count = (int) in.varint(Limits.MEMBERS_MAX);
    List<byte[]> intros = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      intros.add(in.lengthPrefixed(Limits.INTRO_BYTES_MAX));
    }
    in.expectEnd();
    return new Admitted(authExpires, intros);
  }

  public static byte[] encode(PeerNotice notice) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(TYPE)
        .bytes(notice.selector())
        .lengthPrefixed(notice.intro())
        .toByteArray();
  }

  public static PeerNotice decodeNotice(byte[] body) {
    ByteReader in = open(body, Limits.FRAME_BYTES_MAX);
    expectType(in, TYPE);
    PeerNotice notice =
        new PeerNotice(
            in.bytes(GroupSecrets.SELECTOR_BYTES), in.lengthPrefixed(Limits.INTRO_BYTES_MAX));
    in.expectEnd();
    return notice;
  }

  private static Optional<Instant> expiry(long epochSecond) {
    // The bound keeps the number within what a calendar (and RFC 3339) can write: year 9999.
    if (epochSecond < 0 || epochSecond > Limits.EPOCH_SECOND_MAX) {
      throw new MalformedInput("an authorisation that ends outside the calendar");
    }
    return epochSecond == 0 ? Optional.empty() : Optional.of(Instant.ofEpochSecond(epochSecond));
  }

  private static ByteReader open(byte[] body, int max) {
    if (body.length > max) {
      throw new MalformedInput(
          "a pairing message of %d bytes is above the limit of %d".formatted(body.length, max));
    }
    ByteReader in = new ByteReader(body);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedInput("pairing message of version %d, not %d".formatted(version, VERSION));
    }
    return in;
  }

  private static void expectType(ByteReader in, int expected) {
    int type = in.u8();
    if (type != expected) {
      throw new MalformedInput("pairing message of type %d, not %d".formatted(type, expected));
    }
  }
}
