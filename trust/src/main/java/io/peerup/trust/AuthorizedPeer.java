package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.SafeText;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One peer in `authorized_keys`. Immutable.
///
/// @param peer who
/// @param givenName the `name` attribute, 1…64 bytes of printable UTF-8; not necessarily unique
/// @param expires when the authorisation ends; empty for never
/// @param tierExpires when every tier but [Tier#LOCAL] ends, if that is earlier; empty for never
/// @param verified how and what was verified, as the verifying code wrote it; empty if nobody did
/// @param group the group it came with
/// @param givenTiers the `tier` attribute; empty if there is none
/// @param other attributes that this version does not know, in the order of the line
/// @param comment what follows `#`, without it and without surrounding spaces; may be empty
public record AuthorizedPeer(
    PeerId peer,
    Optional<String> givenName,
    Optional<Instant> expires,
    Optional<Instant> tierExpires,
    Optional<String> verified,
    Optional<String> group,
    Set<Tier> givenTiers,
    Map<String, String> other,
    String comment) {

  private static final Set<String> KNOWN =
      Set.of("name", "expires", "tier-expires", "verified", "group", "tier");
  private static final int VALUE_BYTES_MAX = 256;
  private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

  /// Throws [MalformedInput] if a text could not stand in the file.
  public AuthorizedPeer {
    givenName.ifPresent(AuthorizedPeer::checkName);
    verified.ifPresent(v -> SafeText.check(v, VALUE_BYTES_MAX, "verified"));
    group.ifPresent(g -> SafeText.check(g, VALUE_BYTES_MAX, "group"));
    checkEnd("expires", expires);
    checkEnd("tier-expires", tierExpires);
    givenTiers = inOrder(givenTiers);
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
    return of(peer).withName(name);
  }

  /// A peer with nothing at all.
  public static AuthorizedPeer of(PeerId peer) {
    return new AuthorizedPeer(
        peer,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Set.of(),
        Map.of(),
        "");
  }

  /// What to call the peer: its given name, or `peer-` and the end of its id.
  public String name() {
    String id = peer.toString();
    return givenName.orElseGet(() -> "peer-" + id.substring(Math.max(0, id.length() - 6)));
  }

  /// Why it is trusted, closest first: the given tiers; without any, [Tier#GROUP] for who came with
  /// a group, else [Tier#LOCAL].
  public Set<Tier> tiers() {
    if (!givenTiers.isEmpty()) {
      return givenTiers;
    }
    return Set.of(group.isPresent() ? Tier.GROUP : Tier.LOCAL);
  }

  /// The tiers that have not ended, closest first.
  public Set<Tier> tiers(Instant now) {
    if (isOver(expires, now)) {
      return Set.of();
    }
    return isOver(tierExpires, now) ? only(Tier.LOCAL) : tiers();
  }

  /// The closest tier.
  public Tier tier() {
    return tiers().iterator().next();
  }

  /// True once no tier is left; at the very instant of an end it is.
  public boolean isExpired(Instant now) {
    return tiers(now).isEmpty();
  }

  /// Authorised by hand, without an end. What else trusts the peer keeps its end; what has ended is
  /// dropped.
  public AuthorizedPeer allowed(Instant now) {
    Set<Tier> next = EnumSet.of(Tier.LOCAL);
    next.addAll(tiers(now));
    boolean alone = next.size() == 1;
    return with(next, Optional.empty(), alone ? Optional.empty() : earlier(expires, tierExpires));
  }

  /// Trusted for nothing but a comparison: no other tier is left.
  public boolean isHeld(Instant now) {
    return tiers(now).equals(Set.of(Tier.HELD));
  }

  /// No longer held: two people have compared.
  public AuthorizedPeer released() {
    if (!givenTiers.contains(Tier.HELD)) {
      return this;
    }
    Set<Tier> next = EnumSet.of(Tier.INVITE);
    next.addAll(givenTiers);
    next.remove(Tier.HELD);
    return with(next, expires, tierExpires);
  }

  /// No longer authorised by hand: what is left, or empty if nothing is.
  public Optional<AuthorizedPeer> denied(Instant now) {
    Set<Tier> left = EnumSet.noneOf(Tier.class);
    left.addAll(tiers(now));
    left.remove(Tier.LOCAL);
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(with(left, earlier(expires, tierExpires), Optional.empty()));
  }

  /// Vouched for by a group, whose authorisation ends then. A group never takes time away, and
  /// never gives [Tier#LOCAL] any: where it lasts longer, it is all that counts.
  public AuthorizedPeer vouchedFor(String groupId, Optional<Instant> end) {
    boolean local = tiers().contains(Tier.LOCAL);
    if (!outlasts(expires, end)) {
      Set<Tier> next = EnumSet.of(Tier.GROUP);
      next.addAll(tiers());
      next.remove(Tier.LOCAL);
      return withGroup(groupId).with(next, end, Optional.empty());
    }
    if (!local || (tiers().size() > 1 && outlasts(tierExpires, end))) {
      return this;
    }
    Set<Tier> next = EnumSet.of(Tier.GROUP);
    next.addAll(tiers());
    return withGroup(groupId).with(next, expires, end.equals(expires) ? Optional.empty() : end);
  }

  private Set<Tier> only(Tier tier) {
    return tiers().contains(tier) ? Set.of(tier) : Set.of();
  }

  private static boolean isOver(Optional<Instant> end, Instant now) {
    return end.isPresent() && !now.isBefore(end.get());
  }

  private static boolean outlasts(Optional<Instant> one, Optional<Instant> other) {
    return one.isEmpty() || (other.isPresent() && !one.get().isBefore(other.get()));
  }

  private static Optional<Instant> earlier(Optional<Instant> one, Optional<Instant> other) {
    return outlasts(one, other) ? other : one;
  }

  private static void checkEnd(String attribute, Optional<Instant> end) {
    if (end.isPresent() && !end.get().isBefore(YEAR_10000)) {
      throw new MalformedInput(attribute + " is after the year 9999");
    }
  }

  private static Set<Tier> inOrder(Set<Tier> tiers) {
    return tiers.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(tiers));
  }

  public AuthorizedPeer withName(String name) {
    return new AuthorizedPeer(
        peer, Optional.of(name), expires, tierExpires, verified, group, givenTiers, other, comment);
  }

  public AuthorizedPeer withExpires(Optional<Instant> end) {
    return new AuthorizedPeer(
        peer, givenName, end, tierExpires, verified, group, givenTiers, other, comment);
  }

  public AuthorizedPeer withVerified(Optional<String> evidence) {
    return new AuthorizedPeer(
        peer, givenName, expires, tierExpires, evidence, group, givenTiers, other, comment);
  }

  public AuthorizedPeer withGroup(String groupId) {
    return new AuthorizedPeer(
        peer,
        givenName,
        expires,
        tierExpires,
        verified,
        Optional.of(groupId),
        givenTiers,
        other,
        comment);
  }

  /// With an attribute that decides nothing, for whoever reads the file.
  public AuthorizedPeer withOther(String key, String value) {
    Map<String, String> all = new LinkedHashMap<>(other);
    all.put(key, value);
    return new AuthorizedPeer(
        peer, givenName, expires, tierExpires, verified, group, givenTiers, all, comment);
  }

  public AuthorizedPeer withTier(Tier tier) {
    return with(Set.of(tier), expires, tierExpires);
  }

  private AuthorizedPeer with(
      Set<Tier> tiers, Optional<Instant> end, Optional<Instant> endOfOthers) {
    return new AuthorizedPeer(
        peer, givenName, end, endOfOthers, verified, group, tiers, other, comment);
  }

  /// Returns the name if it may stand in the file. Throws [MalformedInput].
  static String checkName(String name) {
    return SafeText.check(name, Limits.NAME_BYTES_MAX, "the name");
  }
}
