package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// A group pairing code: all that a fresh machine needs to join, in one line of Crockford base32.
///
/// Bytes: head ‖ token (10) ‖ group secret (15) ‖ relay pin (10) ‖ address ‖ \[namespace\] ‖ check
/// (3). An IPv4 relay on the default network makes 45 bytes, 72 symbols, 80 characters with dashes.
/// See `docs/protocols/group-pairing.md`. A code is a secret: `toString` does not show it.
public final class GroupCode {

  /// Length of the token in the code: 80 bits, which the relay lets nobody search.
  public static final int TOKEN_BYTES = 10;

  /// Length of the group secret in the code: 120 bits, because introductions let whoever has one
  /// test guesses at leisure.
  public static final int GROUP_SECRET_BYTES = 15;

  /// Length of the hash by which a code names the relay's peer id.
  public static final int RELAY_PIN_BYTES = 10;

  private static final int VERSION_BITS = 0x40;
  private static final int ADDRESS_TYPE_SHIFT = 1;
  private static final int CHECK_BYTES = 3;
  private static final int GROUP_SYMBOLS = 8;

  private final byte[] token;
  private final byte[] groupSecret;
  private final byte[] relayPin;
  private final RelayHost relay;
  private final String namespace;

  private GroupCode(
      byte[] token, byte[] groupSecret, byte[] relayPin, RelayHost relay, String namespace) {
    this.token = token;
    this.groupSecret = groupSecret;
    this.relayPin = relayPin;
    this.relay = relay;
    this.namespace = namespace;
  }

  /// Fresh codes of a fresh group.
  ///
  /// @param codes to be handed out, one to each device; secret
  /// @param spec what the relay gets instead
  public record NewGroup(List<GroupCode> codes, GroupSpec spec) {
    public NewGroup {
      codes = List.copyOf(codes);
    }
  }

  /// Makes a group with `count` (1…64) codes. `namespace` is the private network's name, empty for
  /// the default one. Throws [MalformedInput] if something cannot be put into a code.
  public static NewGroup generate(
      int count, PeerId relayId, RelayHost relay, String namespace, KeyRandom random) {
    if (!namespace.isEmpty()) {
      Names.checkNamespace(namespace);
    }
    byte[] groupSecret = random.bytes(GROUP_SECRET_BYTES);
    NewGroup made = make(count, groupSecret, pinOf(relayId), relay, namespace, random);
    Arrays.fill(groupSecret, (byte) 0);
    return made;
  }

  /// Makes `count` (1…64) fresh codes for the group of this one, whether this one was used or not:
  /// a new token each, everything else as here but for the relay's address, which may have changed.
  public NewGroup reissue(int count, RelayHost relay, KeyRandom random) {
    return make(count, groupSecret, relayPin, relay, namespace, random);
  }

  private static NewGroup make(
      int count,
      byte[] groupSecret,
      byte[] pin,
      RelayHost relay,
      String namespace,
      KeyRandom random) {
    if (count < 1 || count > Limits.MEMBERS_MAX) {
      throw new MalformedInput(
          "a group has 1 to %d codes, not %d".formatted(Limits.MEMBERS_MAX, count),
          "make several groups for more devices");
    }
    List<GroupCode> codes = new ArrayList<>();
    List<byte[]> hashes = new ArrayList<>();
    byte[] selector = new byte[0];
    for (int i = 0; i < count; i++) {
      GroupCode code =
          new GroupCode(random.bytes(TOKEN_BYTES), groupSecret.clone(), pin, relay, namespace);
      GroupSecrets secrets = code.secrets();
      selector = secrets.selector();
      hashes.add(secrets.tokenHash());
      secrets.destroy();
      codes.add(code);
    }
    return new NewGroup(codes, new GroupSpec(selector, hashes));
  }

  /// The short public name of the code's group, as the relay's owner sees it.
  public String groupId() {
    GroupSecrets secrets = secrets();
    String id = secrets.groupKey().groupId();
    secrets.destroy();
    return id;
  }

  /// Reads a code as people type and paste it: case, dashes and white space do not matter, O counts
  /// as 0, I and L as 1. Throws [MalformedInput] with the exact reason; never echoes the code.
  public static GroupCode parse(String text) {
    if (text.length() > Limits.CODE_CHARS_MAX) {
      throw new MalformedInput("this is far too long to be a code", "paste the code alone");
    }
    byte[] symbols = Crockford.read(text);
    if (symbols.length == 0) {
      throw new MalformedInput("there is no code", "paste the code as the relay's owner sent it");
    }
    byte[] bytes = Crockford.bytes(symbols);
    checkHead(symbols, bytes);
    checkLength(symbols.length, GroupCodeLength.of(bytes));
    byte[] body = Arrays.copyOf(bytes, bytes.length - CHECK_BYTES);
    byte[] check = Arrays.copyOfRange(bytes, body.length, bytes.length);
    if (Crockford.leftover(symbols) != 0 || !MessageDigest.isEqual(check, checkOf(body))) {
      throw new MalformedInput(
          "the code is mistyped: its check failed", "compare it with the original, or paste it");
    }
    return decode(body);
  }

