package io.peerup.node.lan;

import java.time.Duration;
import java.time.Instant;

/// Lets [Limits#MESSAGES_PER_SECOND_MAX] messages a second be looked at. The rest waits in the
/// socket, where the system throws away what is too much. A machine.
final class Pace {

  private Instant end = Instant.MIN;
  private int seen;

  /// One message was looked at; says how long to wait before the next one.
  Duration one(Instant now) {
    if (!now.isBefore(end)) {
      end = now.plusSeconds(1);
      seen = 0;
    }
    seen++;
    return seen < Limits.MESSAGES_PER_SECOND_MAX ? Duration.ZERO : Duration.between(now, end);
  }
}
