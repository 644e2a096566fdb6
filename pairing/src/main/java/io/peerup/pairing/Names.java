package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.SafeText;
import java.util.regex.Pattern;

/// What a member may call itself, and a network may be called.
public final class Names {

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private Names() {}

  /// Returns the name if it is 1…64 bytes of printable UTF-8 in NFC, with neither a space at an end
  /// nor a hyphen at the start (a command would take it for an option), and not a peer id (a
  /// command would take it for that peer). Throws [MalformedInput].
  public static String check(String name) {
    return checkMeaning(SafeText.check(name, Limits.NAME_BYTES_MAX, "the name"));
  }

  /// Decodes and checks a name. Throws [MalformedInput].
  static String decode(byte[] utf8) {
    return checkMeaning(SafeText.decode(utf8, Limits.NAME_BYTES_MAX, "the name"));
  }

  /// Returns the network name if it is a DNS label of lower-case letters, digits and hyphens.
  /// Throws [MalformedInput].
  public static String checkNamespace(String namespace) {
    if (!LABEL.matcher(namespace).matches()) {
      throw new MalformedInput(
          "a network name has 1 to 63 lower-case letters, digits and inner hyphens");
    }
    return namespace;
  }

  private static String checkMeaning(String name) {
    if (name.startsWith("-")) {
      throw new MalformedInput("the name begins with a hyphen");
    }
    if (isPeerId(name)) {
      throw new MalformedInput("the name is a peer id, and could be taken for that peer");
    }
    return name;
  }

  private static boolean isPeerId(String name) {
    try {
      PeerId.parse(name);
      return true;
    } catch (MalformedInput e) {
      return false;
    }
  }
}
