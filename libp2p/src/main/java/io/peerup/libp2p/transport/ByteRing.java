package io.peerup.libp2p.transport;

import java.util.Objects;
import java.util.function.IntConsumer;

/// A bounded queue of bytes that grows as needed up to its limit. One side puts, the other takes;
/// the callers share a lock, with one exception: between [#region()] and [#skip(int)] the taking
/// side may read [#array()] without the lock, because putting only fills free places and growing
/// leaves the old array as it was.
final class ByteRing {

  private static final int FIRST_BYTES = 1024;
  private static final byte[] NONE = {};

  private final int bytesMax;
  private final IntConsumer meter;
  private byte[] array = NONE;
  private long head;
  private long tail;

  /// Holds up to `bytesMax` bytes, a power of two of at least 1024.
  ///
  /// @param meter told by how many bytes the memory held grows, or shrinks when negative
  ByteRing(int bytesMax, IntConsumer meter) {
    if (bytesMax < FIRST_BYTES || Integer.bitCount(bytesMax) != 1) {
      throw new IllegalArgumentException("not a power of two from 1024: " + bytesMax);
    }
    this.bytesMax = bytesMax;
    this.meter = meter;
  }

  int size() {
    return (int) (tail - head);
  }

  boolean isEmpty() {
    return tail == head;
  }

  int free() {
    return bytesMax - size();
  }

  /// Takes up to `length` bytes in, as many as fit, and returns how many.
  int put(byte[] source, int offset, int length) {
    int count = Math.min(length, free());
    Objects.checkFromIndexSize(offset, count, source.length);
    if (count == 0) {
      return 0;
    }
    grow(size() + count);
    int at = index(tail);
    int first = Math.min(count, array.length - at);
    System.arraycopy(source, offset, array, at, first);
    System.arraycopy(source, offset + first, array, 0, count - first);
    tail += count;
    return count;
  }

  /// Moves up to `length` bytes out and returns how many.
  int take(byte[] target, int offset, int length) {
    int count = Math.min(length, size());
    Objects.checkFromIndexSize(offset, count, target.length);
    if (count == 0) {
      return 0;
    }
    int at = index(head);
    int first = Math.min(count, array.length - at);
    System.arraycopy(array, at, target, offset, first);
    System.arraycopy(array, 0, target, offset + first, count - first);
    head += count;
    return count;
  }

  /// All bytes; the ring is empty and holds no array afterwards.
  byte[] takeAll() {
    byte[] out = new byte[size()];
    take(out, 0, out.length);
    clear();
    return out;
  }

  /// Where the oldest bytes lie in [#array()].
  int offset() {
    return index(head);
  }

  /// How many of the oldest bytes lie in one piece from [#offset()].
  int region() {
    return Math.min(size(), array.length - index(head));
  }

  /// Bytes of memory held, used or not.
  int capacity() {
    return array.length;
  }

  /// The array as it is now.
  byte[] array() {
    return array;
  }

  /// Drops the oldest `count` bytes, after they were read from [#array()].
  void skip(int count) {
    head += count;
  }

  /// Gives the array back if nothing is in it.
  void trim() {
    if (isEmpty()) {
      clear();
    }
  }

  void clear() {
    meter.accept(-array.length);
    array = NONE;
    head = 0;
    tail = 0;
  }

  private int index(long position) {
    return array.length == 0 ? 0 : (int) (position & (array.length - 1));
  }

  private void grow(int wanted) {
    if (wanted <= array.length) {
      return;
    }
    int capacity = Math.max(FIRST_BYTES, Integer.highestOneBit(wanted - 1) << 1);
    byte[] larger = new byte[capacity];
    int size = size();
    int from = index(head);
    int first = Math.min(size, array.length - from);
    // Positions keep their meaning: every byte moves to where its position points in the new array.
    for (int done = 0; done < size; ) {
      int source = done < first ? from + done : done - first;
      int target = (int) ((head + done) & (capacity - 1));
      int count = Math.min(done < first ? first - done : size - done, capacity - target);
      System.arraycopy(array, source, larger, target, count);
      done += count;
    }
    meter.accept(larger.length - array.length);
    array = larger;
  }
}
