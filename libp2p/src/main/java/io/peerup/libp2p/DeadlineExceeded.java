package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// Nothing (or too little) happened within the time given.
public final class DeadlineExceeded extends OverlayException {

  private static final long serialVersionUID = 1L;

  public DeadlineExceeded(String message) {
    super(message, "", null);
  }

  public DeadlineExceeded(String message, String hint) {
    super(message, hint, null);
  }

  public DeadlineExceeded(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public DeadlineExceeded(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
