package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;

/// Guesses at codes, as somebody makes them who knows the public part.
public final class Guesses {

  private Guesses() {}

  /// The same invite, another secret.
  public static PairingSecret at(PairingSecret code) {
    return new PairingSecret(
        code.kind(), code.selector(), KeyRandom.secure().bytes(PairingSecret.PRS_BYTES));
  }
}
