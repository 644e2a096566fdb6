package io.peerup.libp2p.host;

import java.util.BitSet;

/// Whether dials of one kind get anywhere. Some networks swallow all UDP or all IPv6 without a
/// word; dialling into that costs a timeout each time. No threads, no clock; not thread-safe.
///
/// After go-libp2p: once [#WINDOW] dials have ended and fewer than [#SUCCESSES_MIN] of the last
/// [#WINDOW] worked, dials are refused but for one in [#PROBE_EVERY]. One that works then begins
/// everything anew.
final class BlackHole {

  /// Dials looked back at.
  static final int WINDOW = 100;

  /// Of those this many must have worked: a kind that is only worse than others keeps its chance.
  static final int SUCCESSES_MIN = 5;

  /// In a black hole, one dial in so many goes on, to notice its end.
  static final int PROBE_EVERY = 100;

  private final BitSet worked = new BitSet(WINDOW);
  private int ended;
  private int next;
  private int asked;

  /// Counts a wish to dial; false if it should not be done.
  boolean admits() {
    if (!isBlocked()) {
      return true;
    }
    asked = (asked + 1) % PROBE_EVERY;
    return asked == 0;
  }

  /// A dial ended.
  void ended(boolean success) {
    if (success && isBlocked()) {
      reset();
      return;
    }
    worked.set(next, success);
    next = (next + 1) % WINDOW;
    ended = Math.min(WINDOW, ended + 1);
  }

  /// Nothing is known any more.
  void reset() {
    worked.clear();
    ended = 0;
    next = 0;
    asked = 0;
  }

  private boolean isBlocked() {
    return ended == WINDOW && worked.cardinality() < SUCCESSES_MIN;
  }
}
