package io.peerup.libp2p;

import java.util.Locale;
import java.util.Set;

/// Which DNS names cannot be meant for the whole internet, judged by their form alone (RFC 6761,
/// RFC 6762, RFC 8375, and what home routers use).
final class LocalNames {

  private static final Set<String> LAST_LABELS =
      Set.of(
          "localhost",
          "localdomain",
          "local",
          "lan",
          "home",
          "internal",
          "intranet",
          "private",
          "test",
          "invalid",
          "example",
          "arpa",
          "onion");

  private LocalNames() {}

  /// True unless the name has a single label or ends in a local one or in a number.
  static boolean isPublic(String name) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    int dot = bare.lastIndexOf('.');
    if (dot < 0) {
      return false;
    }
    String last = bare.substring(dot + 1).toLowerCase(Locale.ROOT);
    // Some resolvers take a name whose last label is a number for an IP address.
    boolean numeric = last.isEmpty() || Character.isDigit(last.charAt(0));
    return !numeric && !LAST_LABELS.contains(last);
  }
}
