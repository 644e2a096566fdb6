package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Gives every member of a group a name of its own. A pure function of who announced what, so all
/// members that know the same members show the same names, whoever joined first.
public final class MemberNames {

  private MemberNames() {}

  /// Unique names. Of the members that announce the same name, the one with the smallest peer id
  /// bytes keeps it, the next ones get `-2`, `-3`, … in that order; a number that would make a name
  /// which another member has (announced or got) is skipped. A name too long for its suffix loses
  /// characters at its end.
  public static Map<PeerId, String> resolve(Map<PeerId, String> announced) {
    TreeMap<String, List<PeerId>> claims = new TreeMap<>();
    new TreeMap<>(announced)
        .forEach((peer, name) -> claims.merge(name, List.of(peer), MemberNames::concat));
    Set<String> taken = new HashSet<>(claims.keySet());
    Map<PeerId, String> names = new TreeMap<>();
    claims.forEach((name, peers) -> {
      names.put(peers.getFirst(), name);
      int number = 2;
      for (PeerId peer : peers.subList(1, peers.size())) {
        String candidate = numbered(name, number++);
        while (!taken.add(candidate)) {
          candidate = numbered(name, number++);
        }
        names.put(peer, candidate);
      }
    });
    return names;
  }

  private static String numbered(String name, int number) {
    String suffix = "-" + number;
    String base = name;
    while (base.getBytes(StandardCharsets.UTF_8).length + suffix.length() > Limits.NAME_BYTES_MAX) {
      base = base.substring(0, base.offsetByCodePoints(base.length(), -1));
    }
    return base + suffix;
  }

  private static <T> List<T> concat(List<T> left, List<T> right) {
    return Stream.concat(left.stream(), right.stream()).toList();
  }
}
