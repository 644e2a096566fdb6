package io.peerup.libp2p.tls;

import io.peerup.libp2p.ProtocolViolation;
import java.util.Arrays;

/// Finds whole records in a stream of bytes (RFC 8446 section 5.1). A record that lies in one piece
/// is not copied; memory is taken only for bytes that came. Not thread-safe.
public final class RecordReader {

  /// From change_cipher_spec to application_data.
  private static final int TYPE_FIRST = 20;

  private static final int TYPE_LAST = 23;

  /// Of all versions from SSL 3 on.
  private static final int MAJOR_VERSION = 3;

  private byte[] held = {};
  private int count;

  /// Takes one whole record, header included. The array is only lent.
  public interface Taker {

    /// False: stop, the rest of the bytes is for somebody else.
    boolean record(byte[] bytes, int offset, int length);
  }

  /// Takes bytes and hands on each record that is whole; returns how many it took: all, or those
  /// before the taker stopped. Throws [ProtocolViolation] at a length beyond the limit.
  public int consume(byte[] in, int offset, int length, Taker taker) {
    int at = offset;
    int end = offset + length;
    while (at < end) {
      boolean more;
      int whole = count == 0 ? lengthAt(in, at, end - at) : 0;
      if (whole > 0 && whole <= end - at) {
        int start = at;
        at += whole;
        more = taker.record(in, start, whole);
      } else {
        at += hold(in, at, end - at);
        int wanted = lengthAt(held, 0, count);
        if (wanted == 0 || count < wanted) {
          continue;
        }
        byte[] record = held;
        held = new byte[0];
        count = 0;
        more = taker.record(record, 0, wanted);
      }
      if (!more) {
        break;
      }
    }
    return at - offset;
  }

  /// The length of the record that begins here, or 0 while its header is not whole.
  private static int lengthAt(byte[] bytes, int at, int available) {
    if (available < Limits.HEADER_BYTES) {
      return 0;
    }
    int body = ((bytes[at + 3] & 0xff) << 8) | (bytes[at + 4] & 0xff);
    if (bytes[at] < TYPE_FIRST || bytes[at] > TYPE_LAST || bytes[at + 1] != MAJOR_VERSION) {
      throw new ProtocolViolation("TLS: no TLS record");
    }
    if (body > Limits.BODY_BYTES_MAX) {
      throw new ProtocolViolation("TLS: a record of " + body + " bytes");
    }
    return Limits.HEADER_BYTES + body;
  }

  /// Keeps bytes of a record that is not whole, none of the next one.
  private int hold(byte[] in, int at, int available) {
    int known = lengthAt(held, 0, count);
    int missing = (known == 0 ? Limits.HEADER_BYTES : known) - count;
    int taken = Math.min(missing, available);
    if (count + taken > held.length) {
      // Twice what came, so that a claimed length costs nothing until it is filled.
      int room = Math.max(64, (count + taken) * 2);
      held = Arrays.copyOf(held, Math.min(room, Limits.RECORD_BYTES_MAX));
    }
    System.arraycopy(in, at, held, count, taken);
    count += taken;
    return taken;
  }
}
