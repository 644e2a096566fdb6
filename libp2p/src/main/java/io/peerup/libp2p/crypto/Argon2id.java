package io.peerup.libp2p.crypto;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2id (RFC 9106), version 0x13, one lane: what makes each guess at a short secret cost memory
/// and time.
public final class Argon2id {

  private Argon2id() {}

  /// As many bytes from this password. Takes `kib` KiB of heap and `passes` times about a tenth of
  /// a second for each 64 MiB. The caller wipes the password and what is returned.
  public static byte[] derive(byte[] password, byte[] salt, int kib, int passes, int length) {
    Argon2BytesGenerator argon2 = new Argon2BytesGenerator();
    argon2.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(kib)
            .withIterations(passes)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] out = new byte[length];
    argon2.generateBytes(password, out);
    return out;
  }
}