  /// The token and group key for the protocol.
  public GroupSecrets secrets() {
    return GroupSecrets.derive(token, groupSecret);
  }

  /// Where to dial.
  public RelayHost relay() {
    return relay;
  }

  /// True if this is the relay that the code means. Use it as the dial's expectation: `code::pins`.
  public boolean pins(PeerId relayId) {
    return MessageDigest.isEqual(relayPin, pinOf(relayId));
  }

  /// The private network's name, or empty for the default network.
  public Optional<String> namespace() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  /// The code itself, dashes after every eight symbols. Secret: for the person it is meant for.
  public String text() {
    byte[] body = body();
    byte[] all = new ByteWriter().bytes(body).bytes(checkOf(body)).toByteArray();
    String symbols = Crockford.encode(all);
    StringBuilder out = new StringBuilder(symbols.length() * 9 / 8 + 1);
    for (int i = 0; i < symbols.length(); i += GROUP_SYMBOLS) {
      out.append(i == 0 ? "" : "-");
      out.append(symbols, i, Math.min(symbols.length(), i + GROUP_SYMBOLS));
    }
    return out.toString();
  }

  private byte[] body() {
    int head = VERSION_BITS | relay.type() << ADDRESS_TYPE_SHIFT | (namespace.isEmpty() ? 0 : 1);
    ByteWriter out =
        new ByteWriter()
            .u8(head)
            .bytes(token)
            .bytes(groupSecret)
            .bytes(relayPin)
            .bytes(relay.encode());
    if (!namespace.isEmpty()) {
      out.lengthPrefixed(namespace.getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }

  private static GroupCode decode(byte[] body) {
    try {
      ByteReader in = new ByteReader(body);
      int head = in.u8();
      byte[] token = in.bytes(TOKEN_BYTES);
      byte[] groupSecret = in.bytes(GROUP_SECRET_BYTES);
      byte[] pin = in.bytes(RELAY_PIN_BYTES);
      RelayHost relay = RelayHost.decode(head >> ADDRESS_TYPE_SHIFT & 3, in);
      String namespace = "";
      if ((head & 1) != 0) {
        byte[] label = in.lengthPrefixed(Limits.NAMESPACE_CHARS_MAX);
        namespace = Names.checkNamespace(new String(label, StandardCharsets.ISO_8859_1));
      }
      in.expectEnd();
      return new GroupCode(token, groupSecret, pin, relay, namespace);
    } catch (MalformedInput e) {
      // The check was right, so this is not a slip of the keyboard.
      throw new MalformedInput(
          "the code was made wrongly: " + e.getMessage(), "ask for a new code", e);
    }
  }

  private static void checkHead(byte[] symbols, byte[] bytes) {
    // The first symbol holds the version and two bits that are zero in version 1.
    if (symbols[0] != VERSION_BITS >> 3) {
      throw new MalformedInput(
          "this is not a group code, or its first character is mistyped: group codes begin with"
              + " an 8");
    }
    if (bytes.length > 0 && (bytes[0] >> ADDRESS_TYPE_SHIFT & 3) == 3) {
      throw new MalformedInput(
          "the code is mistyped in its second character, or was made by a newer version");
    }
  }

  private static void checkLength(int symbols, GroupCodeLength expected) {
    int wanted = Crockford.symbols(expected.bytes());
    String least = expected.exact() ? "" : "at least ";
    if (symbols < wanted) {
      throw new MalformedInput(
          "the code is %s%s short".formatted(least, characters(wanted - symbols)),
          "copy all of it, from the leading 8 to the last character");
    }
    if (symbols > wanted) {
      throw new MalformedInput(
          "the code is %s too long".formatted(characters(symbols - wanted)),
          "copy it once, and nothing before or behind it");
    }
  }

  private static String characters(int count) {
    return count == 1 ? "1 character" : count + " characters";
  }

  private static byte[] checkOf(byte[] body) {
    return Arrays.copyOf(Crypto.sha256("peerup-group-v1", body), CHECK_BYTES);
  }

  private static byte[] pinOf(PeerId relayId) {
    return Arrays.copyOf(Crypto.sha256("peerup-relay-pin-v1", relayId.bytes()), RELAY_PIN_BYTES);
  }

  /// Names the relay and says nothing secret.
  @Override
  public String toString() {
    return "GroupCode[relay=%s, pin=%s]"
        .formatted(relay.multiaddr(), HexFormat.of().formatHex(relayPin));
  }
}
