package io.peerup.pairing;

import java.time.Duration;

/// Every limit of group pairing, with its reason.
public final class Limits {

  /// A name fits a table column and a sealed name of fixed size.
  public static final int NAME_BYTES_MAX = 64;

  /// A DNS label (RFC 1035 section 2.3.4).
  public static final int NAMESPACE_CHARS_MAX = 63;

  /// A DNS name in text form (RFC 1035 section 2.3.4, less the length and root bytes).
  public static final int HOST_CHARS_MAX = 253;

  /// Far above the longest code (DNS name of 253 and namespace of 63 bytes make 566 symbols), so
  /// that a pasted file is refused before it is looked at.
  public static final int CODE_CHARS_MAX = 2048;

  /// Members of a group: a household or a small team. Also the number of codes of a group, because
  /// each code admits one member.
  public static final int MEMBERS_MAX = 64;

  /// Removed members a device remembers, so that the relay cannot bring them back. A group's whole
  /// membership replaced several times over.
  public static final int REMOVED_MAX = 1024;

  /// Groups of a relay that can still be joined. Each request is compared with this many selectors,
  /// known or not.
  public static final int OPEN_GROUPS_MAX = 64;

  /// Groups a relay remembers, joinable or not: their members still get introductions.
  public static final int GROUPS_MAX = 1024;

  /// Wrong tokens that burn a group. Three leave room for a slip and none for a search.
  public static final int FAILURES_MAX = 3;

  /// Counted failures from one source that lock it out, one before it could burn a group alone.
  public static final int FAILURES_PER_SOURCE_MAX = 2;

  /// The longest time codes may stay usable; an open group is an open door.
  public static final Duration TTL_MAX = Duration.ofDays(30);

  /// The longest limited authorisation; whoever wants more wants one without end.
  public static final Duration AUTHORISATION_MAX = Duration.ofDays(3650);

  /// Strangers connected at the same time.
  public static final int PROBATION_MAX = 10;

  /// Strangers connected at the same time from one source (IPv4 address or IPv6 /56).
  public static final int PROBATION_PER_SOURCE_MAX = 2;

  /// A stranger's whole stay.
  public static final Duration PROBATION_TIME = Duration.ofSeconds(15);

  /// A stranger's time to say the first thing.
  public static final Duration FIRST_FRAME_TIME = Duration.ofSeconds(3);

  /// Largest request or notice frame.
  public static final int FRAME_BYTES_MAX = 4096;

  /// Largest introduction: 269 bytes with Ed25519, 278 with the longest secp256k1 signature.
  public static final int INTRO_BYTES_MAX = 400;

  /// Largest answer frame: [#MEMBERS_MAX] introductions of [#INTRO_BYTES_MAX] and their lengths.
  public static final int ANSWER_BYTES_MAX = 32 * 1024;

  /// Uniform answers leave at the next tick of this grid…
  public static final Duration ANSWER_TICK = Duration.ofMillis(50);

  /// …that is at least this long after the request came.
  public static final Duration ANSWER_DELAY_MIN = Duration.ofMillis(100);

  private Limits() {}
}
