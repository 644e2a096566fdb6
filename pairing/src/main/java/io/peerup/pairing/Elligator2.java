package io.peerup.pairing;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc7748.X25519Field;

/// The map Elligator 2 onto Curve25519 (RFC 9380 section 6.7.1, Z = 2), u-coordinate only.
///
/// Its input depends on a code that a person can type, so nothing here branches on a value or
/// indexes with one, and none of the field's methods whose names end in `Var` is called.
final class Elligator2 {

  /// The curve is v² = u³ + A·u² + u.
  private static final int A = 486662;

  private Elligator2() {}

  /// The u-coordinate for 32 bytes, read as RFC 7748 does: little-endian, topmost bit ignored.
  static byte[] map(byte[] input) {
    int[] r = X25519Field.create();
    X25519Field.decode255(input, r);

    // d = 1 + 2r² is never zero, because -1/2 is not a square. v = -A/d; the other candidate, -A-v.
    int[] d = X25519Field.create();
    X25519Field.sqr(r, d);
    X25519Field.add(d, d, d);
    X25519Field.addOne(d);
    X25519Field.carry(d);
    int[] v = X25519Field.create();
    X25519Field.inv(d, v);
    X25519Field.mul(v, A, v);
    X25519Field.negate(v, v);
    X25519Field.carry(v);
    int[] result = X25519Field.create();
    result[0] = -A;
    X25519Field.sub(result, v, result);
    X25519Field.carry(result);

    // v is on the curve exactly if w = v·(v² + A·v + 1) is a square.
    int[] w = X25519Field.create();
    int[] product = X25519Field.create();
    X25519Field.sqr(v, w);
    X25519Field.mul(v, A, product);
    X25519Field.add(w, product, w);
    X25519Field.addOne(w);
    X25519Field.carry(w);
    X25519Field.mul(w, v, w);
    int[] e = X25519Field.create();
    legendre(w, e);
    X25519Field.normalize(e);
    X25519Field.cmov(X25519Field.isOne(e), v, 0, result, 0);

    X25519Field.normalize(result);
    byte[] out = new byte[X25519.POINT_SIZE];
    X25519Field.encode(result, out);
    wipe(r, d, v, result, w, product, e);
    return out;
  }

  /// z = x^((p-1)/2), which is 1 for a square and -1 for anything else but zero. The exponent is
  /// 2^254 - 10; names give the exponent so far, `x250` meaning 2^250 - 1.
  private static void legendre(int[] x, int[] z) {
    int[] x2 = X25519Field.create();
    int[] x5 = X25519Field.create();
    int[] x10 = X25519Field.create();
    int[] x25 = X25519Field.create();
    int[] x125 = X25519Field.create();
    int[] t = X25519Field.create();
    X25519Field.sqr(x, t);
    X25519Field.mul(x, t, x2); // 2^2 - 1
    step(x2, 2, x2, t); // 2^4 - 1
    step(t, 1, x, x5);
    step(x5, 5, x5, x10);
    step(x10, 10, x10, t); // 2^20 - 1
    step(t, 5, x5, x25);
    step(x25, 25, x25, t); // 2^50 - 1
    step(t, 25, x25, x125); // 2^75 - 1
    step(x125, 50, t, x125);
    step(x125, 125, x125, t); // 2^250 - 1
    step(t, 2, x, t); // 2^252 - 3
    X25519Field.sqr(x, x2);
    step(t, 2, x2, z); // 2^254 - 12 + 2
    wipe(x2, x5, x10, x25, x125, t);
  }

  /// out = x^(2^squarings) · y; `out` may be either of them.
  private static void step(int[] x, int squarings, int[] y, int[] out) {
    int[] t = X25519Field.create();
    X25519Field.sqr(x, squarings, t);
    X25519Field.mul(t, y, out);
    Arrays.fill(t, 0);
  }

  private static void wipe(int[]... elements) {
    for (int[] element : elements) {
      Arrays.fill(element, 0);
    }
  }
}
