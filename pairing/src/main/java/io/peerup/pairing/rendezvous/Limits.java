package io.peerup.pairing.rendezvous;

import java.time.Duration;

/// Every limit of the rendezvous, with its reason.
public final class Limits {

  /// Largest request or answer: a selector, a peer id and a few numbers.
  public static final int FRAME_BYTES_MAX = 256;

  /// The longest selector: 16 bytes of a full code. Typed ones have 7, nameplates 4 or 5.
  public static final int SELECTOR_BYTES_MAX = 16;

  /// Invites one member may have open at a time: each is a door that strangers may knock at.
  public static final int OPEN_PER_MEMBER_MAX = 5;

  /// Invites open at a relay: five each of as many members as a relay holds reservations for.
  public static final int OPEN_MAX = 640;

  /// An invite must live long enough to be typed…
  public static final Duration TTL_MIN = Duration.ofMinutes(1);

  /// …and not longer than the two people are at it.
  public static final Duration TTL_MAX = Duration.ofHours(1);

  /// One live lookup of an invite at a time, so that guesses come one after the other; this long it
  /// may take to open its circuit.
  public static final Duration TICKET_TIME = Duration.ofSeconds(30);

  /// Lookups of one invite: three attempts, each with one that got lost.
  public static final int TICKETS_MAX = 6;

  /// Lookups a minute from one source (IPv4 address or IPv6 /56): a person types one or two.
  public static final int FINDS_PER_SOURCE_MAX = 10;

  /// The minute of [#FINDS_PER_SOURCE_MAX].
  public static final Duration FINDS_WINDOW = Duration.ofMinutes(1);

  /// Sources whose lookups are counted; beyond it new ones are refused until others are forgotten.
  public static final int SOURCES_MAX = 4096;

  private Limits() {}
}
