package io.peerup.libp2p;

import java.security.SecureRandom;

/// Where key material comes from; apart from any other chance, so that a test can fix keys without
/// fixing the rest. Thread-safe.
@FunctionalInterface
public interface KeyRandom {

  /// Fills the array with key-grade random bytes.
  void fill(byte[] target);

  /// As many fresh random bytes.
  default byte[] bytes(int count) {
    byte[] out = new byte[count];
    fill(out);
    return out;
  }

  /// The platform's generator.
  static KeyRandom secure() {
    SecureRandom random = new SecureRandom();
    return random::nextBytes;
  }
}
