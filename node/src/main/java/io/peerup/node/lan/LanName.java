package io.peerup.node.lan;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.rendezvous.Selector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// Under which name somebody is asked for on the local network: a hash that only those can compute
/// who have a reason to ask. Nobody can list what there is.
final class LanName {

  /// What names of invites end with (RFC 6763: what is spoken runs over TCP).
  static final String INVITE = "._peerup-pair._tcp.local";

  /// What names of peers end with.
  static final String PEER = "._peerup._tcp.local";

  private static final int HASH_BYTES = 16;
  private static final long HOUR = 3600;

  private LanName() {}

  /// True for names that may be one of ours.
  static boolean isOurs(String name) {
    return name.endsWith(INVITE) || name.endsWith(PEER);
  }

  /// An invite: a hash of the public part of its code.
  static String of(Selector selector) {
    MessageDigest hash = sha256("peerup-lan-v1");
    hash.update((byte) selector.kind());
    hash.update(selector.bytes());
    return hex(hash) + INVITE;
  }

  /// A peer, when `asker` asks for it within this hour: who does not know both of them cannot tell
  /// whose name it is, nor that it is the same two who ask an hour later elsewhere.
  static String of(PeerId asker, PeerId wanted, Instant now) {
    return of(asker, wanted, hour(now));
  }

  private static String of(PeerId asker, PeerId wanted, long hour) {
    MessageDigest hash = sha256("peerup-lan-peer-v1");
    hash.update(ByteBuffer.allocate(Long.BYTES).putLong(hour).flip());
    for (PeerId each : List.of(asker, wanted)) {
      byte[] id = each.bytes();
      hash.update((byte) id.length);
      hash.update(id);
    }
    return hex(hash) + PEER;
  }

  /// Which hour it is.
  static long hour(Instant now) {
    return now.getEpochSecond() / HOUR;
  }

  /// The names that `asker` may use for it in this hour: its clock may be an hour off.
  static List<String> around(PeerId asker, PeerId wanted, long hour) {
    return List.of(
        of(asker, wanted, hour), of(asker, wanted, hour - 1), of(asker, wanted, hour + 1));
  }

  private static MessageDigest sha256(String label) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(label.getBytes(StandardCharsets.US_ASCII));
      return hash;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("internal error: every Java has SHA-256", e);
    }
  }

  private static String hex(MessageDigest hash) {
    return HexFormat.of().formatHex(Arrays.copyOf(hash.digest(), HASH_BYTES));
  }
}
