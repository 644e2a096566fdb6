package io.peerup.pairing.rendezvous;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/// The messages of `/peerup/rendezvous/1`, each the body of one frame: one request, one answer a
/// stream. Decoders throw [MalformedInput] and nothing else.
public final class RendezvousMessages {

  public static final String PROTOCOL = "/peerup/rendezvous/1";

  private static final int VERSION = 1;
  private static final int OPEN = 1;
  private static final int FIND = 2;
  private static final int CLOSE = 3;
  private static final int VOUCH = 4;
  private static final byte[] FAILED =
      new ByteWriter()
          .u8(VERSION)
          .u8(0)
          .bytes("pairing failed".getBytes(StandardCharsets.US_ASCII))
          .toByteArray();

  /// The longest peer id: a SHA-256 multihash has 34 bytes, a contained key at most 44.
  private static final int PEER_ID_BYTES_MAX = 64;

  private static final long LAST_SECOND = 253_402_300_799L;

  private RendezvousMessages() {}

  /// What a device asks the relay.
  public sealed interface Request {}

  /// "I wait for whoever knows this code": `01 01 kind lv(selector) u32 ttl`.
  ///
  /// @param selector empty asks the relay for a nameplate
  public record Open(Optional<Selector> selector, Duration ttl) implements Request {}

  /// "Who waits for this code?": `01 02 kind lv(selector)`.
  public record Find(Selector selector) implements Request {}

  /// "I wait no more": `01 03 kind lv(selector)`.
  public record Close(Selector selector) implements Request {}

  /// "I paired with this peer, let it in": `01 04 lv(peerId)`.
  public record Vouch(PeerId peer) implements Request {}

  /// The answer to [Open]: `01 01 lv(selector) u64 expires`.
  public record Opened(Selector selector, Instant expires) {}

  public static byte[] encode(Request request) {
    ByteWriter out = new ByteWriter().u8(VERSION);
    switch (request) {
      case Open open -> {
        long seconds = open.ttl().toSeconds();
        out.u8(OPEN).u8(open.selector().map(Selector::kind).orElse(Selector.SPOKEN));
        out.lengthPrefixed(open.selector().map(Selector::bytes).orElse(new byte[0]));
        out.u16((int) (seconds >>> 16)).u16((int) seconds);
      }
      case Find find -> write(out.u8(FIND), find.selector());
      case Close close -> write(out.u8(CLOSE), close.selector());
      case Vouch vouch -> out.u8(VOUCH).lengthPrefixed(vouch.peer().bytes());
    }
    return out.toByteArray();
  }

  public static Request decodeRequest(byte[] body) {
    ByteReader in = open(body);
    int type = in.u8();
    Request request =
        switch (type) {
          case OPEN -> readOpen(in);
          case FIND -> new Find(readSelector(in));
          case CLOSE -> new Close(readSelector(in));
          case VOUCH -> new Vouch(PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX)));
          default -> throw new MalformedInput("rendezvous request of type %d".formatted(type));
        };
    in.expectEnd();
    return request;
  }

  private static Open readOpen(ByteReader in) {
    int kind = in.u8();
    byte[] selector = in.lengthPrefixed(Limits.SELECTOR_BYTES_MAX);
    boolean allot = kind == Selector.SPOKEN && selector.length == 0;
    long seconds = (long) in.u16() << 16 | in.u16();
    return new Open(
        allot ? Optional.empty() : Optional.of(Selector.of(kind, selector)),
        Duration.ofSeconds(seconds));
  }

  private static Selector readSelector(ByteReader in) {
    return Selector.of(in.u8(), in.lengthPrefixed(Limits.SELECTOR_BYTES_MAX));
  }

  /// `01 00 "pairing failed"`, whatever the reason.
  public static byte[] failed() {
    return FAILED.clone();
  }

  public static byte[] encode(Opened opened) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(1)
        .lengthPrefixed(opened.selector().bytes())
        .u64(opened.expires().getEpochSecond())
        .toByteArray();
  }

  /// The answer to [Open], empty if the relay refused.
  public static Optional<Opened> decodeOpened(byte[] body, int kind) {
    return accepted(body)
        .map(in -> {
          Selector selector = Selector.of(kind, in.lengthPrefixed(Limits.SELECTOR_BYTES_MAX));
          long expires = in.u64();
          if (expires < 0 || expires > LAST_SECOND) {
            throw new MalformedInput("an invite that ends outside the calendar");
          }
          in.expectEnd();
          return new Opened(selector, Instant.ofEpochSecond(expires));
        });
  }

  /// The answer to [Find]: `01 01 lv(inviterId)`.
  public static byte[] encodeFound(PeerId inviter) {
    return new ByteWriter().u8(VERSION).u8(1).lengthPrefixed(inviter.bytes()).toByteArray();
  }

  /// The answer to [Find]: who waits, as the relay says; empty if nobody does or too many asked.
  public static Optional<PeerId> decodeFound(byte[] body) {
    return accepted(body)
        .map(in -> {
          PeerId inviter = PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX));
          in.expectEnd();
          return inviter;
        });
  }

  /// The answer to [Close] and [Vouch]: `01 01`.
  public static byte[] encodeDone() {
    return new ByteWriter().u8(VERSION).u8(1).toByteArray();
  }

  /// The answer to [Close] and [Vouch]: false if the relay refused.
  public static boolean decodeDone(byte[] body) {
    Optional<ByteReader> in = accepted(body);
    in.ifPresent(ByteReader::expectEnd);
    return in.isPresent();
  }

  private static void write(ByteWriter out, Selector selector) {
    out.u8(selector.kind()).lengthPrefixed(selector.bytes());
  }

  private static Optional<ByteReader> accepted(byte[] body) {
    if (Arrays.equals(body, FAILED)) {
      return Optional.empty();
    }
    ByteReader in = open(body);
    if (in.u8() != 1) {
      throw new MalformedInput("a rendezvous answer that is neither yes nor no");
    }
    return Optional.of(in);
  }

  private static ByteReader open(byte[] body) {
    if (body.length > Limits.FRAME_BYTES_MAX) {
      throw new MalformedInput(
          "a rendezvous message of %d bytes is above the limit of %d"
              .formatted(body.length, Limits.FRAME_BYTES_MAX));
    }
    ByteReader in = new ByteReader(body);
    int version = in.u8();
    if (version != VERSION) {
      throw new MalformedInput("rendezvous message of version %d".formatted(version));
    }
    return in;
  }
}
