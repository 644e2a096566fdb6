package io.peerup.libp2p.tls;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Keying material of a TLS 1.3 handshake (RFC 8446 section 7.5) from its exporter secret, for TLS
/// stacks that give the secret away but not what follows from it.
public final class Exporter {

  private static final String LABEL = "EXPORTER-peerup-quic-v1";
  private static final int BINDING_BYTES = 32;

  private static final int SHA384_BYTES = 48;

  private Exporter() {}

  /// The binding of the handshake with this exporter secret (32 or 48 bytes, as its hash).
  public static ChannelBinding binding(byte[] secret) {
    String hash = secret.length == SHA384_BYTES ? "384" : "256";
    try {
      byte[] empty = MessageDigest.getInstance("SHA-" + hash).digest();
      byte[] derived = expand(hash, secret, LABEL, empty, secret.length);
      return new ChannelBinding(expand(hash, derived, "exporter", empty, BINDING_BYTES));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has SHA-2", e);
    }
  }

  /// HKDF-Expand-Label (RFC 8446 section 7.1) of at most one block.
  private static byte[] expand(String hash, byte[] key, String label, byte[] context, int length)
      throws GeneralSecurityException {
    byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
    byte[] info =
        new ByteWriter()
            .bytes(new byte[] {0, (byte) length, (byte) name.length})
            .bytes(name)
            .bytes(new byte[] {(byte) context.length})
            .bytes(context)
            .bytes(new byte[] {1}) // HKDF's counter
            .toByteArray();
    Mac mac = Mac.getInstance("HmacSHA" + hash);
    mac.init(new SecretKeySpec(key, "HKDF"));
    return Arrays.copyOf(mac.doFinal(info), length);
  }
}
