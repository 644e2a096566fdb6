package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteWriter;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;

/// What both sides of a run have once the shares have crossed: keys for each direction, for each
/// confirmation, and one to export. Bound to everything both have sent and to the channel.
final class PairingKeys {

  private static final byte[] LABEL = Crypto.ascii("peerup-pair-v1");
  private static final int VERSION = 1;
  private static final int KEY_BYTES = 32;

  /// Who sends, confirms or signs.
  enum Side {
    /// The joiner, who opens the stream.
    A,
    /// The inviter.
    B
  }

  private final byte[] transcript;
  private final byte[] aToB;
  private final byte[] bToA;
  private final byte[] confirmA;
  private final byte[] confirmB;
  private final byte[] exporter;
  private long sealedByA;
  private long sealedByB;

  /// Derives the keys, and wipes the two secrets that nobody needs any more.
  ///
  /// @param prs the code's secret
  /// @param sid both nonces
  /// @param isk the session key of CPace
  /// @param kemSecret the secret of ML-KEM
  /// @param transcript of [#transcript]
  PairingKeys(byte[] prs, byte[] sid, byte[] isk, byte[] kemSecret, byte[] transcript) {
    this.transcript = transcript.clone();
    byte[] salt = Crypto.sha256("peerup-pair-v1 salt", Crypto.lv(prs, sid));
    byte[] prk = Crypto.hmac(salt, isk, kemSecret);
    this.aToB = key(prk, "a2b");
    this.bToA = key(prk, "b2a");
    this.confirmA = key(prk, "confirm-a");
    this.confirmB = key(prk, "confirm-b");
    this.exporter = key(prk, "exporter");
    for (byte[] secret : new byte[][] {prk, salt, isk, kemSecret}) {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /// What CPace binds beside the secret: `lv(label, kind, idA, idB, relay, protocol, binding)`.
  static byte[] channelIdentifier(int kind, PeerId joiner, PeerId inviter, PairingChannel channel) {
    return Crypto.lv(
        LABEL,
        new byte[] {(byte) kind},
        joiner.bytes(),
        inviter.bytes(),
        channel.relay().map(PeerId::bytes).orElse(new byte[0]),
        Crypto.ascii(channel.securityProtocol()),
        channel.binding());
  }

  /// SHA-256 over the bodies of the first four frames, each behind its length.
  static byte[] transcript(byte[] m1, byte[] m2, byte[] m3, byte[] m4) {
    return Crypto.sha256("", Crypto.lv(m1, m2, m3, m4));
  }

  /// The joiner's proof that it has the keys.
  byte[] confirmationOfA() {
    return Crypto.hmac(confirmA, transcript);
  }

  /// The inviter's proof that it has the keys and has seen the joiner's.
  byte[] confirmationOfB() {
    return Crypto.hmac(confirmB, transcript, confirmationOfA());
  }

  /// Whether this is what that side's confirmation must be. Takes as long whatever it is.
  boolean confirms(Side side, byte[] confirmation) {
    return MessageDigest.isEqual(
        confirmation, side == Side.A ? confirmationOfA() : confirmationOfB());
  }

  /// What that side's identity signs: a label and the transcript.
  byte[] signed(Side side) {
    String role = side == Side.A ? "a" : "b";
    return Crypto.concat(Crypto.ascii("peerup-pair-v1 identity " + role), transcript);
  }

  /// The next sealed frame of that side: version, type, ciphertext and tag.
  byte[] seal(Side from, int type, byte[] plain) {
    return new ByteWriter()
        .u8(VERSION)
        .u8(type)
        .bytes(Crypto.seal(keyOf(from), nextNonce(from), aad(type), plain))
        .toByteArray();
  }

  /// What is in the next frame of that side, or empty if it is not a frame of this type that the
  /// side sealed at this place.
  Optional<byte[]> open(Side from, int type, byte[] frame) {
    if (frame.length < 2 + Crypto.TAG_BYTES || frame[0] != VERSION || frame[1] != type) {
      return Optional.empty();
    }
    try {
      byte[] sealed = Arrays.copyOfRange(frame, 2, frame.length);
      return Optional.of(Crypto.open(keyOf(from), nextNonce(from), aad(type), sealed));
    } catch (InvalidCipherTextException e) {
      return Optional.empty();
    }
  }

  /// Key material for whatever both sides want to do next. A fresh copy: wipe it after use.
  byte[] exporter() {
    return exporter.clone();
  }

  void destroy() {
    for (byte[] key : new byte[][] {aToB, bToA, confirmA, confirmB, exporter}) {
      Arrays.fill(key, (byte) 0);
    }
  }

  private byte[] key(byte[] prk, String use) {
    byte[] info = Crypto.concat(Crypto.lv(LABEL, Crypto.ascii(use)), transcript);
    return Crypto.expand(prk, info, KEY_BYTES);
  }

  private byte[] keyOf(Side from) {
    return from == Side.A ? aToB : bToA;
  }

  private byte[] nextNonce(Side from) {
    return Crypto.countedNonce(from == Side.A ? sealedByA++ : sealedByB++);
  }

  private byte[] aad(int type) {
    byte[] aad = Arrays.copyOf(transcript, transcript.length + 1);
    aad[transcript.length] = (byte) type;
    return aad;
  }

  @Override
  public String toString() {
    return "PairingKeys[redacted]";
  }
}
