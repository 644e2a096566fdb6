package io.peerup.trust;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.SafeText;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One line of `authorized_keys`: its bytes, and what they mean. Immutable; a line that nobody
/// changes is written back byte for byte.
final class KeyLine {

  private final byte[] raw;
  private final List<Token> tokens;
  private final @Nullable AuthorizedPeer peer;
  private final @Nullable String problem;
  private final Optional<PeerId> names;

  private KeyLine(
      byte[] raw, List<Token> tokens, @Nullable AuthorizedPeer peer, @Nullable String problem) {
    this.raw = raw;
    this.tokens = tokens;
    this.peer = peer;
    this.problem = problem;
    this.names =
        problem == null ? Optional.ofNullable(peer).map(AuthorizedPeer::peer) : firstWord(raw);
  }

  /// Reads a line without its line end. Never throws: a line that does not fit the grammar has a
  /// [#problem].
  static KeyLine read(byte[] raw) {
    List<Token> tokens = List.of();
    try {
      String text = decode(raw);
      refuseUnprintable(text);
      tokens = Token.split(text);
      return new KeyLine(raw, tokens, peerOf(tokens), null);
    } catch (MalformedInput e) {
      String message = e.getMessage();
      return new KeyLine(raw, tokens, null, message == null ? "malformed" : message);
    }
  }

  /// A new line for a peer.
  static KeyLine of(AuthorizedPeer peer) {
    List<Token> tokens = new ArrayList<>();
    tokens.add(new Token(Token.Kind.WORD, peer.peer().toString()));
    attributes(peer)
        .forEach((key, value) -> {
          if (value.isPresent()) {
            tokens.add(new Token(Token.Kind.SPACE, " "));
            tokens.add(Token.attribute(key, value.get()));
          }
        });
    if (!peer.comment().isEmpty()) {
      tokens.add(new Token(Token.Kind.SPACE, "  "));
      tokens.add(new Token(Token.Kind.COMMENT, "# " + peer.comment()));
    }
    return written(tokens, peer);
  }

  /// This line with the peer's attributes changed to those given: what stays the same, unknown
  /// attributes, spacing and the comment keep their bytes.
  KeyLine changedTo(AuthorizedPeer changed) {
    if (changed.equals(peer)) {
      return this;
    }
    List<Token> out = new ArrayList<>(tokens);
    attributes(changed).forEach((key, value) -> set(out, key, value));
    return written(out, changed);
  }

  /// The line without its end. Not a copy.
  byte[] raw() {
    return raw;
  }

  /// The peer that this line authorises, or empty for comments, blanks and disabled lines.
  Optional<AuthorizedPeer> peer() {
    return Optional.ofNullable(peer);
  }

  /// The peer at the start of this line, in force or not, or empty if there is none.
  Optional<PeerId> names() {
    return names;
  }

  /// Why the line is disabled, or empty.
  Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /// The same bytes, without effect.
  KeyLine disabled(String why) {
    return new KeyLine(raw, tokens, null, why);
  }

  /// The text for people, whatever the bytes are; still to be made safe for a terminal.
  String text() {
    return new String(raw, StandardCharsets.UTF_8);
  }

  /// Reads back what is about to be written, so that no value can ever pass for another one.
  private static KeyLine written(List<Token> tokens, AuthorizedPeer wanted) {
    StringBuilder line = new StringBuilder();
    tokens.forEach(t -> line.append(t.text()));
    KeyLine read = read(line.toString().getBytes(StandardCharsets.UTF_8));
    if (read.peer == null) {
      throw new MalformedInput("the line would not be valid: " + read.problem);
    }
    Map<String, Optional<String>> got = attributes(read.peer);
    attributes(wanted)
        .forEach((key, value) -> {
          if (!value.equals(got.get(key))) {
            throw new MalformedInput("the line would not say what it should");
          }
        });
    return read;
  }

