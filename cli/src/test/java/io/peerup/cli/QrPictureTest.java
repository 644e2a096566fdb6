package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.decoder.Decoder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pictures as another author's reader sees them.
class QrPictureTest {

  private static final int QUIET = 4;

  /// True where the terminal is dark: half blocks are drawn where it is light.
  private static boolean[][] dark(List<String> lines) {
    boolean[][] out = new boolean[lines.size() * 2][lines.getFirst().length()];
    for (int y = 0; y < lines.size(); y++) {
      for (int x = 0; x < out[0].length; x++) {
        char c = lines.get(y).charAt(x);
        out[2 * y][x] = c != '█' && c != '▀';
        out[2 * y + 1][x] = c != '█' && c != '▄';
      }
    }
    return out;
  }

  private static String scanned(List<String> lines) throws Exception {
    boolean[][] dark = dark(lines);
    int size = dark[0].length - 2 * QUIET;
    BitMatrix modules = new BitMatrix(size);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        if (dark[y + QUIET][x + QUIET]) {
          modules.set(x, y);
        }
      }
    }
    return new Decoder().decode(modules).getText();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "peerup:verify#JAAgEiBhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NQ",
        "peerup:join#AQIDBA",
        "A"
      })
  void aReaderReadsTheText(String text) throws Exception {
    assertThat(scanned(QrPicture.of(text, false))).isEqualTo(text);
    List<String> plain =
        QrPicture.of(text, true).stream().map(l -> l.replaceAll("\u001b\\[[0-9;]*m", "")).toList();
    assertThat(plain).isEqualTo(QrPicture.of(text, false));
  }

  @Test
  void theCodeOfAThousandCharactersIsReadToo() throws Exception {
    String text = "Ab9-".repeat(250);
    assertThat(scanned(QrPicture.of(text, false))).isEqualTo(text);
  }

  @Test
  void fourLightModulesSurroundIt() {
    boolean[][] dark = dark(QrPicture.of("peerup", false));
    int width = dark[0].length;
    for (int y = 0; y < width; y++) {
      for (int x = 0; x < width; x++) {
        boolean edge = x < QUIET || y < QUIET || x >= width - QUIET || y >= width - QUIET;
        assertThat(edge && dark[y][x]).as("%d, %d", x, y).isFalse();
      }
    }
    assertThat(dark[QUIET][QUIET]).as("the corner of a finder").isTrue();
  }
}
