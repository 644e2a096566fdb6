package io.peerup.nat;

/// How well others can reach us, in the letters that users of the ancestor know. There is no E.
/// [#UNKNOWN] is said whenever the evidence does not decide: a grade is never guessed.
public enum Grade {
  /// Public IPv6, proven or claimed as the evidence says.
  A("Public IPv6"),
  /// Public IPv4, or a NAT that lets anybody in once a mapping exists.
  B("Public IPv4 or easily punched NAT"),
  /// A NAT that answers only those we wrote to: punching works when both sides try together.
  C("Port-restricted NAT"),
  /// A NAT that maps every destination differently, carrier-grade NAT, or no UDP.
  D("Symmetric or carrier-grade NAT"),
  /// No usable interface and nobody answered.
  F("Offline"),
  /// Not enough evidence yet.
  UNKNOWN("Unknown");

  private final String label;

  Grade(String label) {
    this.label = label;
  }

  /// One short phrase for people.
  public String label() {
    return label;
  }
}
