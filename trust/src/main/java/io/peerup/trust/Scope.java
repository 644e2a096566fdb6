package io.peerup.trust;

import java.util.Locale;

/// What a peer may ask of us. Each protocol handler belongs to one scope; which tier brings which
/// is the table in [Authorizer].
public enum Scope {
  /// Us alone: services, ping, identify, what follows a pairing.
  DIRECT,
  /// What belongs to a group that both are in.
  GROUP,
  /// That two people compare a live code, and nothing else. For who has not even [#DIRECT].
  VERIFY;

  /// As in JSON.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
