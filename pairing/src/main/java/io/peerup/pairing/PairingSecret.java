package io.peerup.pairing;

import io.peerup.libp2p.crypto.Argon2id;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;

/// What a pairing code means to the protocol: which invite (the selector, which the relay sees) and
/// the secret that goes into CPace (which nobody sees). Secret; `toString` shows none of it,
/// [#destroy] wipes it.
public final class PairingSecret {

  /// Length of the secret that goes into CPace.
  public static final int PRS_BYTES = 32;

  private static final int ARGON2_SALT_BYTES = 16;
  // Memory and passes of the second recommendation of RFC 9106; a small computer does it in a
  // second. Part of what a code means: other numbers make other secrets.
  private static final int ARGON2_KIB = 65_536;
  private static final int ARGON2_PASSES = 3;

  private final int kind;
  private final byte[] selector;
  private final byte[] prs;

  PairingSecret(int kind, byte[] selector, byte[] prs) {
    this.kind = kind;
    this.selector = selector.clone();
    this.prs = prs.clone();
  }

  /// The secret of a short code: Argon2id over what people type. Takes about 0.3 s and 64 MiB, so:
  /// once when an invite is made and once per attempt to join, never for an incoming run. The PAKE
  /// does not need it; it is there for the day the group or this code base turns out to be weak.
  static PairingSecret stretch(int kind, byte[] selector, byte[] secret) {
    byte[] about =
        new ByteWriter()
            .lengthPrefixed(new byte[] {(byte) kind})
            .lengthPrefixed(selector)
            .toByteArray();
    byte[] salt = Arrays.copyOf(Crypto.sha256("peerup-prs-v1", about), ARGON2_SALT_BYTES);
    byte[] prs = Argon2id.derive(secret, salt, ARGON2_KIB, ARGON2_PASSES, PRS_BYTES);
    PairingSecret stretched = new PairingSecret(kind, selector, prs);
    Arrays.fill(prs, (byte) 0);
    return stretched;
  }

  /// How long the secret of a code of this kind is: a full code's is long enough as it is.
  static int prsBytes(int kind) {
    return kind == FullCode.KIND ? FullCode.SECRET_BYTES : PRS_BYTES;
  }

  /// 1 spoken, 2 typed, 5 full.
  public int kind() {
    return kind;
  }

  /// What finds the invite; public. A fresh copy.
  public byte[] selector() {
    return selector.clone();
  }

  byte[] prs() {
    return prs;
  }

  /// Overwrites the secret.
  public void destroy() {
    Arrays.fill(prs, (byte) 0);
  }

  @Override
  public String toString() {
    return "PairingSecret[kind=" + kind + "]";
  }
}
