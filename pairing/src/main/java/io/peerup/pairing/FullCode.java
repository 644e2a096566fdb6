package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A code to be pasted or scanned, `peerup:pair#…`: it says everything that a fresh machine needs,
/// and has a secret of 128 bits. Secret; `toString` shows none of it.
public final class FullCode {

  static final String SCHEME = "peerup:pair#";
  static final int KIND = 5;

  private static final int VERSION = 1;
  private static final int SELECTOR_BYTES = 16;
  static final int SECRET_BYTES = 16;
  private static final int CHECK_BYTES = 4;
  private static final int PEER_ID_BYTES_MAX = 64;

  private final byte[] selector;
  private final byte[] secret;
  private final PeerId inviter;
  private final List<Multiaddr> relays;
  private final String namespace;
  private final Instant expires;

  private FullCode(
      byte[] selector,
      byte[] secret,
      PeerId inviter,
      List<Multiaddr> relays,
      String namespace,
      Instant expires) {
    this.selector = selector;
    this.secret = secret;
    this.inviter = inviter;
    this.relays = Pasted.checkRelays(relays, 0);
    this.namespace = namespace;
    this.expires = expires;
  }

  /// A fresh code of this inviter.
  ///
  /// @param relays where to find it, each with the relay's peer id, at most 4; none for a code that
  ///   only the local network knows
  /// @param namespace the network's name, empty for the default one
  /// @param expires whole seconds
  public static FullCode generate(
      PeerId inviter, List<Multiaddr> relays, String namespace, Instant expires, KeyRandom random) {
    return new FullCode(
        random.bytes(SELECTOR_BYTES),
        random.bytes(SECRET_BYTES),
        inviter,
        relays,
        namespace.isEmpty() ? namespace : Names.checkNamespace(namespace),
        expires);
  }

  /// Reads a cleaned code. Throws [MalformedInput].
  static FullCode parse(String cleaned) {
    try {
      byte[] bytes = Pasted.base64(Pasted.fragment(cleaned));
      int length = bytes.length - CHECK_BYTES;
      byte[] body = Arrays.copyOf(bytes, Math.max(0, length));
      if (length < 2
          || !MessageDigest.isEqual(
              Arrays.copyOfRange(bytes, length, bytes.length), checkOf(body))) {
        throw new MalformedInput("its check does not fit");
      }
      return decode(body);
    } catch (MalformedInput e) {
      throw new MalformedInput(
          "the code is damaged: " + e.getMessage(), "paste all of it, and nothing else", e);
    }
  }

  private static FullCode decode(byte[] body) {
    ByteReader in = new ByteReader(body);
    int version = in.u8();
    int kind = in.u8();
    if (version != VERSION || kind != KIND) {
      throw new MalformedInput("it was made by another version of this program");
    }
    byte[] selector = in.lengthPrefixed(SELECTOR_BYTES);
    byte[] secret = in.lengthPrefixed(SECRET_BYTES);
    if (selector.length != SELECTOR_BYTES || secret.length != SECRET_BYTES) {
      throw new MalformedInput("a part has the wrong length");
    }
    FullCode code =
        new FullCode(
            selector,
            secret,
            PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX)),
            Pasted.readRelays(in, 0),
            Pasted.readNamespace(in.lengthPrefixed(Limits.NAMESPACE_CHARS_MAX)),
            Pasted.readExpiry(in));
    in.expectEnd();
    return code;
  }

  /// The code itself. Secret: for the person it is meant for.
  public String text() {
    byte[] body = body();
    return SCHEME + Pasted.text(new ByteWriter().bytes(body).bytes(checkOf(body)).toByteArray());
  }

  /// What the protocol needs; not stretched, because it is long enough.
  public PairingSecret secret() {
    return new PairingSecret(KIND, selector, secret);
  }

  /// Whom to expect at the other end, and nobody else.
  public PeerId inviter() {
    return inviter;
  }

  /// Where to find the inviter, each with the relay's peer id.
  public List<Multiaddr> relays() {
    return relays;
  }

  /// The private network's name, or empty for the default one.
  public Optional<String> namespace() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  /// When it ends.
  public Instant expires() {
    return expires;
  }

  private byte[] body() {
    ByteWriter out =
        new ByteWriter()
            .u8(VERSION)
            .u8(KIND)
            .lengthPrefixed(selector)
            .lengthPrefixed(secret)
            .lengthPrefixed(inviter.bytes());
    Pasted.writeRelays(out, relays);
    return out.lengthPrefixed(namespace.getBytes(StandardCharsets.US_ASCII))
        .u64(expires.getEpochSecond())
        .toByteArray();
  }

  static byte[] checkOf(byte[] body) {
    return Arrays.copyOf(Crypto.sha256("peerup-code-v1", body), CHECK_BYTES);
  }

  @Override
  public String toString() {
    return "FullCode[inviter=%s, relays=%s]".formatted(inviter, relays);
  }
}
