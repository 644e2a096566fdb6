package io.peerup.libp2p.transport;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongPredicate;

/// Streams that have ended on this side and that quiche still has. It gives the place of a stream
/// back when it looks at one that is complete; but a stream whose peer sent STOP_SENDING behind our
/// FIN, as go-libp2p does for every stream that it did not read to its end, it completes without a
/// look, and looks again when it is asked how much may be sent. So it is asked, once in a while. On
/// the connection's loop.
final class QuicLeftovers {

  /// With so many it is asked at once: more than quiche can have of those that a peer may open.
  static final int MAX = 512;

  private final Set<Long> ids = new LinkedHashSet<>();
  private final LongPredicate isGone;
  private int many = MAX;

  /// @param isGone asks quiche, which makes it look
  QuicLeftovers(LongPredicate isGone) {
    this.isGone = isGone;
  }

  /// Whether places came back. Where quiche really has so many it is asked again when there are
  /// twice as many, not for each.
  boolean add(long streamId) {
    if (isGone.test(streamId)) {
      return false;
    }
    ids.add(streamId);
    if (ids.size() < many) {
      return false;
    }
    boolean gone = look();
    many = Math.max(MAX, 2 * ids.size());
    return gone;
  }

  /// Asks for all of them; whether places came back.
  boolean look() {
    return ids.removeIf(isGone::test);
  }
}
