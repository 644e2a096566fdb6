package io.peerup.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A Markdown document with measured sections between `<!-- NAME -->` and `<!-- end NAME -->`; the
/// prose around them stays.
interface Document {

  /// Replaces one section.
  void section(String name, String text) throws IOException;

  static Document file(Path file) {
    return (name, text) -> {
      String begin = "<!-- " + name + " -->\n";
      String end = "<!-- end " + name + " -->";
      String all = Files.readString(file);
      int from = all.indexOf(begin);
      int to = all.indexOf(end);
      if (from < 0 || to < from) {
        throw new IOException(file + " has no section " + name);
      }
      Files.writeString(file, all.substring(0, from) + begin + text + all.substring(to));
    };
  }

  /// Shows the sections instead of writing them.
  static Document print() {
    return (name, text) -> System.out.println("\n" + name + "\n" + text);
  }

  static Document none() {
    return (name, text) -> {};
  }
}
