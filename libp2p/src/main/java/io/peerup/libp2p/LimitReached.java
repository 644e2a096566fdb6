package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// A limit of ours or theirs is used up. Free something or wait; the message names the limit.
public final class LimitReached extends OverlayException {

  private static final long serialVersionUID = 1L;

  public LimitReached(String message) {
    super(message, "", null);
  }

  public LimitReached(String message, String hint) {
    super(message, hint, null);
  }

  public LimitReached(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public LimitReached(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
