package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// The peer could not be reached, or its connection was lost. Try another address or path, or
/// later.
public final class PeerUnreachable extends OverlayException {

  private static final long serialVersionUID = 1L;

  public PeerUnreachable(String message) {
    super(message, "", null);
  }

  public PeerUnreachable(String message, String hint) {
    super(message, hint, null);
  }

  public PeerUnreachable(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public PeerUnreachable(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
