package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// Whatever can go wrong between peers, cut by what the caller does next. The message says what was
/// being done, with whom, and what happened; [#hint()] says what a person can do about it.
public abstract sealed class OverlayException extends RuntimeException
    permits PeerUnreachable,
        ProtocolViolation,
        Refused,
        LimitReached,
        StreamReset,
        DeadlineExceeded,
        MalformedInput {

  private static final long serialVersionUID = 1L;

  private final String hint;

  OverlayException(String message, String hint, @Nullable Throwable cause) {
    super(message, cause);
    this.hint = hint;
  }

  /// What a person can do about it, or an empty text.
  public final String hint() {
    return hint;
  }
}
