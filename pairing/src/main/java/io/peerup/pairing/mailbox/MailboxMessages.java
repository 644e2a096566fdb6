package io.peerup.pairing.mailbox;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The messages of `/peerup/mailbox/1`, each the body of one frame: one request, one answer a
/// stream. Decoders throw [MalformedInput] and nothing else.
public final class MailboxMessages {

  public static final String PROTOCOL = "/peerup/mailbox/1";

  /// The relay opens it towards an owner for whom something waits: the frame [#notice], then FIN.
  /// The owner answers nothing and closes.
  public static final String NOTICE_PROTOCOL = "/peerup/mailbox-notice/1";

  private static final int VERSION = 1;
  private static final int GRANT = 1;
  private static final int REVOKE = 2;
  private static final int DEPOSIT = 3;
  private static final int FETCH = 4;
  private static final int DELETE = 5;
  private static final byte[] DONE = {VERSION, 1};
  private static final byte[] FAILED =
      new ByteWriter()
          .u8(VERSION)
          .u8(0)
          .bytes("mailbox failed".getBytes(StandardCharsets.US_ASCII))
          .toByteArray();
  private static final long LAST_SECOND = 253_402_300_799L;

  private MailboxMessages() {}

  /// What a device asks the relay.
  public sealed interface Request {}

  /// "Whoever has this capability may leave messages with me": `01 01 hash[32] uses u32 ttl`.
  ///
  /// @param uses how many messages, 1 … [Limits#USES_MAX]
  public record Grant(CapabilityHash capability, int uses, Duration ttl) implements Request {}

  /// "No more": `01 02 hash[32]`.
  public record Revoke(CapabilityHash capability) implements Request {}

  /// "Leave this with whoever made the capability": `01 03 capability[32] lv(message) lv(reply)`.
  ///
  /// @param reply a capability of the depositor's own, with which the owner may answer once
  // The arrays are a frame taken apart: made by a decoder, read once, never compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  public record Deposit(byte[] capability, byte[] message, Optional<CapabilityHash> reply)
      implements Request {
    public Deposit {
      if (capability.length != Limits.CAPABILITY_BYTES
          || message.length == 0
          || message.length > Limits.MESSAGE_BYTES_MAX) {
        throw new MalformedInput("a deposit has a part of the wrong size");
      }
    }

    /// Says nothing: the capability is a secret.
    @Override
    public String toString() {
      return "Deposit[%d bytes]".formatted(message.length);
    }
  }

  /// "What waits for me?": `01 04 u64 after max`.
  ///
  /// @param after the id of the last message one has seen; those left after it are meant. 0, or an
  ///   id that is gone: from the first
  /// @param max 1 … [Limits#FETCH_MAX]
  public record Fetch(long after, int max) implements Request {}

  /// "I have these": `01 05 count u64*`.
  public record Delete(List<Long> ids) implements Request {
    public Delete {
      if (ids.size() > Limits.MESSAGES_PER_MAILBOX_MAX) {
        throw new MalformedInput("a mailbox has not so many messages");
      }
      ids = List.copyOf(ids);
    }
  }

  public static byte[] encode(Request request) {
    ByteWriter out = new ByteWriter().u8(VERSION);
    switch (request) {
      case Grant(CapabilityHash capability, int uses, Duration ttl) -> {
        long seconds = ttl.toSeconds();
        out.u8(GRANT).bytes(capability.bytes()).u8(uses);
        out.u16((int) (seconds >>> 16)).u16((int) seconds);
      }
      case Revoke(CapabilityHash capability) -> out.u8(REVOKE).bytes(capability.bytes());
      case Deposit(byte[] capability, byte[] message, Optional<CapabilityHash> reply) ->
          out.u8(DEPOSIT)
              .bytes(capability)
              .lengthPrefixed(message)
              .lengthPrefixed(reply.map(CapabilityHash::bytes).orElse(new byte[0]));
      case Fetch(long after, int max) -> out.u8(FETCH).u64(after).u8(max);
      case Delete(List<Long> ids) -> {
        out.u8(DELETE).varint(ids.size());
        ids.forEach(out::u64);
      }
    }
    return out.toByteArray();
  }

