package io.peerup.libp2p.transport;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.wire.Varint;
import java.io.InputStream;
import java.io.OutputStream;

/// What every stream offers on top of plain reads and writes. Threads as for [Stream].
abstract class FramedStream implements Stream {

  @Override
  public byte[] readExactly(int count) {
    byte[] out = new byte[count];
    readFully(out, "of " + count + " bytes");
    return out;
  }

  @Override
  public byte[] readFrame(int bytesMax) {
    Varint.Decoder length = new Varint.Decoder();
    byte[] one = new byte[1];
    try {
      do {
        readFully(one, "of a frame's length");
      } while (!length.accept(one[0]));
    } catch (MalformedInput e) {
      throw new ProtocolViolation("a frame's length is malformed on " + this, e);
    }
    if (length.value() > bytesMax) {
      throw new ProtocolViolation(
          "a frame of " + length.value() + " bytes, at most " + bytesMax + " allowed on " + this);
    }
    byte[] body = new byte[(int) length.value()];
    readFully(body, "of a frame of " + body.length + " bytes");
    return body;
  }

  private void readFully(byte[] target, String what) {
    for (int at = 0; at < target.length; ) {
      int count = read(target, at, target.length - at);
      if (count < 0) {
        throw new ProtocolViolation("the stream ended within or before " + what + " on " + this);
      }
      at += count;
    }
  }

  @Override
  public void writeFrame(byte[] body) {
    byte[] length = Varint.encode(body.length);
    byte[] frame = new byte[length.length + body.length];
    System.arraycopy(length, 0, frame, 0, length.length);
    System.arraycopy(body, 0, frame, length.length, body.length);
    write(frame, 0, frame.length);
  }

  @Override
  public InputStream inputStream() {
    return new StreamInput(this);
  }

  @Override
  public OutputStream outputStream() {
    return new StreamOutput(this);
  }
}
