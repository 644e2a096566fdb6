package io.peerup.libp2p.wire;

import io.peerup.libp2p.MalformedInput;
import java.util.ArrayList;
import java.util.List;

/// IP addresses as text and bytes, strictly and without ever asking a name server: four decimal
/// numbers without leading zeros, or RFC 4291 §2.2; written as RFC 5952 says.
public final class IpLiteral {

  private static final int V4_BYTES = 4;
  private static final int V6_BYTES = 16;
  private static final int V6_GROUPS = 8;

  private static final int V4_CHARS_MAX = "255.255.255.255".length();

  /// The longest form is `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`.
  private static final int V6_CHARS_MAX = 45;

  private IpLiteral() {}

  /// The four bytes of `192.0.2.1`. Throws [MalformedInput].
  public static byte[] parse4(String text) {
    String[] parts = text.length() > V4_CHARS_MAX ? new String[0] : text.split("\\.", -1);
    if (parts.length != V4_BYTES) {
      throw notV4();
    }
    byte[] out = new byte[V4_BYTES];
    for (int i = 0; i < V4_BYTES; i++) {
      out[i] = (byte) octet(parts[i]);
    }
    return out;
  }

  /// The sixteen bytes of `2001:db8::1` or `64:ff9b::192.0.2.1`; zones are not part of it. Throws
  /// [MalformedInput].
  public static byte[] parse6(String text) {
    if (text.length() > V6_CHARS_MAX || text.length() < 2) {
      throw notV6();
    }
    int gap = text.indexOf("::");
    if (gap < 0) {
      List<Integer> groups = groups(text, true);
      if (groups.size() != V6_GROUPS) {
        throw notV6();
      }
      return bytes(groups, List.of());
    }
    String after = text.substring(gap + 2);
    if (after.startsWith(":")) {
      throw notV6();
    }
    List<Integer> head = groups(text.substring(0, gap), false);
    List<Integer> tail = groups(after, true);
    // "::" stands for at least one group of zeros.
    if (head.size() + tail.size() >= V6_GROUPS) {
      throw notV6();
    }
    return bytes(head, tail);
  }

  /// The text of four or sixteen bytes.
  public static String format(byte[] address) {
    return switch (address.length) {
      case V4_BYTES -> format4(address, 0);
      case V6_BYTES -> format6(address);
      default ->
          throw new IllegalArgumentException("an IP address of " + address.length + " bytes");
    };
  }

  private static List<Integer> groups(String text, boolean mayEndInV4) {
    List<Integer> out = new ArrayList<>();
    if (text.isEmpty()) {
      return out;
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      if (mayEndInV4 && i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
        byte[] v4 = parse4(parts[i]);
        out.add((v4[0] & 0xff) << 8 | (v4[1] & 0xff));
        out.add((v4[2] & 0xff) << 8 | (v4[3] & 0xff));
      } else {
        out.add(group(parts[i]));
      }
    }
    return out;
  }

  private static int group(String text) {
    if (text.isEmpty() || text.length() > 4) {
      throw notV6();
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char letter = text.charAt(i);
      // Character.digit would also take the digits of other scripts.
      int digit = letter < 0x80 ? Character.digit(letter, 16) : -1;
      if (digit < 0) {
        throw notV6();
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static int octet(String text) {
    boolean wellFormed =
        !text.isEmpty()
            && text.length() <= 3
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
            && (text.length() == 1 || text.charAt(0) != '0');
    int value = wellFormed ? Integer.parseInt(text) : 256;
    if (value > 255) {
      throw notV4();
    }
    return value;
  }

  private static byte[] bytes(List<Integer> head, List<Integer> tail) {
    byte[] out = new byte[V6_BYTES];
    put(head, out, 0);
    put(tail, out, V6_BYTES - 2 * tail.size());
    return out;
  }

  private static void put(List<Integer> groups, byte[] target, int offset) {
    int at = offset;
    for (int group : groups) {
      target[at++] = (byte) (group >>> 8);
      target[at++] = (byte) group;
    }
  }

  private static String format4(byte[] address, int offset) {
    return (address[offset] & 0xff)
        + "."
        + (address[offset + 1] & 0xff)
        + "."
        + (address[offset + 2] & 0xff)
        + "."
        + (address[offset + 3] & 0xff);
  }

  private static String format6(byte[] address) {
    int[] groups = new int[V6_GROUPS];
    for (int i = 0; i < V6_GROUPS; i++) {
      groups[i] = (address[2 * i] & 0xff) << 8 | (address[2 * i + 1] & 0xff);
    }
    if (isMapped(groups)) {
      return "::ffff:" + format4(address, 12);
    }
    int gapStart = -1;
    int gapLength = 1;
    for (int i = 0; i < V6_GROUPS; i++) {
      int length = 0;
      while (i + length < V6_GROUPS && groups[i + length] == 0) {
        length++;
      }
      if (length > gapLength) {
        gapStart = i;
        gapLength = length;
      }
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < V6_GROUPS; ) {
      if (i == gapStart) {
        out.append("::");
        i += gapLength;
        continue;
      }
      if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
        out.append(':');
      }
      out.append(Integer.toHexString(groups[i]));
      i++;
    }
    return out.toString();
  }

  private static boolean isMapped(int[] groups) {
    for (int i = 0; i < 5; i++) {
      if (groups[i] != 0) {
        return false;
      }
    }
    return groups[5] == 0xffff;
  }

  private static MalformedInput notV4() {
    return new MalformedInput("not an IPv4 address: four numbers of 0 to 255 expected");
  }

  private static MalformedInput notV6() {
    return new MalformedInput("not an IPv6 address");
  }
}
