package io.peerup.node.lan;

import io.peerup.pairing.rendezvous.Selector;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/// Under which name an invite is asked for on the local network: a hash of the public part of its
/// code. Whoever has the code can ask; nobody can list what there is.
final class LanName {

  /// What all such names end with (RFC 6763: pairing runs over TCP).
  static final String SERVICE = "_peerup-pair._tcp.local";

  private static final byte[] LABEL = "peerup-lan-v1".getBytes(StandardCharsets.US_ASCII);
  private static final int HASH_BYTES = 16;

  private LanName() {}

  static String of(Selector selector) {
    MessageDigest sha256;
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("internal error: every Java has SHA-256", e);
    }
    sha256.update(LABEL);
    sha256.update((byte) selector.kind());
    byte[] hash = sha256.digest(selector.bytes());
    return HexFormat.of().formatHex(Arrays.copyOf(hash, HASH_BYTES)) + "." + SERVICE;
  }
}
