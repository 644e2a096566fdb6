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

  /// What people compared. Nothing else verifies: a code that is a function of the two ids and
  /// short can be forged.
  public enum Method {
    /// The live code of a connection.
    LIVE("live"),
    /// The sixty digits.
    SAFETY_NUMBER("safety-number"),
    /// The picture with both ids.
    QR("qr");

    private final String text;

    Method(String text) {
      this.text = text;
    }

    /// As it stands in the file.
    public String text() {
      return text;
    }
  }

  private Verified() {}

  /// The attribute for this pair. Only for who has just been told by a person that the two sides
  /// saw the same.
  public static String by(Method method, PeerId one, PeerId other) {
    return method.text() + ":" + digits(one, other);
  }

  /// Whether this peer's attribute is right for the pair of it and us.
  public static boolean holds(AuthorizedPeer peer, PeerId self) {
    return peer.verified().filter(text -> fits(text, peer.peer(), self)).isPresent();
  }

  /// Whether there is an attribute that does not fit, which is worth a warning.
  public static boolean isStale(AuthorizedPeer peer, PeerId self) {
    return peer.verified().isPresent() && !holds(peer, self);
  }

  private static boolean fits(String text, PeerId one, PeerId other) {
    byte[] found = text.getBytes(StandardCharsets.UTF_8);
    String digits = digits(one, other);
    for (Method method : Method.values()) {
      byte[] wanted = (method.text() + ":" + digits).getBytes(StandardCharsets.UTF_8);
      if (MessageDigest.isEqual(found, wanted)) {
        return true;
      }
    }
    return false;
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
