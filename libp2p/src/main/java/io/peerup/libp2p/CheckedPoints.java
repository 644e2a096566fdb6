package io.peerup.libp2p;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/// The Ed25519 keys that were found good last. Whether a point has full order costs as much to find
/// out as a signature to verify, and the keys of a few peers come again and again: in ids,
/// addresses, files, handshakes. Holds a bounded number; the one that was asked for longest ago
/// goes first. Only good keys are kept, so what it answers is what the check would. Thread-safe.
final class CheckedPoints {

  /// Comparable keys, so that chosen collisions of their hashes cost a tree's depth and no more.
  private final SequencedMap<ByteBuffer, Ed25519.PublicPoint> points =
      new LinkedHashMap<>(16, 0.75f, true);

  private final int max;

  CheckedPoints(int max) {
    this.max = max;
  }

  /// The point of a canonical key of full order, or null.
  Ed25519.@Nullable PublicPoint of(byte[] key) {
    byte[] copy = key.clone();
    ByteBuffer name = ByteBuffer.wrap(copy);
    synchronized (points) {
      Ed25519.PublicPoint known = points.get(name);
      if (known != null) {
        return known;
      }
    }
    Ed25519.PublicPoint point = Ed25519.validatePublicKeyFullExport(copy, 0);
    if (point != null) {
      synchronized (points) {
        points.put(name, point);
        if (points.size() > max) {
          points.pollFirstEntry();
        }
      }
    }
    return point;
  }

  int size() {
    synchronized (points) {
      return points.size();
    }
  }
}