  public static Request decodeRequest(byte[] body) {
    ByteReader in = open(body, Limits.FRAME_BYTES_MAX);
    int type = in.u8();
    Request request =
        switch (type) {
          case GRANT -> readGrant(in);
          case REVOKE -> new Revoke(CapabilityHash.ofBytes(in.bytes(Hashes.BYTES)));
          case DEPOSIT -> readDeposit(in);
          case FETCH -> new Fetch(in.u64(), within(in.u8(), Limits.FETCH_MAX));
          case DELETE -> readDelete(in);
          default -> throw new MalformedInput("mailbox request of type %d".formatted(type));
        };
    in.expectEnd();
    return request;
  }

  private static Grant readGrant(ByteReader in) {
    CapabilityHash capability = CapabilityHash.ofBytes(in.bytes(Hashes.BYTES));
    int uses = within(in.u8(), Limits.USES_MAX);
    return new Grant(capability, uses, Duration.ofSeconds((long) in.u16() << 16 | in.u16()));
  }

  private static Deposit readDeposit(ByteReader in) {
    byte[] capability = in.bytes(Limits.CAPABILITY_BYTES);
    byte[] message = in.lengthPrefixed(Limits.MESSAGE_BYTES_MAX);
    byte[] reply = in.lengthPrefixed(Hashes.BYTES);
    return new Deposit(
        capability,
        message,
        reply.length == 0 ? Optional.empty() : Optional.of(CapabilityHash.ofBytes(reply)));
  }

  private static Delete readDelete(ByteReader in) {
    int count = (int) in.varint(Limits.MESSAGES_PER_MAILBOX_MAX);
    List<Long> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(in.u64());
    }
    return new Delete(ids);
  }

  private static int within(int number, int max) {
    if (number < 1 || number > max) {
      throw new MalformedInput("%d is not between 1 and %d".formatted(number, max));
    }
    return number;
  }

  /// `01 00 "mailbox failed"`, whatever the reason.
  public static byte[] failed() {
    return FAILED.clone();
  }

  /// The answer to [Revoke], [Deposit] and [Delete]: `01 01`.
  public static byte[] done() {
    return DONE.clone();
  }

  /// The answer to [Revoke], [Deposit] and [Delete]: false if the relay refused.
  public static boolean decodeDone(byte[] body) {
    Optional<ByteReader> in = accepted(body);
    in.ifPresent(ByteReader::expectEnd);
    return in.isPresent();
  }

  /// The answer to [Grant]: `01 01 u64 expires`.
  public static byte[] encodeGranted(Instant expires) {
    return new ByteWriter().bytes(DONE).u64(expires.getEpochSecond()).toByteArray();
  }

  /// The answer to [Grant]: until when; empty if the relay refused.
  public static Optional<Instant> decodeGranted(byte[] body) {
    return accepted(body)
        .map(in -> {
          long expires = in.u64();
          if (expires < 0 || expires > LAST_SECOND) {
            throw new MalformedInput("a capability that ends outside the calendar");
          }
          in.expectEnd();
          return Instant.ofEpochSecond(expires);
        });
  }

  /// The answer to [Fetch]: `01 01 count (u64 id lv(message))*`.
  public static byte[] encodeFetched(List<Mail> mails) {
    ByteWriter out = new ByteWriter().bytes(DONE).varint(mails.size());
    mails.forEach(mail -> out.u64(mail.id()).lengthPrefixed(mail.message()));
    return out.toByteArray();
  }

  /// The answer to [Fetch], oldest first; empty if the relay refused.
  public static Optional<List<Mail>> decodeFetched(byte[] body) {
    return accepted(body)
        .map(in -> {
          int count = (int) in.varint(Limits.FETCH_MAX);
          List<Mail> mails = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            mails.add(new Mail(in.u64(), in.lengthPrefixed(Limits.MESSAGE_BYTES_MAX)));
          }
          in.expectEnd();
          return mails;
        });
  }

  /// "Something waits for you": `01 01`, on [#NOTICE_PROTOCOL].
  public static byte[] notice() {
    return DONE.clone();
  }

  private static Optional<ByteReader> accepted(byte[] body) {
    if (Arrays.equals(body, FAILED)) {
      return Optional.empty();
    }
    ByteReader in = open(body, Limits.ANSWER_BYTES_MAX);
    if (in.u8() != 1) {
      throw new MalformedInput("a mailbox answer that is neither yes nor no");
    }
    return Optional.of(in);
  }

  private static ByteReader open(byte[] body, int max) {
    if (body.length > max) {
      throw new MalformedInput(
          "a mailbox message of %d bytes is above the limit of %d".formatted(body.length, max));
    }
    ByteReader in = new ByteReader(body);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedInput("mailbox message of version %d".formatted(version));
    }
    return in;
  }
}
