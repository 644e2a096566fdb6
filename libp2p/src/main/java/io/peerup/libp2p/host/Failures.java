package io.peerup.libp2p.host;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.StreamReset;

/// Carries failures from event loops to the threads that wait for them.
final class Failures {

  private Failures() {}

  /// The same failure, thrown from here: its stack is that of the thread that meets it.
  static OverlayException fresh(OverlayException cause) {
    return about("", cause);
  }

  /// The same kind of failure with words in front.
  static OverlayException about(String prefix, OverlayException cause) {
    String message = prefix + cause.getMessage();
    String hint = cause.hint();
    return switch (cause) {
      case PeerUnreachable e -> new PeerUnreachable(message, hint, e);
      case ProtocolViolation e -> new ProtocolViolation(message, hint, e);
      case Refused e -> new Refused(message, hint, e.status(), e);
      case LimitReached e -> new LimitReached(message, hint, e);
      case StreamReset e -> new StreamReset(message, hint, e);
      case DeadlineExceeded e -> new DeadlineExceeded(message, hint, e);
      case MalformedInput e -> new MalformedInput(message, hint, e);
    };
  }
}
