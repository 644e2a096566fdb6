package io.peerup.pairing.mailbox;

import io.peerup.libp2p.MalformedInput;

/// A message that waits in a mailbox.
///
/// @param id what to delete it by; never 0
/// @param message 1 … [Limits#MESSAGE_BYTES_MAX] bytes, sealed by whoever left it
// The array is part of a frame: read once, never compared by equals.
@SuppressWarnings("ArrayRecordComponent")
public record Mail(long id, byte[] message) {

  public Mail {
    if (id == 0 || message.length == 0 || message.length > Limits.MESSAGE_BYTES_MAX) {
      throw new MalformedInput("a message without an id or of an impossible size");
    }
  }

  @Override
  public String toString() {
    return "Mail[%016x, %d bytes]".formatted(id, message.length);
  }
}
