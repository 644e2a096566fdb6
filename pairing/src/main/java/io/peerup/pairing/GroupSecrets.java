package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import java.util.Arrays;

/// What a code is good for: the group's public selector, this code's token, and the key that only
/// the group's members have. Secret; `toString` shows none of it, [#destroy] wipes it.
public final class GroupSecrets {

  /// Length of a selector in bytes.
  public static final int SELECTOR_BYTES = 8;

  /// Length of a token in bytes.
  public static final int TOKEN_BYTES = 16;

  /// Length of a token's hash in bytes.
  public static final int TOKEN_HASH_BYTES = 32;

  private final byte[] token;
  private final GroupKey groupKey;

  private GroupSecrets(byte[] token, GroupKey groupKey) {
    this.token = token;
    this.groupKey = groupKey;
  }

  /// Secrets of given parts: 8, 16 and 16 bytes. Throws [MalformedInput] at other lengths.
  public static GroupSecrets of(byte[] selector, byte[] token, byte[] groupKey) {
    if (token.length != TOKEN_BYTES) {
      throw new MalformedInput("a token has " + TOKEN_BYTES + " bytes, not " + token.length);
    }
    return new GroupSecrets(token.clone(), GroupKey.of(selector, groupKey));
  }

  /// Stretches the short secrets of a code into the parts that the protocol uses. The label of the
  /// group secret and that of the token differ, so neither says anything about the other.
  static GroupSecrets derive(byte[] shortToken, byte[] groupSecret) {
    byte[] tokenPrk = Crypto.hmac(Crypto.ascii("peerup-group-token-v1"), shortToken);
    byte[] groupPrk = Crypto.hmac(Crypto.ascii("peerup-group-secret-v1"), groupSecret);
    byte[] selector = Crypto.expand(groupPrk, Crypto.ascii("selector"), SELECTOR_BYTES);
    byte[] key = Crypto.expand(groupPrk, Crypto.ascii("key"), GroupKey.KEY_BYTES);
    byte[] token = Crypto.expand(tokenPrk, new byte[0], TOKEN_BYTES);
    Arrays.fill(tokenPrk, (byte) 0);
    Arrays.fill(groupPrk, (byte) 0);
    GroupSecrets secrets = new GroupSecrets(token, GroupKey.of(selector, key));
    Arrays.fill(key, (byte) 0);
    return secrets;
  }

  /// Which group: public, the relay knows it. A fresh copy.
  public byte[] selector() {
    return groupKey.selector();
  }

  /// What admits one member. A fresh copy.
  public byte[] token() {
    return token.clone();
  }

  /// What members sign introductions with, and the relay never has.
  public GroupKey groupKey() {
    return groupKey;
  }

  /// What the relay keeps instead of the token: SHA-256 over a label, the selector and the token.
  public byte[] tokenHash() {
    return tokenHash(selector(), token);
  }

  static byte[] tokenHash(byte[] selector, byte[] token) {
    return Crypto.sha256("peerup-pair-token-v1", selector, token);
  }

  /// Overwrites the token and the group key.
  public void destroy() {
    Arrays.fill(token, (byte) 0);
    groupKey.destroy();
  }

  @Override
  public String toString() {
    return "GroupSecrets[group=" + groupKey.groupId() + "]";
  }
}
