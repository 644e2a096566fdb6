package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// The other side broke a rule of the protocol. Close, do not retry at once; the message cites the
/// rule.
public final class ProtocolViolation extends OverlayException {

  private static final long serialVersionUID = 1L;

  public ProtocolViolation(String message) {
    super(message, "", null);
  }

  public ProtocolViolation(String message, String hint) {
    super(message, hint, null);
  }

  public ProtocolViolation(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public ProtocolViolation(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
