package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.io.OutputStream;

/// A stream's outbound direction for code that knows only java.io.
final class StreamOutput extends OutputStream {

  private final Stream stream;

  StreamOutput(Stream stream) {
    this.stream = stream;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    try {
      stream.write(source, offset, length);
    } catch (OverlayException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// Ends our direction.
  @Override
  public void close() {
    stream.closeWrite();
  }
}
