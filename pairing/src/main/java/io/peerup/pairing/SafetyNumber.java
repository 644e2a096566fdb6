package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Sixty digits over two peer ids, equal at both, for comparing when the two devices are not
/// connected; also as a picture to scan. Each half depends on one id alone and takes 5 200 hashes,
/// so nobody can search two identities that fit together: to fit one half of 30 digits takes about
/// 2^112 hashes.
///
/// @param digits the 60 digits
/// @param scan what a QR code of it says
public record SafetyNumber(String digits, String scan) {

  static final String SCHEME = "peerup:verify#";

  private static final int ROUNDS = 5_199;
  private static final int GROUPS = 6;
  private static final int GROUP_DIGITS = 5;
  private static final int PEER_ID_BYTES_MAX = 64;

  /// The number of this pair, in either order. Takes some milliseconds.
  public static SafetyNumber of(PeerId one, PeerId other) {
    String first = half(one);
    String second = half(other);
    String digits = first.compareTo(second) <= 0 ? first + second : second + first;
    PeerId low = one.compareTo(other) <= 0 ? one : other;
    PeerId high = low.equals(one) ? other : one;
    byte[] both = Crypto.lv(low.bytes(), high.bytes());
    return new SafetyNumber(digits, SCHEME + Pasted.text(both));
  }

  /// Whether a scanned picture is the one of this pair. Throws [MalformedInput] if it is no such
  /// picture at all.
  public boolean matchesScan(String scanned) {
    String cleaned = Pasted.clean(scanned);
    if (scanned.length() > Limits.CODE_CHARS_MAX || !Pasted.has(SCHEME, cleaned)) {
      throw new MalformedInput(
          "this is no code for verifying", "scan the one that peerup verify shows");
    }
    ByteReader in = new ByteReader(Pasted.base64(Pasted.fragment(cleaned)));
    PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX));
    PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX));
    in.expectEnd();
    return Pasted.fragment(cleaned).equals(Pasted.fragment(scan));
  }

  /// The digits in twelve groups of five, as they are shown and read aloud.
  public List<String> groups() {
    List<String> groups = new ArrayList<>();
    for (int at = 0; at < digits.length(); at += GROUP_DIGITS) {
      groups.add(digits.substring(at, at + GROUP_DIGITS));
    }
    return groups;
  }

  private static String half(PeerId id) {
    byte[] bytes = id.bytes();
    byte[] hash = Crypto.sha512(Crypto.ascii("peerup-safety-v1"), Crypto.lv(bytes));
    for (int i = 0; i < ROUNDS; i++) {
      hash = Crypto.sha512(hash, bytes);
    }
    StringBuilder out = new StringBuilder();
    for (int group = 0; group < GROUPS; group++) {
      long value = 0;
      for (int i = 0; i < GROUP_DIGITS; i++) {
        value = value << 8 | (hash[GROUP_DIGITS * group + i] & 0xff);
      }
      out.append(String.format(Locale.ROOT, "%05d", value % 100_000));
    }
    return out.toString();
  }
}
