package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A code to be read aloud: a number that the relay gave out, and four words,
/// `4711-cobra-reproduce-accrue-integrate`. The number finds the invite, the words are the secret
/// (32 bits). Secret; `toString` shows only the number.
public final class SpokenCode {

  static final int KIND = 1;
  static final int WORDS = 4;

  private static final Pattern SEPARATORS = Pattern.compile("[^\\p{L}\\p{N}]+");
  private static final Pattern NAMEPLATE = Pattern.compile("[1-9][0-9]{3,4}");

  private final String nameplate;
  private final byte[] values;

  private SpokenCode(String nameplate, byte[] values) {
    this.nameplate = nameplate;
    this.values = values;
  }

  /// A code with fresh words for a number that the relay gave out (1000…99999). Throws
  /// [MalformedInput] if it is no such number.
  public static SpokenCode generate(String nameplate, KeyRandom random) {
    checkNameplate(nameplate);
    return new SpokenCode(nameplate, random.bytes(WORDS));
  }

  /// Reads what somebody typed who was listening: case and what stands between the words do not
  /// matter. Throws [MalformedInput] with what to look at again.
  static SpokenCode parse(String text) {
    List<String> tokens = tokens(text);
    if (tokens.isEmpty()) {
      throw new MalformedInput("there is no code", "type the number and the four words");
    }
    checkNameplate(tokens.getFirst());
    List<String> words = tokens.subList(1, tokens.size());
    if (words.size() != WORDS) {
      throw new MalformedInput(
          "a spoken code has a number and %d words, this one has %d words"
              .formatted(WORDS, words.size()),
          "ask for the whole code again");
    }
    byte[] values = new byte[WORDS];
    for (int place = 0; place < WORDS; place++) {
      values[place] = (byte) valueAt(place, words.get(place));
    }
    return new SpokenCode(tokens.getFirst(), values);
  }

  static List<String> tokens(String text) {
    return Arrays.stream(SEPARATORS.split(text.toLowerCase(Locale.ROOT)))
        .filter(token -> !token.isEmpty())
        .toList();
  }

  /// What finds the invite at the relay; public.
  public String nameplate() {
    return nameplate;
  }

  /// What the protocol needs. Takes a while, see [PairingSecret#stretch].
  public PairingSecret secret() {
    return PairingSecret.stretch(KIND, Crypto.ascii(nameplate), Crypto.ascii(words()));
  }

  /// The code itself. Secret: for the person it is meant for.
  public String text() {
    return nameplate + "-" + words();
  }

  private String words() {
    List<String> words = new ArrayList<>();
    for (int place = 0; place < WORDS; place++) {
      words.add(WordList.word(place, values[place]));
    }
    return String.join("-", words);
  }

  private static void checkNameplate(String token) {
    if (token.startsWith("0")) {
      throw new MalformedInput(
          "the number begins with a 0, which numbers of codes never do", "type it again");
    }
    if (!NAMEPLATE.matcher(token).matches()) {
      throw new MalformedInput(
          "a spoken code begins with a number of 4 or 5 digits", "ask for the whole code again");
    }
  }

  private static int valueAt(int place, String word) {
    int value = WordList.value(place, word);
    if (value >= 0) {
      return value;
    }
    if (WordList.value(place + 1, word) >= 0) {
      throw new MalformedInput(
          "word %d is one that stands at other places only".formatted(place + 1),
          "perhaps two words are swapped, or one is missing");
    }
    List<String> near = WordList.suggestions(place, word);
    throw new MalformedInput(
        "word %d is none that codes use".formatted(place + 1),
        near.isEmpty() ? "listen to it again" : "did you mean " + String.join(", ", near) + "?");
  }

  @Override
  public String toString() {
    return "SpokenCode[" + nameplate + "]";
  }
}
