package io.peerup.libp2p.transport;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// Frames of one packet (RFC 9000 section 19), written and read by hand.
public final class QuicFrames {

  public static final int PADDING = 0x00;
  public static final int RESET_STREAM = 0x04;
  public static final int STOP_SENDING = 0x05;
  public static final int CRYPTO = 0x06;
  public static final int NEW_TOKEN = 0x07;
  public static final int MAX_STREAMS = 0x12;
  public static final int NEW_CONNECTION_ID = 0x18;
  public static final int RETIRE_CONNECTION_ID = 0x19;
  public static final int PATH_CHALLENGE = 0x1A;
  public static final int PATH_RESPONSE = 0x1B;
  public static final int CLOSE = 0x1C;
  public static final int CLOSE_BY_APPLICATION = 0x1D;

  /// With a length (RFC 9221).
  public static final int DATAGRAM = 0x31;

  /// What fits into a packet that everybody takes.
  private static final int BYTES_MAX = 1150;

  private static final int RESET_TOKEN_BYTES = 16;

  private final ByteBuffer bytes = ByteBuffer.allocate(BYTES_MAX);

  /// Whether so many bytes would fit, too.
  public boolean fits(int more) {
    return bytes.remaining() >= more;
  }

  public byte[] toByteArray() {
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  public QuicFrames number(long value) {
    if (value < 1 << 6) {
      bytes.put((byte) value);
    } else if (value < 1 << 14) {
      bytes.putShort((short) (value | 0x4000));
    } else if (value < 1 << 30) {
      bytes.putInt((int) (value | 0x8000_0000L));
    } else {
      bytes.putLong(value | 0xC000_0000_0000_0000L);
    }
    return this;
  }

  /// Whatever these make.
  public QuicFrames numbers(long... values) {
    for (long value : values) {
      number(value);
    }
    return this;
  }

  private QuicFrames data(byte[] data) {
    bytes.put(data);
    return this;
  }

  public QuicFrames ping() {
    return number(1);
  }

  /// Acknowledges `count` packets, the last of them `largest`.
  public QuicFrames ack(long largest, long count) {
    return numbers(2, largest, 0, 0, count - 1);
  }

  public QuicFrames resetStream(long stream, long finalSize) {
    return numbers(RESET_STREAM, stream, 0, finalSize);
  }

  public QuicFrames crypto(long offset, byte... data) {
    return numbers(CRYPTO, offset, data.length).data(data);
  }

  public QuicFrames stream(long stream, long offset, byte... data) {
    return numbers(0x0E, stream, offset, data.length).data(data);
  }

  /// The whole of a stream in this direction.
  public QuicFrames wholeStream(long stream, byte... data) {
    return numbers(0x0F, stream, 0, data.length).data(data);
  }

  public QuicFrames stopSending(long stream) {
    return numbers(STOP_SENDING, stream, 0);
  }

  public QuicFrames datagram(byte... data) {
    return datagram(data.length, data);
  }

  /// Not of the length that it claims.
  public QuicFrames datagram(int claimed, byte... data) {
    return numbers(DATAGRAM, claimed).data(data);
  }

  public QuicFrames newConnectionId(long sequence, long retireBefore) {
    byte[] id = new byte[20];
    ByteBuffer.wrap(id).putLong(sequence);
    byte[] token = Arrays.copyOf(id, RESET_TOKEN_BYTES);
    return numbers(NEW_CONNECTION_ID, sequence, retireBefore, id.length).data(id).data(token);
  }

  public QuicFrames retireConnectionId(long sequence) {
    return numbers(RETIRE_CONNECTION_ID, sequence);
  }

  public QuicFrames pathChallenge(long data) {
    number(PATH_CHALLENGE);
    bytes.putLong(data);
    return this;
  }

  public QuicFrames pathResponse(long data) {
    number(PATH_RESPONSE);
    bytes.putLong(data);
    return this;
  }

  /// How a peer closed.
  public record Close(boolean application, long code) {}

  /// Who is told what is in a packet.
  interface Reader {
    /// Each frame is told first.
    void frame(int type);

    void maxStreams(long count);

    void newConnectionId(long sequence, byte[] id);

    void close(Close how);
  }

  static void read(ByteBuffer in, Reader reader) {
    while (in.hasRemaining()) {
      int type = (int) read(in);
      reader.frame(type);
      switch (type) {
        case PADDING, 0x01, 0x1E -> {}
        case 0x02, 0x03 -> acknowledgement(in, type == 0x03);
        case RESET_STREAM -> skip(in, 3);
        case 0x05, 0x11, 0x15 -> skip(in, 2);
        case CRYPTO -> {
          skip(in, 1);
          skipData(in);
        }
        case NEW_TOKEN -> skipData(in);
        case MAX_STREAMS -> reader.maxStreams(read(in));
        case 0x10, 0x13, 0x14, 0x16, 0x17, RETIRE_CONNECTION_ID -> skip(in, 1);
        case NEW_CONNECTION_ID -> {
          long sequence = read(in);
          skip(in, 1);
          byte[] id = new byte[in.get()];
          in.get(id).position(in.position() + RESET_TOKEN_BYTES);
          reader.newConnectionId(sequence, id);
        }
        case PATH_CHALLENGE, PATH_RESPONSE -> in.getLong();
        case CLOSE, CLOSE_BY_APPLICATION -> {
          reader.close(new Close(type == CLOSE_BY_APPLICATION, read(in)));
          skip(in, type == CLOSE ? 1 : 0);
          skipData(in);
        }
        default -> data(in, type);
      }
    }
  }

  /// STREAM or DATAGRAM.
  private static void data(ByteBuffer in, int type) {
    boolean datagram = type == 0x30 || type == 0x31;
    if (!datagram && (type & ~7) != 0x08) {
      throw new IllegalStateException("unknown frame 0x" + Integer.toHexString(type));
    }
    if (!datagram) {
      skip(in, (type & 4) == 0 ? 1 : 2);
    }
    if (type == 0x31 || (!datagram && (type & 2) != 0)) {
      skipData(in);
    } else {
      in.position(in.limit());
    }
  }

  private static void acknowledgement(ByteBuffer in, boolean counts) {
    skip(in, 2);
    long ranges = read(in);
    skip(in, 1 + 2 * ranges + (counts ? 3 : 0));
  }

  private static void skip(ByteBuffer in, long numbers) {
    for (long i = 0; i < numbers; i++) {
      read(in);
    }
  }

  private static void skipData(ByteBuffer in) {
    int length = (int) read(in);
    in.position(in.position() + length);
  }

  private static long read(ByteBuffer in) {
    int first = in.get() & 0xFF;
    long value = first & 0x3F;
    for (int i = 1; i < 1 << (first >> 6); i++) {
      value = value << 8 | (in.get() & 0xFF);
    }
    return value;
  }
}
