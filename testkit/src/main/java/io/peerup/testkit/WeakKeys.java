package io.peerup.testkit;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Ed25519 public keys that no entrance may take (RFC 8032; "Taming the many EdDSAs", 2020): for
/// points of small order anybody can make signatures, and a second encoding of one point would be a
/// second identity of one key.
public final class WeakKeys {

  /// What every entrance says of them.
  public static final String REFUSAL = "Ed25519 key is not a canonical point of full order";

  private static final int KEY_BYTES = 32;

  private WeakKeys() {}

  /// All of them by what is wrong with them.
  public static Map<String, byte[]> all() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    // The eight points whose order divides the cofactor.
    put(all, "order 1", "01" + "00".repeat(31));
    put(all, "order 2", "ec" + "ff".repeat(30) + "7f");
    put(all, "order 4", "00".repeat(32));
    put(all, "order 4, negative", "00".repeat(31) + "80");
    String eight = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc";
    put(all, "order 8, first", eight + "05");
    put(all, "order 8, first, negative", eight + "85");
    String other = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03";
    put(all, "order 8, second", other + "7a");
    put(all, "order 8, second, negative", other + "fa");
    // The same points, encoded as RFC 8032, 5.1.3 forbids: x = 0 with a sign, y not below p.
    put(all, "order 1 with a sign", "01" + "00".repeat(30) + "80");
    put(all, "order 2 with a sign", "ec" + "ff".repeat(31));
    put(all, "y = p", "ed" + "ff".repeat(30) + "7f");
    put(all, "y = p with a sign", "ed" + "ff".repeat(31));
    put(all, "y = p + 1", "ee" + "ff".repeat(30) + "7f");
    put(all, "y = p + 1 with a sign", "ee" + "ff".repeat(31));
    // Points of larger order, encoded with y not below p.
    put(all, "y = p + 3", "f0" + "ff".repeat(30) + "7f");
    put(all, "y = 2^255 - 1", "ff".repeat(31) + "7f");
    put(all, "y = 2^255 - 1 with a sign", "ff".repeat(32));
    // The base point and the point of order 2 added, and its negative: eight keys for one secret.
    put(all, "mixed order", "95" + "99".repeat(31));
    put(all, "mixed order, negative", "95" + "99".repeat(30) + "19");
    return all;
  }

  /// The names in [#all], for parameterised tests.
  public static Stream<String> names() {
    return all().keySet().stream();
  }

  /// One of [#all].
  public static byte[] named(String name) {
    return Objects.requireNonNull(all().get(name), name).clone();
  }

  /// R the neutral point, S zero: valid for every message under the key of order 1, and for one
  /// message in two, four or eight under the others where nobody looks at the order.
  public static byte[] anybodysSignature() {
    byte[] signature = new byte[2 * KEY_BYTES];
    signature[0] = 1;
    return signature;
  }

  /// A copy of `encoding` with the weak key wherever the good one stands. An error of the test if
  /// it stands nowhere.
  public static byte[] instead(byte[] encoding, byte[] good, byte[] weak) {
    byte[] out = encoding.clone();
    boolean found = false;
    for (int at = 0; at + KEY_BYTES <= out.length; at++) {
      if (Arrays.equals(out, at, at + KEY_BYTES, good, 0, KEY_BYTES)) {
        System.arraycopy(weak, 0, out, at, KEY_BYTES);
        found = true;
      }
    }
    if (!found) {
      throw new IllegalArgumentException("the key is not in the encoding");
    }
    return out;
  }

  private static void put(Map<String, byte[]> all, String name, String hex) {
    all.put(name, HexFormat.of().parseHex(hex));
  }
}
