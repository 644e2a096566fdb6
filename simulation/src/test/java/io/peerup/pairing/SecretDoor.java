package io.peerup.pairing;

/// Lets the simulation make the secret of a code without stretching it, which takes a third of a
/// second for each world.
public final class SecretDoor {

  private SecretDoor() {}

  public static PairingSecret secret(int kind, byte[] selector, byte[] prs) {
    return new PairingSecret(kind, selector, prs);
  }
}
