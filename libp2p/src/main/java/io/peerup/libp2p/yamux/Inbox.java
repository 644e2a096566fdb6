package io.peerup.libp2p.yamux;

import io.peerup.libp2p.muxer.MuxSink;
import java.util.ArrayDeque;

/// The unread bytes of one stream. Small pieces share a chunk, so that one-byte frames cost one
/// byte each. The owner bounds the size.
final class Inbox {

  private static final int CHUNK_BYTES_MIN = 1024;
  private static final int CHUNK_BYTES_MAX = 64 * 1024;

  private final ArrayDeque<byte[]> chunks = new ArrayDeque<>(2);
  private int headStart;
  private int tailEnd;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(byte[] source, int offset, int length) {
    int from = offset;
    int left = length;
    while (left > 0) {
      byte[] tail = chunks.peekLast();
      if (tail == null || tailEnd == tail.length) {
        tail = new byte[Math.clamp(left, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX)];
        chunks.addLast(tail);
        tailEnd = 0;
      }
      int count = Math.min(left, tail.length - tailEnd);
      System.arraycopy(source, from, tail, tailEnd, count);
      tailEnd += count;
      from += count;
      left -= count;
    }
    size += length;
  }

  int read(byte[] target, int offset, int length) {
    int done = 0;
    while (done < length && size > 0) {
      byte[] head = chunks.getFirst();
      int count = Math.min(length - done, headBytes());
      System.arraycopy(head, headStart, target, offset + done, count);
      skip(count);
      done += count;
    }
    return done;
  }

  /// Stops when the sink takes less than offered, or when it clears this inbox meanwhile.
  int drain(MuxSink sink) {
    int done = 0;
    while (size > 0) {
      int offered = headBytes();
      int taken = sink.take(chunks.getFirst(), headStart, offered);
      if (size == 0) {
        return done;
      }
      skip(YamuxStream.requireTaken(taken, offered));
      done += taken;
      if (taken < offered) {
        break;
      }
    }
    return done;
  }

  /// Drops everything and returns how much that was.
  int clear() {
    int dropped = size;
    chunks.clear();
    headStart = 0;
    tailEnd = 0;
    size = 0;
    return dropped;
  }

  private int headBytes() {
    return (chunks.size() == 1 ? tailEnd : chunks.getFirst().length) - headStart;
  }

  private void skip(int count) {
    headStart += count;
    size -= count;
    if (size == 0) {
      clear();
    } else if (headStart == chunks.getFirst().length) {
      chunks.removeFirst();
      headStart = 0;
    }
  }
}