  /// Every attribute with a meaning, and the unknown ones, in the order in which we write them.
  private static Map<String, Optional<String>> attributes(AuthorizedPeer peer) {
    Map<String, Optional<String>> out = new LinkedHashMap<>();
    out.put("name", peer.givenName());
    out.put("expires", peer.expires().map(Object::toString));
    out.put("tier-expires", peer.tierExpires().map(Object::toString));
    out.put("verified", peer.verified());
    out.put("group", peer.group());
    out.put("tier", Optional.of(KeyValues.text(peer.givenTiers())).filter(t -> !t.isEmpty()));
    peer.other().forEach((key, value) -> out.put(key, Optional.of(value)));
    return out;
  }

  private static void set(List<Token> tokens, String key, Optional<String> value) {
    int at = indexOf(tokens, key);
    if (at >= 0 && value.isPresent()) {
      if (!meansTheSame(key, tokens.get(at).value(), value.get())) {
        tokens.set(at, Token.attribute(key, value.get()));
      }
    } else if (at >= 0) {
      tokens.remove(at);
      // The space before it goes too, so that removing and adding does not widen the line.
      tokens.remove(at - 1);
    } else if (value.isPresent()) {
      int behind = lastWord(tokens) + 1;
      tokens.add(behind, Token.attribute(key, value.get()));
      tokens.add(behind, new Token(Token.Kind.SPACE, " "));
    }
  }

  /// A time and tiers may be written in several ways: the user's stays if it means the same.
  private static boolean meansTheSame(String key, String written, String wanted) {
    return switch (key) {
      case "expires", "tier-expires" ->
          KeyValues.time(key, written).equals(KeyValues.time(key, wanted));
      case "tier" -> KeyValues.tiers(written).equals(KeyValues.tiers(wanted));
      default -> written.equals(wanted);
    };
  }

  private static int indexOf(List<Token> tokens, String key) {
    boolean first = true;
    for (int i = 0; i < tokens.size(); i++) {
      if (tokens.get(i).kind() == Token.Kind.WORD) {
        if (!first && tokens.get(i).key().equals(key)) {
          return i;
        }
        first = false;
      }
    }
    return -1;
  }

  private static int lastWord(List<Token> tokens) {
    int last = -1;
    for (int i = 0; i < tokens.size(); i++) {
      last = tokens.get(i).kind() == Token.Kind.WORD ? i : last;
    }
    return last;
  }

  private static @Nullable AuthorizedPeer peerOf(List<Token> tokens) {
    List<Token> words = tokens.stream().filter(t -> t.kind() == Token.Kind.WORD).toList();
    if (words.isEmpty()) {
      return null;
    }
    PeerId id;
    try {
      id = PeerId.parse(words.getFirst().text());
    } catch (MalformedInput e) {
      throw new MalformedInput("no valid peer id: " + e.getMessage(), e);
    }
    Map<String, String> values = new LinkedHashMap<>();
    for (Token word : words.subList(1, words.size())) {
      if (values.put(word.key(), word.value()) != null) {
        throw new MalformedInput("the attribute \"%s\" is there twice".formatted(word.key()));
      }
    }
    if (values.size() > Limits.ATTRIBUTES_MAX) {
      throw new MalformedInput("more than %d attributes".formatted(Limits.ATTRIBUTES_MAX));
    }
    String comment =
        tokens.getLast().kind() == Token.Kind.COMMENT
            ? tokens.getLast().text().substring(1).strip()
            : "";
    return KeyValues.peer(id, values, comment);
  }

  private static Optional<PeerId> firstWord(byte[] raw) {
    String line = new String(raw, StandardCharsets.UTF_8).stripLeading();
    int end = 0;
    while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != '\t') {
      end++;
    }
    try {
      return Optional.of(PeerId.parse(line.substring(0, end)));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }

  private static String decode(byte[] raw) {
    if (raw.length > Limits.LINE_BYTES_MAX) {
      throw new MalformedInput("longer than %d bytes".formatted(Limits.LINE_BYTES_MAX));
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedInput("not valid UTF-8", e);
    }
  }

  /// What a terminal or an eye would read otherwise than this parser does has no place in the file,
  /// comments included.
  private static void refuseUnprintable(String text) {
    text.codePoints()
        .filter(c -> c != '\t' && !SafeText.isPrintable(c))
        .findFirst()
        .ifPresent(c -> {
          throw new MalformedInput(
              "contains the character U+%04X, which is not allowed".formatted(c));
        });
  }
}
