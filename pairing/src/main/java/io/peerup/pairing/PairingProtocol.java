package io.peerup.pairing;

/// The pairing of two devices with a short code.
public final class PairingProtocol {

  /// The joiner opens it towards the inviter.
  public static final String ID = "/peerup/pair/1";

  static final byte[] DONE_TEXT = Crypto.ascii("done");

  private PairingProtocol() {}
}
