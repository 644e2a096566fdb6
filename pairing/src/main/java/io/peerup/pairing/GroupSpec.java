package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// What a relay learns about the codes of a group: the selector and a hash of each token. No code
/// and no key can be made from it.
public final class GroupSpec {

  private final byte[] selector;
  private final List<byte[]> tokenHashes;

  /// A selector of 8 bytes and 1…64 different hashes of 32 bytes. Throws [MalformedInput].
  public GroupSpec(byte[] selector, List<byte[]> tokenHashes) {
    if (selector.length != GroupSecrets.SELECTOR_BYTES) {
      throw new MalformedInput("a selector has 8 bytes, not " + selector.length);
    }
    if (tokenHashes.isEmpty() || tokenHashes.size() > Limits.MEMBERS_MAX) {
      throw new MalformedInput(
          "a group has 1 to %d codes, not %d".formatted(Limits.MEMBERS_MAX, tokenHashes.size()));
    }
    if (tokenHashes.stream().anyMatch(h -> h.length != GroupSecrets.TOKEN_HASH_BYTES)) {
      throw new MalformedInput("a token hash has 32 bytes");
    }
    if (tokenHashes.stream().map(Arrays::toString).distinct().count() != tokenHashes.size()) {
      throw new MalformedInput("two codes of a group have the same hash");
    }
    this.selector = selector.clone();
    this.tokenHashes = tokenHashes.stream().map(byte[]::clone).toList();
  }

  /// From hexadecimal text, as it travels over the admin socket. Throws [MalformedInput].
  public static GroupSpec ofHex(String selector, List<String> tokenHashes) {
    return new GroupSpec(bytes(selector), tokenHashes.stream().map(GroupSpec::bytes).toList());
  }

  /// One token hash from hexadecimal text. Throws [MalformedInput].
  public static byte[] hashOfHex(String tokenHash) {
    return bytes(tokenHash);
  }

  private static byte[] bytes(String hex) {
    try {
      return HexFormat.of().parseHex(hex);
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("a selector or token hash is not hexadecimal", e);
    }
  }

  public byte[] selector() {
    return selector.clone();
  }

  public List<byte[]> tokenHashes() {
    return tokenHashes.stream().map(byte[]::clone).toList();
  }

  public String selectorHex() {
    return HexFormat.of().formatHex(selector);
  }

  public List<String> tokenHashesHex() {
    return tokenHashes.stream().map(HexFormat.of()::formatHex).toList();
  }

  /// The group's short public name.
  public String groupId() {
    return GroupKey.groupId(selector);
  }
}
