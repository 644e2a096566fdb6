package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.crypto.MlKem768;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;

/// The frames of a pairing run, each the body of one frame of the stream. The first four are here;
/// what is in the other three only [PairingKeys] can see. Lengths are exact: decoders throw
/// [MalformedInput] at anything missing, too long or left over.
final class PakeMessages {

  static final int NONCE_BYTES = 32;
  static final int HELLO_A = 1;
  static final int HELLO_B = 2;
  static final int SHARE_A = 3;
  static final int SHARE_B = 4;
  static final int PROOF_A = 5;
  static final int PROOF_B = 6;
  static final int DONE = 7;

  private static final int VERSION = 1;
  private static final int PEER_ID_BYTES_MAX = 64;

  private PakeMessages() {}

  /// `01 01 kind lv(selector) nonce[32] lv(idA)`.
  @SuppressWarnings("ArrayRecordComponent") // as for all messages here: made, read once, gone
  record HelloA(int kind, byte[] selector, byte[] nonce, PeerId joiner) {

    byte[] encoded() {
      return head(HELLO_A)
          .u8(kind)
          .lengthPrefixed(selector)
          .bytes(nonce)
          .lengthPrefixed(joiner.bytes())
          .toByteArray();
    }

    static HelloA decode(byte[] body) {
      ByteReader in = open(body, HELLO_A);
      int kind = in.u8();
      byte[] selector = in.lengthPrefixed(Limits.SELECTOR_BYTES_MAX);
      HelloA hello =
          new HelloA(
              kind,
              selector,
              in.bytes(NONCE_BYTES),
              PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX)));
      in.expectEnd();
      return hello;
    }
  }

  /// `01 02 nonce[32] lv(idB)`.
  @SuppressWarnings("ArrayRecordComponent")
  record HelloB(byte[] nonce, PeerId inviter) {

    byte[] encoded() {
      return head(HELLO_B).bytes(nonce).lengthPrefixed(inviter.bytes()).toByteArray();
    }

    static HelloB decode(byte[] body) {
      ByteReader in = open(body, HELLO_B);
      HelloB hello =
          new HelloB(in.bytes(NONCE_BYTES), PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX)));
      in.expectEnd();
      return hello;
    }
  }

  /// `01 03 Ya[32] ekA[1184]`, `01 04 Yb[32] ctB[1088]`: a share of CPace and the ML-KEM part that
  /// rides with it as associated data.
  @SuppressWarnings("ArrayRecordComponent")
  record Share(byte[] share, byte[] kem) {

    byte[] encoded(int type) {
      return head(type).bytes(share).bytes(kem).toByteArray();
    }

    static Share decode(byte[] body, int type) {
      ByteReader in = open(body, type);
      byte[] share = in.bytes(CPace25519.SHARE_BYTES);
      byte[] kem = in.bytes(type == SHARE_A ? MlKem768.KEY_BYTES : MlKem768.CIPHERTEXT_BYTES);
      in.expectEnd();
      return new Share(share, kem);
    }
  }

  /// What is sealed in the frames 5 and 6: `confirmation[32] lv(signature, payload)`.
  @SuppressWarnings("ArrayRecordComponent")
  record Proof(byte[] confirmation, byte[] signature, byte[] payload) {

    byte[] encoded() {
      return new ByteWriter()
          .bytes(confirmation)
          .lengthPrefixed(signature)
          .lengthPrefixed(payload)
          .toByteArray();
    }

    static Proof decode(byte[] plain) {
      ByteReader in = new ByteReader(plain);
      Proof proof =
          new Proof(
              in.bytes(32),
              in.lengthPrefixed(Limits.SIGNATURE_BYTES_MAX),
              in.lengthPrefixed(Limits.CARD_BYTES_MAX));
      in.expectEnd();
      return proof;
    }
  }

  private static ByteWriter head(int type) {
    return new ByteWriter().u8(VERSION).u8(type);
  }

  private static ByteReader open(byte[] body, int type) {
    ByteReader in = new ByteReader(body);
    if (in.u8() != VERSION || in.u8() != type) {
      throw new MalformedInput("not frame %d of version %d".formatted(type, VERSION));
    }
    return in;
  }
}
