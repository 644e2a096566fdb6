package io.peerup.nat;

/// How much the evidence behind a grade is worth.
public enum Confidence {
  /// Nothing decisive is known.
  NONE,
  /// Interfaces or one observer suggest it; nobody proved it by dialling us.
  LOW,
  /// Several independent observers agree.
  MEDIUM,
  /// Proven, e.g. by a dial-back.
  HIGH
}
