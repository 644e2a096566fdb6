package io.peerup.libp2p.noise;

import java.util.List;

/// A Noise handshake as data: its full protocol name and, for each message in turn (the initiator
/// writes the first), the tokens to process. What they mean is in [HandshakeState].
record HandshakePattern(String protocolName, List<List<Token>> messages) {

  /// The tokens of Noise revision 34, section 7.1, that XX uses, and those of its extension for
  /// hybrid forward secrecy.
  enum Token {
    /// A fresh ephemeral public key, in the clear.
    E,
    /// The sender's static public key, encrypted once there is a key.
    S,
    /// Diffie–Hellman of both ephemeral keys.
    EE,
    /// Initiator's ephemeral with responder's static key.
    ES,
    /// Initiator's static with responder's ephemeral key.
    SE,
    /// A fresh key of a key encapsulation, encrypted once there is a key.
    E1,
    /// A ciphertext for the remote side's such key, encrypted; then its secret is mixed in.
    EKEM1
  }

  /// The one pattern of libp2p's `/noise` (noise/README.md).
  static final HandshakePattern XX =
      new HandshakePattern(
          "Noise_XX_25519_ChaChaPoly_SHA256",
          List.of(
              List.of(Token.E),
              List.of(Token.E, Token.EE, Token.S, Token.ES),
              List.of(Token.S, Token.SE)));

  /// XX with ML-KEM-768 beside the first Diffie-Hellman (libp2p/specs #727). "In ekem1 the
  /// ciphertext is encrypted and hashed first, then the secret is mixed": the other order gives
  /// other keys.
  static final HandshakePattern XX_HFS =
      new HandshakePattern(
          "Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256",
          List.of(
              List.of(Token.E, Token.E1),
              List.of(Token.E, Token.EE, Token.EKEM1, Token.S, Token.ES),
              List.of(Token.S, Token.SE)));

  HandshakePattern {
    messages = messages.stream().map(List::copyOf).toList();
  }
}
