package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class QuickCodeTest {

  private static final PeerId ONE =
      PeerId.fromBytes(
          HexFormat.of()
              .parseHex(
                  "0024080112205c9c6df261c9cb840475776aaefcd944b405328fab28f9b3a95ef40490d3de84"));
  private static final PeerId OTHER =
      PeerId.fromBytes(
          HexFormat.of()
              .parseHex(
                  "002408011220d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"));

  @Test
  void thePublishedPairHasThePublishedCode() {
    JsonObject known =
        Vectors.json("pairing/pairing_known_answers.json").getAsJsonObject("quick_code");
    assertThat(known.get("peer_id_1").getAsString())
        .isEqualTo(HexFormat.of().formatHex(ONE.bytes()));
    QuickCode code = QuickCode.of(ONE, OTHER);
    assertThat(code.digits().replace("-", "")).isEqualTo(known.get("digits").getAsString());
    assertThat(code.symbols()).hasSize(4);
  }

  @Test
  void bothSidesSeeTheSame() {
    assertThat(QuickCode.of(OTHER, ONE)).isEqualTo(QuickCode.of(ONE, OTHER));
  }

  @Test
  void theDigitsAndSymbolsOfAKnownPairAreThese() {
    // Symbols 47, 16, 7 and 55 of the table.
    assertThat(QuickCode.of(ONE, OTHER).digits()).isEqualTo("585-331");
    assertThat(QuickCode.of(ONE, OTHER).symbols())
        .extracting(QuickCode.Symbol::name)
        .containsExactly(names(47), names(16), names(7), names(55));
  }

  private static String names(int number) {
    return switch (number) {
      case 7 -> "Rabbit";
      case 16 -> "Tree";
      case 47 -> "Key";
      case 55 -> "Trophy";
      default -> throw new AssertionError(number);
    };
  }
}
