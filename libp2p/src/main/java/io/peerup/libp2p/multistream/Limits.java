package io.peerup.libp2p.multistream;

/// The bounds of a negotiation.
public final class Limits {

  /// Longest token with its newline: what go, jvm and rust accept.
  public static final int TOKEN_BYTES_MAX = 1024;

  /// Most proposals a responder hears before it gives up. The longest honest lists are the versions
  /// of one protocol (fewer than ten); each costs us one answer.
  public static final int PROPOSALS_MAX = 32;

  private Limits() {}
}
