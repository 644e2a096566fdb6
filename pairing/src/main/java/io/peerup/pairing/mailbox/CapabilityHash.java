package io.peerup.pairing.mailbox;

import io.peerup.libp2p.MalformedInput;
import java.util.HexFormat;

/// What a relay knows of a deposit capability: `SHA-256("peerup-deposit-cap-v1" ‖ capability)`. The
/// capability itself, 32 random bytes, is known to its maker and to whom it was given.
///
/// @param hex 64 lower-case digits, so that equality is by content
public record CapabilityHash(String hex) {

  private static final String LABEL = "peerup-deposit-cap-v1";

  public CapabilityHash {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new MalformedInput("not the hash of a capability");
    }
  }

  /// The hash of a capability of [Limits#CAPABILITY_BYTES].
  public static CapabilityHash of(byte[] capability) {
    if (capability.length != Limits.CAPABILITY_BYTES) {
      throw new MalformedInput("a capability has %d bytes".formatted(Limits.CAPABILITY_BYTES));
    }
    return ofBytes(Hashes.sha256(LABEL, capability));
  }

  /// The hash that these bytes are.
  public static CapabilityHash ofBytes(byte[] hash) {
    return new CapabilityHash(HexFormat.of().formatHex(hash));
  }

  /// A fresh copy.
  public byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  /// The first bytes only: enough to tell capabilities apart in a log.
  @Override
  public String toString() {
    return hex.substring(0, 8) + "…";
  }
}
