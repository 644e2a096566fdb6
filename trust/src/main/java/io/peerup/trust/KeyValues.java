package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What the attributes of a line mean.
final class KeyValues {

  private KeyValues() {}

  /// The peer of a line. Throws [MalformedInput] if a known attribute has a value that it must not
  /// have; unknown attributes are kept as they are.
  static AuthorizedPeer peer(PeerId id, Map<String, String> values, String comment) {
    Map<String, String> rest = new LinkedHashMap<>(values);
    return new AuthorizedPeer(
        id,
        Optional.ofNullable(rest.remove("name")),
        Optional.ofNullable(rest.remove("expires")).map(t -> time("expires", t)),
        Optional.ofNullable(rest.remove("tier-expires")).map(t -> time("tier-expires", t)),
        Optional.ofNullable(rest.remove("verified")),
        Optional.ofNullable(rest.remove("group")),
        Optional.ofNullable(rest.remove("tier")).map(KeyValues::tiers).orElse(Set.of()),
        rest,
        comment);
  }

  /// A time as RFC 3339 writes it, with `Z` or an offset.
  static Instant time(String attribute, String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedInput(attribute + " is not a time such as 2027-01-31T18:00:00Z", e);
    }
  }

  /// One or more tiers with commas between them, each at most once, in any order.
  static Set<Tier> tiers(String text) {
    Set<Tier> out = EnumSet.noneOf(Tier.class);
    for (String each : text.split(",", -1)) {
      Tier tier =
          Tier.of(each)
              .orElseThrow(() -> new MalformedInput("tier is not one of local, group, invite"));
      if (!out.add(tier)) {
        throw new MalformedInput("tier names %s twice".formatted(each));
      }
    }
    return out;
  }

  /// As [#tiers] reads them, closest first.
  static String text(Set<Tier> tiers) {
    return tiers.stream().sorted().map(Tier::text).collect(Collectors.joining(","));
  }
}
