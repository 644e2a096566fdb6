package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// A piece of a line: white space, a word or `key=value` as written, or the comment. The texts of
/// all tokens of a line, one after the other, are the line.
///
/// @param kind what it is
/// @param text as written
record Token(Kind kind, String text) {

  enum Kind {
    SPACE,
    WORD,
    COMMENT
  }

  private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9-]{0,31}");
  private static final Pattern BARE = Pattern.compile("[^ \t\"#\\\\]+");

  /// Splits a line. Throws [MalformedInput] for a quote that does not close.
  static List<Token> split(String line) {
    List<Token> tokens = new ArrayList<>();
    int at = 0;
    while (at < line.length()) {
      char c = line.charAt(at);
      int end = at;
      if (isSpace(c)) {
        while (end < line.length() && isSpace(line.charAt(end))) {
          end++;
        }
        tokens.add(new Token(Kind.SPACE, line.substring(at, end)));
      } else if (c == '#') {
        end = line.length();
        tokens.add(new Token(Kind.COMMENT, line.substring(at)));
      } else {
        end = wordEnd(line, at);
        tokens.add(new Token(Kind.WORD, line.substring(at, end)));
      }
      at = end;
    }
    return tokens;
  }

  static boolean isKey(String text) {
    return KEY.matcher(text).matches();
  }

  static Token attribute(String key, String value) {
    return new Token(Kind.WORD, key + "=" + written(value));
  }

  /// The key of `key=value`. Throws [MalformedInput] if this is no attribute.
  String key() {
    int equals = text.indexOf('=');
    String key = equals < 0 ? text : text.substring(0, equals);
    if (equals < 0 || !isKey(key)) {
      throw new MalformedInput(
          "after the peer id come attributes of the form key=value, and a comment after #");
    }
    return key;
  }

  /// The value of `key=value`, without quotes. Throws [MalformedInput].
  String value() {
    String value = text.substring(text.indexOf('=') + 1);
    if (value.startsWith("\"")) {
      return unquoted(value);
    }
    if (!BARE.matcher(value).matches()) {
      throw new MalformedInput(
          "the value of \"%s\" is empty, or needs double quotes around it".formatted(key()));
    }
    return value;
  }

  private static int wordEnd(String line, int start) {
    boolean quoted = false;
    int at = start;
    while (at < line.length() && (quoted || !isSpace(line.charAt(at)))) {
      char c = line.charAt(at);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '\\' && quoted) {
        at++;
      }
      at++;
    }
    if (quoted || at > line.length()) {
      throw new MalformedInput("a double quote is not closed");
    }
    return at;
  }

  private static String unquoted(String value) {
    StringBuilder out = new StringBuilder();
    int last = value.length() - 1;
    for (int i = 1; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' && i == last) {
        return out.toString();
      }
      if (c == '"') {
        break;
      }
      if (c == '\\') {
        i++;
        if (i >= last || (value.charAt(i) != '"' && value.charAt(i) != '\\')) {
          break;
        }
        c = value.charAt(i);
      }
      out.append(c);
    }
    throw new MalformedInput(
        "a quoted value ends at its second quote; write \\\" and \\\\ for these characters");
  }

  private static String written(String value) {
    if (BARE.matcher(value).matches()) {
      return value;
    }
    return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
