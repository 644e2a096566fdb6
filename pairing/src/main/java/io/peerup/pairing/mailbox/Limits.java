package io.peerup.pairing.mailbox;

import java.time.Duration;

/// Every limit of the mailbox, with its reason. Together they keep the state file below the 8 MiB
/// that a private file may have.
public final class Limits {

  /// A capability is a secret nobody guesses.
  public static final int CAPABILITY_BYTES = 32;

  /// The largest message: a drop or an acknowledgement of an invite link.
  public static final int MESSAGE_BYTES_MAX = 4096;

  /// The largest request: a message, a capability and a hash with room to spare.
  public static final int FRAME_BYTES_MAX = 8192;

  /// Messages of one answer: so many of the largest size fit it.
  public static final int FETCH_MAX = 15;

  /// The largest answer.
  public static final int ANSWER_BYTES_MAX = 64 * 1024;

  /// Messages that one capability lets in: the devices that one link may admit.
  public static final int USES_MAX = 16;

  /// The shortest life of a capability.
  public static final Duration TTL_MIN = Duration.ofMinutes(1);

  /// The longest: a link of 30 days, and a day for clocks and time zones.
  public static final Duration TTL_MAX = Duration.ofDays(31);

  /// How long a message, and the right to answer it, outlives the capability it came by: the owner
  /// may come online on the last day.
  public static final Duration AFTERLIFE = Duration.ofDays(1);

  /// Capabilities of one mailbox: as many invite links as a device remembers.
  public static final int CAPABILITIES_PER_MAILBOX_MAX = 64;

  /// Capabilities of a relay.
  public static final int CAPABILITIES_MAX = 1024;

  /// Messages that wait in one mailbox…
  public static final int MESSAGES_PER_MAILBOX_MAX = 64;

  /// …and their bytes.
  public static final int BYTES_PER_MAILBOX_MAX = 256 * 1024;

  /// Mailboxes of a relay: one for each peer that its `authorized_keys` may hold.
  public static final int MAILBOXES_MAX = 1024;

  /// Mailboxes of strangers that wait for an answer, among these.
  public static final int GUESTS_MAX = 256;

  /// Messages of a relay…
  public static final int MESSAGES_MAX = 2048;

  /// …and their bytes: eight full mailboxes, or a thousand links that were accepted.
  public static final int BYTES_MAX = 2 << 20;

  /// Deposits, fetches and deletions of strangers from one source (IPv4 address or IPv6 /56) in
  /// [#REQUESTS_WINDOW]: a joiner leaves a message and looks for the answer now and then.
  public static final int REQUESTS_PER_SOURCE_MAX = 20;

  /// See [#REQUESTS_PER_SOURCE_MAX].
  public static final Duration REQUESTS_WINDOW = Duration.ofMinutes(1);

  /// Sources that are counted; beyond it new ones are refused until others are forgotten.
  public static final int SOURCES_MAX = 4096;

  private Limits() {}
}
