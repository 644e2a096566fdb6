package io.peerup.trust;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Why a peer is trusted at all, from closest to least close.
public enum Tier {
  /// The owner of this device added it by hand.
  LOCAL,
  /// It came with a group, introduced by a relay and vouched for by the group's key.
  GROUP,
  /// It accepted an invitation, or we accepted its.
  INVITE,
  /// As [#INVITE], and the inviter wants two people to compare a live code first.
  HELD;

  /// As written in `authorized_keys`.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Tier> of(String text) {
    return Arrays.stream(values()).filter(t -> t.text().equals(text)).findFirst();
  }
}
