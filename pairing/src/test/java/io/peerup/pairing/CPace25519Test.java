package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;

/// Against the values that the draft publishes, and the rules around them.
class CPace25519Test {

  private static final byte[] CI = Crypto.ascii("ci");
  private static final byte[] SID = Crypto.ascii("sid");
  private static final byte[] NO_DATA = new byte[0];

  private final KeyRandom random = Fixtures.random(SeededRandom.of(CPace25519Test.class));

  @Test
  void aRunHasThePublishedValues() {
    JsonObject known = Vectors.json("cpace/testvectors.json").getAsJsonObject("G_25519");
    byte[] prs = hex(known, "PRS");
    byte[] ci = hex(known, "CI");
    byte[] sid = hex(known, "sid");
    assertThat(CPace25519.generator(prs, ci, sid)).isEqualTo(hex(known, "g"));

    CPace25519 a = new CPace25519(prs, ci, sid, fixed(hex(known, "ya")));
    CPace25519 b = new CPace25519(prs, ci, sid, fixed(hex(known, "yb")));
    byte[] shareA = a.share();
    byte[] shareB = b.share();
    assertThat(shareA).isEqualTo(hex(known, "Ya"));
    assertThat(shareB).isEqualTo(hex(known, "Yb"));
    byte[] dataA = hex(known, "ADa");
    byte[] dataB = hex(known, "ADb");
    assertThat(a.finish(CPace25519.Role.INITIATOR, dataA, shareB, dataB))
        .contains(hex(known, "ISK_IR"));
    assertThat(b.finish(CPace25519.Role.RESPONDER, dataB, shareA, dataA))
        .contains(hex(known, "ISK_IR"));
  }

  @Test
  void lengthsAreWrittenAsPublished() {
    JsonObject known = Vectors.json("cpace/string_utils.json");
    for (JsonElement each : known.getAsJsonArray("prepend_len")) {
      JsonObject test = each.getAsJsonObject();
      assertThat(Crypto.lv(hex(test, "in"))).isEqualTo(hex(test, "out"));
    }
    for (JsonElement each : known.getAsJsonArray("lv_cat")) {
      JsonObject test = each.getAsJsonObject();
      byte[][] parts =
          test.getAsJsonArray("in").asList().stream()
              .map(part -> HexFormat.of().parseHex(part.getAsString()))
              .toArray(byte[][]::new);
      assertThat(Crypto.lv(parts)).isEqualTo(hex(test, "out"));
    }
    for (JsonElement each : known.getAsJsonArray("transcript_ir")) {
      JsonObject test = each.getAsJsonObject();
      byte[] transcript =
          Stream.of(hex(test, "Ya"), hex(test, "ADa"), hex(test, "Yb"), hex(test, "ADb"))
              .map(Crypto::lv)
              .reduce(NO_DATA, Fixtures::concat);
      assertThat(transcript).isEqualTo(hex(test, "out"));
    }
  }

  /// The draft lists twelve points. Seven give zero; five only look alike (their topmost bit, which
  /// X25519 ignores, is set) and have an ordinary result.
  @Test
  void theSevenSharesOfLowOrderAreRefusedAndTheFiveThatOnlyLookLikeThemAreNot() {
    JsonObject known = Vectors.json("cpace/x25519_low_order.json");
    byte[] scalar = hex(known, "scalar");
    int refused = 0;
    int taken = 0;
    for (JsonElement each : known.getAsJsonArray("points")) {
      JsonObject point = each.getAsJsonObject();
      byte[] share = hex(point, "u");
      byte[] result = new byte[32];
      X25519.calculateAgreement(scalar, 0, share, 0, result, 0);
      assertThat(result).isEqualTo(hex(point, "result"));
      CPace25519 run = new CPace25519(NO_DATA, CI, SID, fixed(scalar));
      run.share();
      var key = run.finish(CPace25519.Role.INITIATOR, NO_DATA, share, NO_DATA);
      if (point.get("abort").getAsBoolean()) {
        refused++;
        assertThat(key).as(point.get("name").getAsString()).isEmpty();
      } else {
        taken++;
        assertThat(key).as(point.get("name").getAsString()).isPresent();
      }
    }
    assertThat(refused).isEqualTo(7);
    assertThat(taken).isEqualTo(5);
  }

  @Test
  void ourOwnShareComingBackIsRefused() {
    CPace25519 run = run("cobra");
    byte[] own = run.share();
    assertThat(run.finish(CPace25519.Role.RESPONDER, NO_DATA, own, NO_DATA)).isEmpty();
  }

  @Test
  void anotherSecretAnotherIdentifierOrAnotherSessionGivesAnotherKey() {
    CPace25519 a = run("cobra");
    for (CPace25519 b :
        new CPace25519[] {
          run("cobrb"),
          new CPace25519(Crypto.ascii("cobra"), Crypto.ascii("cj"), SID, random),
          new CPace25519(Crypto.ascii("cobra"), CI, Crypto.ascii("sie"), random)
        }) {
      a = run("cobra");
      byte[] shareA = a.share();
      byte[] shareB = b.share();
      assertThat(a.finish(CPace25519.Role.INITIATOR, NO_DATA, shareB, NO_DATA).orElseThrow())
          .isNotEqualTo(
              b.finish(CPace25519.Role.RESPONDER, NO_DATA, shareA, NO_DATA).orElseThrow());
    }
  }

  @Test
  void aRunIsUsedOnceAndInOrder() {
    CPace25519 fresh = run("cobra");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> fresh.finish(CPace25519.Role.INITIATOR, NO_DATA, run("cobra").share(), NO_DATA));
    fresh.share();
    assertThatIllegalStateException().isThrownBy(fresh::share);
    byte[] other = run("cobra").share();
    assertThat(fresh.finish(CPace25519.Role.INITIATOR, NO_DATA, other, NO_DATA)).isPresent();
    assertThatIllegalStateException().isThrownBy(fresh::share);
    assertThatIllegalStateException()
        .isThrownBy(() -> fresh.finish(CPace25519.Role.INITIATOR, NO_DATA, other, NO_DATA));

    CPace25519 ended = run("cobra");
    ended.share();
    ended.destroy();
    assertThatIllegalStateException()
        .isThrownBy(() -> ended.finish(CPace25519.Role.INITIATOR, NO_DATA, other, NO_DATA));
  }

  @Test
  void aRefusedShareUsesTheRunUpToo() {
    CPace25519 run = run("cobra");
    run.share();
    assertThat(run.finish(CPace25519.Role.INITIATOR, NO_DATA, new byte[32], NO_DATA)).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(
            () -> run.finish(CPace25519.Role.INITIATOR, NO_DATA, run("cobra").share(), NO_DATA));
  }

  @Test
  void aRunSaysNothingOfItsSecrets() {
    CPace25519 run = run("cobra");
    assertThat(run).hasToString("CPace25519[NEW]");
  }

  private CPace25519 run(String secret) {
    return new CPace25519(Crypto.ascii(secret), CI, SID, random);
  }

  private static KeyRandom fixed(byte[] bytes) {
    return target -> System.arraycopy(bytes, 0, target, 0, target.length);
  }
}
