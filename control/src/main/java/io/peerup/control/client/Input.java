package io.peerup.control.client;

import java.io.IOException;

/// Bytes that come from somewhere; a read waits until there are some.
interface Input {

  /// The next byte, or -1 at the end.
  int read() throws IOException;

  /// Some of the next bytes, at most `max`; empty at the end.
  byte[] readSome(int max) throws IOException;
}
