package io.peerup.trust;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.crypto.Aead;
import io.peerup.libp2p.crypto.Argon2id;
import io.peerup.libp2p.crypto.Hkdf;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/// A private key under a passphrase, as `identity.key` holds it.
///
/// ```
/// header     = "peerup-sealed-1\n" ‖ 01 ‖ u32 KiB ‖ u32 passes ‖ salt[16] ‖ nonce[24] ‖ lv(public key)
/// prk        = Argon2id(passphrase, salt, KiB, passes, 1 lane)[32]
/// commitment = HKDF-Expand(prk, "peerup-sealed-1 commit" ‖ SHA-256(header))[32]
/// key        = HKDF-Expand(prk, "peerup-sealed-1 key" ‖ SHA-256(header))[32]
/// file       = header ‖ commitment ‖ XChaCha20-Poly1305(key, nonce, header ‖ commitment, private key)
/// ```
///
/// The byte 01 says what the secret is for: an identity. The header goes into both keys, so that
/// nothing in it can be changed by whoever does not know the passphrase; the commitment is compared
/// before anything is decrypted, so that no file opens under two passphrases. What Argon2id is
/// asked to do lies within bounds on both sides: a weaker one was not written by us, a heavier one
/// would stall the start. Immutable; all of it is public except what [#open] returns.
public final class SealedKey {

  private static final byte[] MAGIC = "peerup-sealed-1\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] COMMIT = "peerup-sealed-1 commit".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] KEY = "peerup-sealed-1 key".getBytes(StandardCharsets.US_ASCII);
  private static final int IDENTITY = 1;
  private static final int SALT_BYTES = 16;
  private static final int PRK_BYTES = 32;
  private static final int COMMITMENT_BYTES = 32;

  private final byte[] header;
  private final int kib;
  private final int passes;
  private final byte[] salt;
  private final byte[] nonce;
  private final PublicKey owner;
  private final byte[] commitment;
  private final byte[] sealed;

  private SealedKey(byte[] file) {
    if (file.length > Limits.SEALED_KEY_BYTES_MAX) {
      throw new MalformedInput("it is longer than " + Limits.SEALED_KEY_BYTES_MAX + " bytes");
    }
    ByteReader in = new ByteReader(file);
    in.bytes(MAGIC.length);
    if (in.u8() != IDENTITY) {
      throw new MalformedInput("what is sealed in it is no identity");
    }
    kib = bounded("KiB of memory", u32(in), Limits.ARGON2_KIB_MIN, Limits.ARGON2_KIB_MAX);
    passes = bounded("passes", u32(in), Limits.ARGON2_PASSES_MIN, Limits.ARGON2_PASSES_MAX);
    salt = in.bytes(SALT_BYTES);
    nonce = in.bytes(Aead.NONCE_BYTES);
    owner = PublicKey.decode(in.lengthPrefixed(Limits.SEALED_KEY_BYTES_MAX));
    header = Arrays.copyOf(file, file.length - in.remaining());
    commitment = in.bytes(COMMITMENT_BYTES);
    sealed = in.rest();
    if (sealed.length < Aead.TAG_BYTES) {
      throw new MalformedInput("the sealed part of it is cut short");
    }
  }

  /// Whether this is such a file, whole or not: no encoded private key begins like one.
  public static boolean isSealed(byte[] file) {
    return file.length >= MAGIC.length
        && Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /// Reads everything but the secret. Throws [MalformedInput].
  public static SealedKey decode(byte[] file) {
    if (!isSealed(file)) {
      throw new MalformedInput("it does not begin like a sealed key");
    }
    return new SealedKey(file);
  }

  /// The file for this key under this passphrase. Takes a second and 64 MiB.
  public static byte[] seal(PrivateKey key, Passphrase passphrase, KeyRandom random) {
    byte[] header =
        u32(
                u32(new ByteWriter().bytes(MAGIC).u8(IDENTITY), Limits.ARGON2_KIB),
                Limits.ARGON2_PASSES)
            .bytes(random.bytes(SALT_BYTES))
            .bytes(random.bytes(Aead.NONCE_BYTES))
            .lengthPrefixed(key.publicKey().encoded())
            .toByteArray();
    // Read back by the one decoder, so that nothing is written that it would refuse.
    SealedKey draft =
        new SealedKey(concat(header, new byte[COMMITMENT_BYTES], new byte[Aead.TAG_BYTES]));
    byte[] prk = draft.stretch(passphrase);
    byte[] plain = key.encoded();
    byte[] sealing = draft.derive(prk, KEY, Aead.KEY_BYTES);
    try {
      byte[] commitment = draft.derive(prk, COMMIT, COMMITMENT_BYTES);
      byte[] bound = concat(header, commitment);
      return concat(bound, Aead.seal(sealing, draft.nonce, bound, plain));
    } finally {
      wipe(prk, plain, sealing);
    }
  }

  /// The key, or empty if the passphrase is not the one, which looks like a changed header. Takes a
  /// second and 64 MiB. Throws [MalformedInput] if the passphrase is right and the rest is not.
  public Optional<PrivateKey> open(Passphrase passphrase) {
    byte[] prk = stretch(passphrase);
    try {
      return openWith(prk);
    } finally {
      wipe(prk);
    }
  }

  /// As [#open], with what [#stretch] makes of the passphrase.
  Optional<PrivateKey> openWith(byte[] prk) {
    byte[] opening = derive(prk, KEY, Aead.KEY_BYTES);
    byte[] plain = {};
    try {
      if (!MessageDigest.isEqual(commitment, derive(prk, COMMIT, COMMITMENT_BYTES))) {
        return Optional.empty();
      }
      plain =
          Aead.open(opening, nonce, concat(header, commitment), sealed)
              .orElseThrow(() -> new MalformedInput("its sealed part was altered"));
      PrivateKey key = PrivateKey.decode(plain);
      if (!key.publicKey().equals(owner)) {
        key.destroy();
        throw new MalformedInput("the key in it is not the one that it says");
      }
      return Optional.of(key);
    } finally {
      wipe(opening, plain);
    }
  }

  /// Whose key it says to be; proven only by [#open].
  public PublicKey owner() {
    return owner;
  }

  /// Memory that a guess costs, in KiB.
  public int kib() {
    return kib;
  }

  /// Passes over that memory.
  public int passes() {
    return passes;
  }

  @Override
  public String toString() {
    return "SealedKey[" + owner + "]";
  }

  byte[] stretch(Passphrase passphrase) {
    byte[] password = passphrase.bytes();
    try {
      return Argon2id.derive(password, salt, kib, passes, PRK_BYTES);
    } finally {
      wipe(password);
    }
  }

  private byte[] derive(byte[] prk, byte[] label, int length) {
    return Hkdf.expand(prk, concat(label, sha256(header)), length);
  }

  private static byte[] sha256(byte[] input) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(input);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static int bounded(String what, long value, int min, int max) {
    if (value < min || value > max) {
      throw new MalformedInput(
          "it asks for " + value + " " + what + ", which is not " + min + " to " + max);
    }
    return (int) value;
  }

  private static long u32(ByteReader in) {
    return ((long) in.u16() << 16) | in.u16();
  }

  private static ByteWriter u32(ByteWriter out, int value) {
    return out.u16(value >>> 16).u16(value & 0xffff);
  }

  private static byte[] concat(byte[]... parts) {
    ByteWriter out = new ByteWriter();
    for (byte[] part : parts) {
      out.bytes(part);
    }
    return out.toByteArray();
  }

  private static void wipe(byte[]... secrets) {
    for (byte[] each : secrets) {
      Arrays.fill(each, (byte) 0);
    }
  }
}
