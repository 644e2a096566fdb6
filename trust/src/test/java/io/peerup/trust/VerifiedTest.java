package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerifiedTest {

  private static final PeerId SELF = peer(1);

  private static AuthorizedPeer withVerified(PeerId peer, String text) {
    return AuthorizedPeer.of(peer, "home").withVerified(Optional.of(text));
  }

  @Test
  void theAttributeHoldsForItsPairSeenFromEitherSide() {
    String digits = Verified.digits(SELF, peer(2));
    assertThat(digits).hasSize(64).isEqualTo(Verified.digits(peer(2), SELF));
    AuthorizedPeer home = withVerified(peer(2), "live:" + digits);
    assertThat(Verified.holds(home, SELF)).isTrue();
    assertThat(Verified.isStale(home, SELF)).isFalse();
    assertThat(Verified.holds(withVerified(SELF, "live:" + digits), peer(2))).isTrue();
    for (Verified.Method method : Verified.Method.values()) {
      String text = Verified.by(method, SELF, peer(2));
      assertThat(text).isEqualTo(method.text() + ":" + digits);
      assertThat(Verified.holds(withVerified(peer(2), text), SELF)).isTrue();
      assertThat(Verified.holds(withVerified(peer(3), text), SELF)).isFalse();
    }
  }

  @Test
  void theAttributeOfAnotherPairNeverHolds() {
    for (int one = 1; one <= 4; one++) {
      for (int other = 1; other <= 4; other++) {
        AuthorizedPeer entry =
            withVerified(peer(2), "live:" + Verified.digits(peer(one), peer(other)));
        boolean ours = (one == 1 && other == 2) || (one == 2 && other == 1);
        assertThat(Verified.holds(entry, SELF)).as("%d and %d", one, other).isEqualTo(ours);
        assertThat(Verified.isStale(entry, SELF)).isEqualTo(!ours);
      }
    }
  }

  @Test
  void whatIsNotExactlyMethodAndDigitsDoesNotHold() {
    String digits = Verified.digits(SELF, peer(2));
    for (String text :
        List.of(
            digits,
            ":" + digits,
            "live:",
            "live",
            "yes",
            "true",
            "live:" + digits + "0",
            "live:" + digits.substring(1),
            "live:" + digits.toUpperCase(Locale.ROOT),
            "live:x:" + digits,
            "quick:" + digits,
            "Live:" + digits,
            "sha256:" + digits)) {
      AuthorizedPeer entry = withVerified(peer(2), text);
      assertThat(Verified.holds(entry, SELF)).as(text).isFalse();
      assertThat(Verified.isStale(entry, SELF)).as(text).isTrue();
    }
  }

  @Test
  void aPeerWithoutTheAttributeIsUnverifiedAndThatIsNoWarning() {
    AuthorizedPeer entry = AuthorizedPeer.of(peer(2), "home");
    assertThat(Verified.holds(entry, SELF)).isFalse();
    assertThat(Verified.isStale(entry, SELF)).isFalse();
  }

  /// Two people between whom somebody stands: both see the same short code on their screens, yet
  /// what each stored is worth nothing for any other pair.
  @Test
  void collidingShortCodesDoNotMakeAnAttributeOfOnePairHoldForAnother() {
    JsonObject vector = Vectors.json("pairing/static_sas_collision.json");
    PeerId a = id(vector, "a");
    PeerId b = id(vector, "b");
    PeerId m1 = id(vector, "m1");
    PeerId m2 = id(vector, "m2");
    String seenByA = "quick:" + Verified.digits(a, m1);
    String seenByB = "quick:" + Verified.digits(m2, b);
    assertThat(seenByA).isNotEqualTo(seenByB);
    assertThat(Verified.holds(withVerified(b, seenByA), a)).isFalse();
    assertThat(Verified.holds(withVerified(b, seenByB), a)).isFalse();
    assertThat(Verified.holds(withVerified(m1, seenByB), a)).isFalse();
    assertThat(Verified.holds(withVerified(a, seenByA), b)).isFalse();
    // The shown code itself proves nothing either.
    String shown = vector.get("digits").getAsString();
    assertThat(Verified.holds(withVerified(m1, "quick:" + shown), a)).isFalse();
    assertThat(Verified.holds(withVerified(m1, shown), a)).isFalse();
  }

  private static PeerId id(JsonObject vector, String key) {
    return PeerId.fromBytes(HexFormat.of().parseHex(vector.get(key).getAsString()));
  }
}
