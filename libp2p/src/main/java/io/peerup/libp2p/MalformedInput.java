package io.peerup.libp2p;

import org.jspecify.annotations.Nullable;

/// Text or bytes that do not mean what they should: a peer id, an address, a key, a message.
public final class MalformedInput extends OverlayException {

  private static final long serialVersionUID = 1L;

  public MalformedInput(String message) {
    super(message, "", null);
  }

  public MalformedInput(String message, String hint) {
    super(message, hint, null);
  }

  public MalformedInput(String message, @Nullable Throwable cause) {
    super(message, "", cause);
  }

  public MalformedInput(String message, String hint, @Nullable Throwable cause) {
    super(message, hint, cause);
  }
}
