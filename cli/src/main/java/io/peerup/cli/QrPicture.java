package io.peerup.cli;

import io.nayuki.qrcodegen.QrCode;
import java.util.ArrayList;
import java.util.List;

/// A QR code (ISO/IEC 18004) as lines of text for a terminal: two rows of modules in a line, by
/// half blocks, with the quiet zone of four modules that scanners need.
final class QrPicture {

  private static final int QUIET = 4;

  private QrPicture() {}

  /// The picture of this text.
  ///
  /// @param colour whether the terminal takes colours. Without them the light modules are drawn, as
  ///   on most terminals, which write light on dark
  static List<String> of(String text, boolean colour) {
    QrCode code = QrCode.encodeText(text, QrCode.Ecc.LOW);
    List<String> lines = new ArrayList<>();
    for (int y = -QUIET; y < code.size + QUIET; y += 2) {
      StringBuilder line = new StringBuilder(colour ? "\u001b[97;40m" : "");
      for (int x = -QUIET; x < code.size + QUIET; x++) {
        boolean above = light(code, x, y);
        boolean below = y + 1 < code.size + QUIET && light(code, x, y + 1);
        line.append(above ? below ? '█' : '▀' : below ? '▄' : ' ');
      }
      lines.add(line.append(colour ? "\u001b[0m" : "").toString());
    }
    return lines;
  }

  private static boolean light(QrCode code, int x, int y) {
    return !code.getModule(x, y);
  }
}
