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

  private Limits() {}
}
