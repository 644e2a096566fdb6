package io.peerup.libp2p;

import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A payload with its author's key and signature (libp2p specs, RFC 0002). An instance exists only
/// with a valid signature; whether the author may say this is for the caller to decide. At most
/// 8192 bytes. Immutable.
public final class SignedEnvelope {

  private final PublicKey key;
  private final byte[] payloadType;
  private final byte[] payload;
  private final byte[] encoded;

  private SignedEnvelope(PublicKey key, byte[] payloadType, byte[] payload, byte[] encoded) {
    this.key = key;
    this.payloadType = payloadType;
    this.payload = payload;
    this.encoded = encoded;
  }

  /// Signs a payload.
  ///
  /// @param domain keeps signatures of one purpose from serving another; not transmitted
  /// @param payloadType the raw bytes that name the payload's form, e.g. `03 01`
  /// @throws IllegalArgumentException if the envelope would exceed 8192 bytes
  public static SignedEnvelope seal(
      PrivateKey key, String domain, byte[] payloadType, byte[] payload) {
    byte[] signature = key.sign(signedBytes(domain, payloadType, payload));
    byte[] encoded =
        new ProtoWriter()
            .bytes(1, key.publicKey().encoded())
            .bytes(2, payloadType)
            .bytes(3, payload)
            .bytes(5, signature)
            .toByteArray();
    if (encoded.length > Limits.ENVELOPE_BYTES_MAX) {
      throw new IllegalArgumentException("signed envelope of " + encoded.length + " bytes");
    }
    return new SignedEnvelope(key.publicKey(), payloadType.clone(), payload.clone(), encoded);
  }

  /// Parses an envelope of this payload type and checks its signature for this domain. Throws
  /// [MalformedInput].
  public static SignedEnvelope open(byte[] encoded, String domain, byte[] expectedPayloadType) {
    if (encoded.length > Limits.ENVELOPE_BYTES_MAX) {
      throw new MalformedInput(
          "signed envelope of " + encoded.length + " bytes, at most " + Limits.ENVELOPE_BYTES_MAX);
    }
    byte[] key = null;
    byte[] payloadType = null;
    byte[] payload = null;
    byte[] signature = null;
    ProtoReader in = new ProtoReader(encoded);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> key = in.bytes();
        case 2 -> payloadType = in.bytes();
        case 3 -> payload = in.bytes();
        case 5 -> signature = in.bytes();
        default -> in.skip();
      }
    }
    if (!Arrays.equals(required(payloadType, "payload type"), expectedPayloadType)) {
      throw new MalformedInput("signed envelope holds something else than expected");
    }
    PublicKey author = PublicKey.decode(required(key, "key"));
    byte[] content = required(payload, "payload");
    byte[] signed = signedBytes(domain, expectedPayloadType, content);
    if (!author.verify(signed, required(signature, "signature"))) {
      throw new MalformedInput("signature of the envelope is not valid");
    }
    return new SignedEnvelope(author, expectedPayloadType.clone(), content, encoded.clone());
  }

  /// The author's key.
  public PublicKey key() {
    return key;
  }

  /// The author.
  public PeerId signer() {
    return PeerId.of(key);
  }

  /// A fresh copy.
  public byte[] payloadType() {
    return payloadType.clone();
  }

  /// A fresh copy.
  public byte[] payload() {
    return payload.clone();
  }

  /// The protobuf as it was received or made. A fresh copy.
  public byte[] encoded() {
    return encoded.clone();
  }

  /// RFC 0002, "Signature Production / Verification": each part behind its length.
  static byte[] signedBytes(String domain, byte[] payloadType, byte[] payload) {
    return new ByteWriter()
        .lengthPrefixed(domain.getBytes(StandardCharsets.UTF_8))
        .lengthPrefixed(payloadType)
        .lengthPrefixed(payload)
        .toByteArray();
  }

  private static byte[] required(byte @Nullable [] field, String name) {
    if (field == null) {
      throw new MalformedInput("signed envelope without " + name);
    }
    return field;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SignedEnvelope that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }

  @Override
  public String toString() {
    return "envelope of " + payload.length + " bytes signed by " + signer();
  }
}
