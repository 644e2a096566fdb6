package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import java.util.List;
import java.util.Optional;

/// Whatever somebody can be given to join: every kind of code and link, told apart by its form.
public sealed interface PairingCode {

  /// Where a relay listens if a code does not say it.
  int RELAY_PORT = 7777;

  /// Words that were read aloud.
  ///
  /// @param relay the relay that knows the code, if it was written behind it
  record Spoken(SpokenCode code, Optional<RelayHost> relay) implements PairingCode {}

  /// Sixteen symbols.
  ///
  /// @param relay the relay that knows the code, if it was written behind it
  record Typed(TypedCode code, Optional<RelayHost> relay) implements PairingCode {}

  /// A code that says everything.
  record Full(FullCode code) implements PairingCode {}

  /// A code of a relay's group.
  record Group(GroupCode code) implements PairingCode {}

  /// An invite link; the inviter may be offline.
  record Link(InviteUrl link) implements PairingCode {}

  /// Reads any of them, as people type, paste and forward them. Throws [MalformedInput] with the
  /// exact reason and what to do; never repeats the code. Nothing is sent anywhere.
  static PairingCode parse(String text) {
    if (text.length() > Limits.PASTED_CHARS_MAX) {
      throw new MalformedInput("this is far too long to be a code", "paste the code alone");
    }
    String cleaned = Pasted.clean(text);
    if (Pasted.has(FullCode.SCHEME, cleaned)) {
      return new Full(FullCode.parse(cleaned));
    }
    if (Pasted.has(InviteUrl.SCHEME, cleaned) || Pasted.isWebLink(cleaned)) {
      return new Link(InviteUrl.parse(text));
    }
    if (Pasted.has(SafetyNumber.SCHEME, cleaned)) {
      throw new MalformedInput(
          "this is for verifying a peer that you have, not for joining", "see: peerup verify");
    }
    if (Pasted.has("peerup:", cleaned)) {
      throw new MalformedInput(
          "this link is damaged, or was made by a newer version of this program",
          "paste all of it");
    }
    return parseShort(text);
  }

  private static PairingCode parseShort(String text) {
    int at = text.indexOf('@');
    String code = at < 0 ? text : text.substring(0, at);
    Optional<RelayHost> relay =
        at < 0
            ? Optional.empty()
            : Optional.of(RelayHost.parse(text.substring(at + 1).strip(), RELAY_PORT));
    if (TypedCode.matches(code)) {
      return new Typed(TypedCode.parse(code), relay);
    }
    List<String> tokens = SpokenCode.tokens(code);
    if (tokens.isEmpty()) {
      throw new MalformedInput("there is no code", "type or paste the code as you were given it");
    }
    if (looksSpoken(tokens)) {
      return new Spoken(SpokenCode.parse(code), relay);
    }
    if (looksLikeGroup(tokens)) {
      if (relay.isPresent()) {
        throw new MalformedInput(
            "a group code names its relay itself", "leave out the @ and what follows it");
      }
      return new Group(GroupCode.parse(code));
    }
    return new Typed(TypedCode.parse(code), relay);
  }

  /// A number, and then letters only; but not four groups of four, which somebody mistyped.
  private static boolean looksSpoken(List<String> tokens) {
    boolean words = tokens.stream().skip(1).allMatch(t -> t.chars().noneMatch(Character::isDigit));
    boolean number =
        tokens.getFirst().length() <= 6
            && tokens.getFirst().chars().allMatch(c -> c >= '0' && c <= '9');
    boolean groupsOfFour = tokens.size() == 4 && tokens.stream().allMatch(t -> t.length() == 4);
    return tokens.size() > 1 && words && number && !groupsOfFour;
  }

  /// Group codes begin with an 8 and are far longer than typed ones.
  private static boolean looksLikeGroup(List<String> tokens) {
    int length = tokens.stream().mapToInt(String::length).sum();
    return tokens.getFirst().startsWith("8") && length > TypedCode.SYMBOLS + 4;
  }
}
