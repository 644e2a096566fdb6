package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// The other side (or our own gater) said no. Back off; [#status()] carries the protocol's status
/// where it has one, else 0.
public final class Refused extends OverlayException {

  private static final long serialVersionUID = 1L;

  private final int status;

  public Refused(String message) {
    this(message, "", 0, null);
  }

  public Refused(String message, String hint) {
    this(message, hint, 0, null);
  }

  public Refused(String message, String hint, int status) {
    this(message, hint, status, null);
  }

  public Refused(String message, String hint, int status, @Nullable Throwable cause) {
    super(message, hint, cause);
    this.status = status;
  }

  /// The status code of the protocol in use (for circuit relay v2: 200–401), or 0.
  public int status() {
    return status;
  }
}
