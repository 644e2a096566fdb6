package io.peerup.testkit;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Published test vectors, read from the directory in the system property `peerup.vectors`. Where
/// the directory is missing the calling test is skipped with a message, except under `CI=true`:
/// there it fails, so that vectors never go missing unseen.
public final class Vectors {

  private static final Pattern HEX = Pattern.compile("([0-9a-f]{2})+");

  private Vectors() {}

  /// The JSON object in this file of the vectors directory, e.g. `libp2p/peer_ids.json`.
  public static JsonObject json(String relativePath) {
    return JsonParser.parseString(text(relativePath)).getAsJsonObject();
  }

  /// The text of this file of the vectors directory.
  public static String text(String relativePath) {
    Path file = directory().resolve(relativePath);
    if (!Files.isRegularFile(file)) {
      Needs.missing("no test vectors at " + file + ": set -Dpeerup.vectors to their directory");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the vectors in " + file, e);
    }
  }

  /// Seeds for a fuzz target: what is written in hex digits under one of these keys, at any depth
  /// of this file. None where the directory is missing: then the target begins with its other
  /// seeds.
  public static Stream<byte[]> seeds(String relativePath, String... keys) {
    return texts(relativePath, keys)
        .filter(text -> HEX.matcher(text).matches())
        .map(HexFormat.of()::parseHex);
  }

  /// As [#seeds], all texts as they are.
  public static Stream<String> texts(String relativePath, String... keys) {
    List<String> found = new ArrayList<>();
    if (areHere()) {
      collect(json(relativePath), Set.of(keys), false, found);
    }
    return found.stream();
  }

  /// Whether there are any; under `CI=true` there must be.
  public static boolean areHere() {
    return Needs.isComplete() || Files.isDirectory(directory());
  }

  private static void collect(
      JsonElement element, Set<String> keys, boolean wanted, List<String> found) {
    switch (element) {
      case JsonObject object ->
          object
              .asMap()
              .forEach((key, value) -> collect(value, keys, wanted || keys.contains(key), found));
      case JsonArray array -> array.forEach(each -> collect(each, keys, wanted, found));
      case JsonPrimitive text when wanted && text.isString() -> found.add(text.getAsString());
      default -> {}
    }
  }

  private static Path directory() {
    return Path.of(System.getProperty("peerup.vectors", "vectors"));
  }
}
