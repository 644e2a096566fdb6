package io.peerup.libp2p.noise;

import java.util.List;

/// A Noise handshake as data: its full protocol name and, for each message in turn (the initiator
/// writes the first), the tokens to process. A hybrid variant adds tokens and a constant here, and
/// their meaning in [HandshakeState].
record HandshakePattern(String protocolName, List<List<Token>> messages) {

  /// The tokens of Noise revision 34, section 7.1, that XX uses.
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
    SE
  }

  /// The one pattern of libp2p's `/noise` (noise/README.md).
  static final HandshakePattern XX =
      new HandshakePattern(
          "Noise_XX_25519_ChaChaPoly_SHA256",
          List.of(
              List.of(Token.E),
              List.of(Token.E, Token.EE, Token.S, Token.ES),
              List.of(Token.S, Token.SE)));

  HandshakePattern {
    messages = messages.stream().map(List::copyOf).toList();
  }
}
