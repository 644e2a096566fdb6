package io.peerup.libp2p.yamux;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Streams by id: a hash table with linear probing, because a lookup happens for every frame and
/// must not allocate.
final class StreamTable {

  private static final int CAPACITY_MIN = 16;

  private @Nullable YamuxStream[] slots = new @Nullable YamuxStream[CAPACITY_MIN];
  private int size;

  int size() {
    return size;
  }

  @Nullable YamuxStream get(int id) {
    for (int slot = home(id); ; slot = next(slot)) {
      YamuxStream stream = slots[slot];
      if (stream == null || stream.rawId() == id) {
        return stream;
      }
    }
  }

  /// The id must not be in the table.
  void add(YamuxStream stream) {
    if (2 * (size + 1) > slots.length) {
      grow();
    }
    place(stream);
    size++;
  }

  void remove(YamuxStream stream) {
    int slot = home(stream.rawId());
    while (slots[slot] != stream) {
      if (slots[slot] == null) {
        return;
      }
      slot = next(slot);
    }
    slots[slot] = null;
    size--;
    // Those behind may have been pushed past this slot: place them anew.
    for (slot = next(slot); ; slot = next(slot)) {
      YamuxStream moved = slots[slot];
      if (moved == null) {
        return;
      }
      slots[slot] = null;
      place(moved);
    }
  }

  /// A copy, in no particular order that depends on anything but the ids.
  List<YamuxStream> all() {
    List<YamuxStream> all = new ArrayList<>(size);
    for (YamuxStream stream : slots) {
      if (stream != null) {
        all.add(stream);
      }
    }
    return all;
  }

  void clear() {
    slots = new @Nullable YamuxStream[CAPACITY_MIN];
    size = 0;
  }

  private void grow() {
    List<YamuxStream> all = all();
    slots = new @Nullable YamuxStream[2 * slots.length];
    all.forEach(this::place);
  }

  private void place(YamuxStream stream) {
    int slot = home(stream.rawId());
    while (slots[slot] != null) {
      slot = next(slot);
    }
    slots[slot] = stream;
  }

  private int home(int id) {
    // Fibonacci hashing: ids of one side are all odd or all even.
    return (id * 0x9E3779B9) >>> (32 - Integer.numberOfTrailingZeros(slots.length));
  }

  private int next(int slot) {
    return (slot + 1) & (slots.length - 1);
  }
}
