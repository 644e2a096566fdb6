package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;

class CheckedPointsTest {

  private static final int MAX = 4;

  private final CheckedPoints points = new CheckedPoints(MAX);

  private static byte[] key(int seed) {
    byte[] secret = new byte[Ed25519.SECRET_KEY_SIZE];
    Arrays.fill(secret, (byte) seed);
    byte[] key = new byte[Ed25519.PUBLIC_KEY_SIZE];
    Ed25519.generatePublicKey(secret, 0, key, 0);
    return key;
  }

  @Test
  void aGoodKeyIsCheckedOnce() {
    assertThat(points.of(key(1))).isNotNull().isSameAs(points.of(key(1)));
    assertThat(points.of(key(2))).isNotSameAs(points.of(key(1)));
  }

  @Test
  void aKeyOfSmallOrderIsRefusedEachTimeAndNotRemembered() {
    byte[] neutral = new byte[Ed25519.PUBLIC_KEY_SIZE];
    neutral[0] = 1;
    assertThat(points.of(neutral)).isNull();
    assertThat(points.of(neutral)).isNull();
    assertThat(points.size()).isZero();
  }

  @Test
  void whatTheCallerDoesToItsArrayChangesNothing() {
    byte[] key = key(1);
    Ed25519.PublicPoint point = points.of(key);
    Arrays.fill(key, (byte) 0);
    key[0] = 1;
    assertThat(points.of(key)).isNull();
    assertThat(points.of(key(1))).isSameAs(point);
  }

  @Test
  void theKeyAskedForLongestAgoIsForgottenAtTheLimit() {
    Ed25519.PublicPoint first = points.of(key(1));
    Ed25519.PublicPoint second = points.of(key(2));
    points.of(key(3));
    points.of(key(4));
    assertThat(points.of(key(1))).isSameAs(first);
    points.of(key(5));
    assertThat(points.size()).isEqualTo(MAX);
    assertThat(points.of(key(1))).isSameAs(first);
    assertThat(points.of(key(2))).isNotNull().isNotSameAs(second);
    assertThat(points.size()).isEqualTo(MAX);
  }
}
