package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;
import java.util.HexFormat;

/// A group's key together with its selector: what a member needs to make and to check
/// introductions. Secret; `toString` shows only the group id.
public final class GroupKey {

  /// Length of a group key in bytes.
  public static final int KEY_BYTES = 16;

  private static final int GROUP_ID_BYTES = 4;

  private final byte[] selector;
  private final byte[] key;
  private final byte[] macKey;
  private final byte[] nameKey;

  private GroupKey(byte[] selector, byte[] key) {
    this.selector = selector;
    this.key = key;
    byte[] prk = Crypto.hmac(Crypto.ascii("peerup-intro-v1"), key);
    this.macKey = Crypto.expand(prk, info("mac", selector), 32);
    this.nameKey = Crypto.expand(prk, info("name", selector), 32);
    Arrays.fill(prk, (byte) 0);
  }

  /// A key of 16 bytes and its selector of 8. Throws [MalformedInput] at other lengths.
  public static GroupKey of(byte[] selector, byte[] key) {
    if (selector.length != GroupSecrets.SELECTOR_BYTES || key.length != KEY_BYTES) {
      throw new MalformedInput(
          "a group has a selector of %d and a key of %d bytes, not %d and %d"
              .formatted(GroupSecrets.SELECTOR_BYTES, KEY_BYTES, selector.length, key.length));
    }
    return new GroupKey(selector.clone(), key.clone());
  }

  /// The short public name of the group with this selector, as lists and files show it: 8 hex
  /// digits of a hash, so that a list does not reveal the selector.
  public static String groupId(byte[] selector) {
    return HexFormat.of()
        .formatHex(Crypto.sha256("peerup-group-id-v1", selector), 0, GROUP_ID_BYTES);
  }

  /// The group's short public name.
  public String groupId() {
    return groupId(selector);
  }

  /// A fresh copy.
  public byte[] selector() {
    return selector.clone();
  }

  /// The secret itself, for a state file of mode 0600. A fresh copy: wipe it after use.
  public byte[] key() {
    return key.clone();
  }

  byte[] mac(byte[] body, byte[] signature) {
    return Crypto.hmac(macKey, body, signature);
  }

  byte[] nameKey() {
    return nameKey;
  }

  byte[] macKey() {
    return macKey;
  }

  /// Overwrites the keys.
  public void destroy() {
    Arrays.fill(key, (byte) 0);
    Arrays.fill(macKey, (byte) 0);
    Arrays.fill(nameKey, (byte) 0);
  }

  private static byte[] info(String use, byte[] selector) {
    return new ByteWriter()
        .lengthPrefixed(Crypto.ascii(use))
        .lengthPrefixed(selector)
        .toByteArray();
  }

  @Override
  public String toString() {
    return "GroupKey[group=" + groupId() + "]";
  }
}
