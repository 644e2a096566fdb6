package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// The stream was reset by either side. The connection may still be good: open a new stream.
public final class StreamReset extends OverlayException {

  private static final long serialVersionUID = 1L;

  public StreamReset(String message) {
    super(message, "", null);
  }

  public StreamReset(String message, String hint) {
    super(message, hint, null);
  }

  public StreamReset(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public StreamReset(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
