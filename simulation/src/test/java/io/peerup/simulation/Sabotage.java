package io.peerup.simulation;

/// A mistake built in on purpose: the simulation must find each, or it proves nothing.
enum Sabotage {
  NONE,
  /// The network flips a bit.
  FLIPPED_BIT,
  /// The network delivers a piece twice.
  REPEATED_PIECE,
  /// The network was full once and never has room again.
  LOST_ROOM,
  /// An application ends before all is said, and says that this was all.
  SHORT_REPLY,
  /// An application says a piece twice.
  REPEATED_REPLY,
  /// The relay answers a joiner before its disk knows.
  ANSWER_BEFORE_DISK,
  /// The relay forgets wrong codes in a restart.
  FORGOTTEN_FAILURES,
  /// The relay does not notice that a circuit ended by a reset.
  KEPT_CIRCUIT,
  /// The relay keeps the reservation of a peer that is gone.
  KEPT_RESERVATION,
  /// The relay drops a reservation when one of two connections of its peer ends.
  HASTY_DROP,
  /// A device does not ask again when it lost its reservation but has another connection.
  FORGOTTEN_PLACE,
  /// A dialer takes whoever answers.
  ANY_PEER,
  /// The inviter answers a joiner before its disk knows that it trusts it.
  ANSWER_BEFORE_TRUST,
  /// The inviter's disk never hears that an invite was used.
  FORGOTTEN_USE,
  /// The relay asks no stranger for a ticket.
  CIRCUITS_FOR_ALL
}
