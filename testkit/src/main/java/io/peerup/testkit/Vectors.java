package io.peerup.testkit;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Published test vectors, read from the directory in the system property `peerup.vectors`. Where
/// the directory is missing the calling test is skipped with a message, except under `CI=true`:
/// there it fails, so that vectors never go missing unseen.
public final class Vectors {

  private Vectors() {}

  /// The JSON object in this file of the vectors directory, e.g. `libp2p/peer_ids.json`.
  public static JsonObject json(String relativePath) {
    return JsonParser.parseString(text(relativePath)).getAsJsonObject();
  }

  /// The text of this file of the vectors directory.
  public static String text(String relativePath) {
    Path file = Path.of(System.getProperty("peerup.vectors", "vectors")).resolve(relativePath);
    if (!Files.isRegularFile(file)) {
      Needs.missing("no test vectors at " + file + ": set -Dpeerup.vectors to their directory");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the vectors in " + file, e);
    }
  }
}
