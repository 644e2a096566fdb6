package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.SafeText;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One peer in `authorized_keys`. Immutable.
///
/// @param peer who
/// @param givenName the `name` attribute, 1…64 bytes of printable UTF-8; not necessarily unique
/// @param expires when the authorisation ends; empty for never
/// @param verified how and what was verified, as the verifying code wrote it; empty if nobody did
/// @param group the group it came with
/// @param givenTier the `tier` attribute
/// @param other attributes that this version does not know, in the order of the line
/// @param comment what follows `#`, without it and without surrounding spaces; may be empty
public record AuthorizedPeer(
    PeerId peer,
    Optional<String> givenName,
    Optional<Instant> expires,
    Optional<String> verified,
    Optional<String> group,
    Optional<Tier> givenTier,
    Map<String, String> other,
    String comment) {

  private static final Set<String> KNOWN = Set.of("name", "expires", "verified", "group", "tier");
  private static final int VALUE_BYTES_MAX = 256;
  private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

  /// Throws [MalformedInput] if a text could not stand in the file.
  public AuthorizedPeer {
    givenName.ifPresent(AuthorizedPeer::checkName);
    verified.ifPresent(v -> SafeText.check(v, VALUE_BYTES_MAX, "verified"));
    group.ifPresent(g -> SafeText.check(g, VALUE_BYTES_MAX, "group"));
    if (expires.isPresent() && !expires.get().isBefore(YEAR_10000)) {
      throw new MalformedInput("expires is after the year 9999");
    }
    for (String key : other.keySet()) {
      if (!Token.isKey(key) || KNOWN.contains(key)) {
        throw new MalformedInput("an attribute cannot be called \"%s\" here".formatted(key));
      }
    }
    other = Collections.unmodifiableMap(new LinkedHashMap<>(other));
    if (!comment.codePoints().allMatch(c -> c == '\t' || SafeText.isPrintable(c))) {
      throw new MalformedInput("the comment contains a character that is not allowed");
    }
  }

  /// A peer with nothing but a name.
  public static AuthorizedPeer of(PeerId peer, String name) {
    return new AuthorizedPeer(
        peer,
        Optional.of(name),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        "");
  }

  /// What to call the peer: its given name, or `peer-` and the end of its id.
  public String name() {
    String id = peer.toString();
    return givenName.orElseGet(() -> "peer-" + id.substring(Math.max(0, id.length() - 6)));
  }

  /// The given tier; without one, [Tier#GROUP] for who came with a group, else [Tier#LOCAL].
  public Tier tier() {
    return givenTier.orElse(group.isPresent() ? Tier.GROUP : Tier.LOCAL);
  }

  /// True once the authorisation has ended; at the very instant of `expires` it has.
  public boolean isExpired(Instant now) {
    return expires.isPresent() && !now.isBefore(expires.get());
  }

  public AuthorizedPeer withName(String name) {
    return new AuthorizedPeer(
        peer, Optional.of(name), expires, verified, group, givenTier, other, comment);
  }

  public AuthorizedPeer withExpires(Optional<Instant> end) {
    return new AuthorizedPeer(peer, givenName, end, verified, group, givenTier, other, comment);
  }

  public AuthorizedPeer withVerified(Optional<String> evidence) {
    return new AuthorizedPeer(peer, givenName, expires, evidence, group, givenTier, other, comment);
  }

  public AuthorizedPeer withGroup(String groupId) {
    return new AuthorizedPeer(
        peer, givenName, expires, verified, Optional.of(groupId), givenTier, other, comment);
  }

  public AuthorizedPeer withTier(Tier tier) {
    return new AuthorizedPeer(
        peer, givenName, expires, verified, group, Optional.of(tier), other, comment);
  }

  /// Returns the name if it may stand in the file. Throws [MalformedInput].
  static String checkName(String name) {
    return SafeText.check(name, Limits.NAME_BYTES_MAX, "the name");
  }
}
