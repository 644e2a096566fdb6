package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
        Optional.ofNullable(rest.remove("expires")).map(KeyValues::time),
        Optional.ofNullable(rest.remove("verified")),
        Optional.ofNullable(rest.remove("group")),
        Optional.ofNullable(rest.remove("tier")).map(KeyValues::tier),
        rest,
        comment);
  }

  /// A time as RFC 3339 writes it, with `Z` or an offset.
  static Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new MalformedInput("expires is not a time such as 2027-01-31T18:00:00Z", e);
    }
  }

  private static Tier tier(String text) {
    return Tier.of(text)
        .orElseThrow(() -> new MalformedInput("tier is not one of local, group, invite"));
  }
}
