package io.peerup.libp2p;

import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.Multibase;
import io.peerup.libp2p.wire.Radix;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who a peer is: the multihash of its public key (peer-ids.md). Immutable; ordered by unsigned
/// bytes.
public final class PeerId implements Comparable<PeerId> {

  private static final int IDENTITY = 0x00;
  private static final int SHA2_256 = 0x12;
  private static final int SHA2_256_BYTES = 32;
  private static final int CID_VERSION = 1;
  private static final int CID_LIBP2P_KEY = 0x72;
  private static final int SHORT_FORM_CHARS = 16;

  private final byte[] bytes;
  private final @Nullable PublicKey inlineKey;
  private final String text;

  private PeerId(byte[] bytes, @Nullable PublicKey inlineKey) {
    this.bytes = bytes;
    this.inlineKey = inlineKey;
    this.text = Radix.BASE58.encode(bytes);
  }

  /// The id of a key: identity multihash up to 42 encoded bytes, SHA-256 above.
  public static PeerId of(PublicKey key) {
    byte[] encoded = key.encoded();
    if (encoded.length <= Limits.INLINE_KEY_BYTES_MAX) {
      return new PeerId(multihash(IDENTITY, encoded), key);
    }
    return new PeerId(multihash(SHA2_256, EcCurve.sha256(encoded)), null);
  }

  /// Parses multihash bytes: an identity multihash of a well-formed key, or sha2-256. Throws
  /// [MalformedInput].
  public static PeerId fromBytes(byte[] multihash) {
    ByteReader in = new ByteReader(multihash);
    long function = in.varint(Long.MAX_VALUE);
    byte[] digest = in.lengthPrefixed(Limits.INLINE_KEY_BYTES_MAX);
    in.expectEnd();
    if (function == IDENTITY) {
      return new PeerId(multihash.clone(), PublicKey.decode(digest));
    }
    if (function == SHA2_256 && digest.length == SHA2_256_BYTES) {
      return new PeerId(multihash.clone(), null);
    }
    throw new MalformedInput(
        "peer id is neither a contained key nor a SHA-256 hash (multihash code " + function + ")");
  }

  /// Parses base58 (`12D3KooW…`, `Qm…`) or a CID (base32, base36) of at most 128 characters. Throws
  /// [MalformedInput].
  public static PeerId parse(String text) {
    if (text.isEmpty()) {
      throw new MalformedInput("peer id is empty");
    }
    if (text.length() > Limits.PEER_ID_CHARS_MAX) {
      throw new MalformedInput(
          "peer id of " + text.length() + " characters, at most " + Limits.PEER_ID_CHARS_MAX);
    }
    // peer-ids.md, "Decoding": 1 or Qm is a bare multihash in base58, all else a multibase CID.
    if (text.startsWith("1") || text.startsWith("Qm")) {
      return fromBytes(Radix.BASE58.decode(text));
    }
    ByteReader in = new ByteReader(Multibase.decode(text));
    long version = in.varint(Long.MAX_VALUE);
    long codec = in.varint(Long.MAX_VALUE);
    if (version != CID_VERSION || codec != CID_LIBP2P_KEY) {
      throw new MalformedInput("text is not the CID of a libp2p key");
    }
    return fromBytes(in.rest());
  }

  /// The multihash. A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// The key, if the id contains it (Ed25519, secp256k1).
  public Optional<PublicKey> inlineKey() {
    return Optional.ofNullable(inlineKey);
  }

  /// True if this is the id of the key.
  public boolean matches(PublicKey key) {
    return equals(of(key));
  }

  /// The first 16 characters of the text form and an ellipsis, for tables and thread names.
  public String shortForm() {
    return text.substring(0, Math.min(SHORT_FORM_CHARS, text.length())) + "…";
  }

  private static byte[] multihash(int function, byte[] digest) {
    return new ByteWriter().varint(function).lengthPrefixed(digest).toByteArray();
  }

  @Override
  public int compareTo(PeerId other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PeerId that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /// Base58btc of the multihash.
  @Override
  public String toString() {
    return text;
  }
}
