package io.peerup.trust;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The `verified` attribute: `<method>:<64 hex digits>`, the digits being SHA-256 over both peer
/// ids, sorted, each behind its length. It is worth something only for the two identities that were
/// compared: after either changes, the digits no longer fit.
public final class Verified {

  private Verified() {}

  /// Whether this peer's attribute is right for the pair of it and us.
  public static boolean holds(AuthorizedPeer peer, PeerId self) {
    return peer.verified().filter(text -> fits(text, peer.peer(), self)).isPresent();
  }

  /// Whether there is an attribute that does not fit, which is worth a warning.
  public static boolean isStale(AuthorizedPeer peer, PeerId self) {
    return peer.verified().isPresent() && !holds(peer, self);
  }

  private static boolean fits(String text, PeerId one, PeerId other) {
    int colon = text.indexOf(':');
    if (colon < 1) {
      return false;
    }
    return MessageDigest.isEqual(
        text.substring(colon + 1).getBytes(StandardCharsets.UTF_8),
        digits(one, other).getBytes(StandardCharsets.UTF_8));
  }

  static String digits(PeerId one, PeerId other) {
    PeerId first = one.compareTo(other) <= 0 ? one : other;
    PeerId second = first.equals(one) ? other : one;
    byte[] both =
        new ByteWriter().lengthPrefixed(first.bytes()).lengthPrefixed(second.bytes()).toByteArray();
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(both));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
