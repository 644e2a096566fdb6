package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.io.InputStream;

/// A stream's inbound direction for code that knows only java.io.
final class StreamInput extends InputStream {

  private final Stream stream;

  StreamInput(Stream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return stream.read(target, offset, length);
    } catch (OverlayException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
