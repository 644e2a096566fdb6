package io.peerup.trust;

import java.time.Duration;

/// Every limit of the trust room, with its reason.
public final class Limits {

  /// A name fits a table column; the same limit as in group pairing.
  public static final int NAME_BYTES_MAX = 64;

  /// One line. A peer id is about 60 characters; the rest is room for attributes and a comment.
  public static final int LINE_BYTES_MAX = 4096;

  /// Attributes of a line: six have a meaning today.
  public static final int ATTRIBUTES_MAX = 16;

  /// Peers of a file: sixteen full groups. Later lines are disabled, so that a runaway script
  /// cannot slow every decision down.
  public static final int PEERS_MAX = 1024;

  /// Blocked peers that commands write. A file by hand may hold more: nobody in it is let in.
  public static final int BLOCKED_MAX = PEERS_MAX;

  /// How often the file is looked at (one `stat` call).
  public static final Duration POLL_INTERVAL = Duration.ofMillis(200);

  /// How long a missing file counts as an editor's moment between removing and renaming.
  public static final Duration MISSING_GRACE = Duration.ofSeconds(1);

  /// How often an update starts again because someone else wrote meanwhile, before it gives up.
  public static final int UPDATE_ATTEMPTS_MAX = 20;

  /// A passphrase that guards anything; what is shorter is tried through in a day.
  public static final int PASSPHRASE_BYTES_MIN = 8;

  /// Longer than anybody types; a file that holds more is the wrong file.
  public static final int PASSPHRASE_BYTES_MAX = 1024;

  /// The whole file: the largest RSA key takes 5900 bytes with its public half.
  public static final int SEALED_KEY_BYTES_MAX = 8192;

  /// Memory that one guess at a passphrase costs: as in the second recommendation of RFC 9106. More
  /// does not fit the heap of a short command beside the rest.
  public static final int ARGON2_KIB = 65_536;

  /// What a file may ask for: less was not written by us, more would exhaust the heap.
  public static final int ARGON2_KIB_MIN = ARGON2_KIB;

  public static final int ARGON2_KIB_MAX = ARGON2_KIB;

  /// Passes over that memory: one more than RFC 9106 recommends; a third of a second, once a start.
  public static final int ARGON2_PASSES = 4;

  /// What a file may ask for: RFC 9106 gives the least; 24 take a small computer ten seconds.
  public static final int ARGON2_PASSES_MIN = 3;

  public static final int ARGON2_PASSES_MAX = 24;

  private Limits() {}
}
