package io.peerup.libp2p.noise;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The libp2p payload of messages 2 and 3 (noise/README.md, `NoiseHandshakePayload`): the identity
/// key, already verified to have signed the Noise static key, and the muxers the peer lists (empty:
/// it left them to multistream).
record IdentityPayload(PublicKey key, List<String> muxers) {

  private static final String SIGNATURE_PREFIX = "noise-libp2p-static-key:";

  private static final int KEY = 1;
  private static final int SIGNATURE = 2;
  private static final int EXTENSIONS = 4;
  private static final int STREAM_MUXERS = 2;

  IdentityPayload {
    muxers = List.copyOf(muxers);
  }

  /// Our own payload.
  static byte[] create(PublicKey identity, byte[] signature, List<String> muxers) {
    ProtoWriter out = new ProtoWriter().bytes(KEY, identity.encoded()).bytes(SIGNATURE, signature);
    if (!muxers.isEmpty()) {
      ProtoWriter extensions = new ProtoWriter();
      muxers.forEach(muxer -> extensions.string(STREAM_MUXERS, muxer));
      out.message(EXTENSIONS, extensions);
    }
    return out.toByteArray();
  }

  /// Decodes and verifies. "The peer MUST verify the signature": a payload whose key did not sign
  /// `remoteStatic`, the static key this very handshake delivered, throws [ProtocolViolation].
  static IdentityPayload verify(byte[] payload, byte[] remoteStatic) {
    if (payload.length > Limits.PAYLOAD_BYTES_MAX) {
      throw new ProtocolViolation(
          "Noise payload of "
              + payload.length
              + " bytes, at most "
              + Limits.PAYLOAD_BYTES_MAX
              + " are allowed");
    }
    byte @Nullable [] key = null;
    byte @Nullable [] signature = null;
    List<String> muxers = new ArrayList<>();
    try {
      ProtoReader in = new ProtoReader(payload);
      while (in.next()) {
        switch (in.field()) {
          case KEY -> key = in.bytes();
          case SIGNATURE -> signature = in.bytes();
          case EXTENSIONS -> readExtensions(in.bytes(), muxers);
          default -> in.skip();
        }
      }
      if (key == null || signature == null) {
        throw new ProtocolViolation("Noise payload without an identity key or without a signature");
      }
      PublicKey identity = PublicKey.decode(key);
      if (!identity.verify(signedBytes(remoteStatic), signature)) {
        throw new ProtocolViolation(
            "Noise payload: the identity key has not signed the handshake's static key");
      }
      return new IdentityPayload(identity, muxers);
    } catch (MalformedInput e) {
      throw new ProtocolViolation("Noise payload is malformed: " + e.getMessage(), e);
    }
  }

  private static void readExtensions(byte[] extensions, List<String> muxers) {
    ProtoReader in = new ProtoReader(extensions);
    while (in.next()) {
      if (in.field() != STREAM_MUXERS) {
        in.skip();
        continue;
      }
      if (muxers.size() == Limits.MUXERS_MAX) {
        throw new ProtocolViolation(
            "Noise payload lists more than " + Limits.MUXERS_MAX + " muxers");
      }
      muxers.add(in.string());
    }
  }

  /// What an identity signs to vouch for a static key.
  static byte[] signedBytes(byte[] staticPublic) {
    return new ByteWriter()
        .bytes(SIGNATURE_PREFIX.getBytes(StandardCharsets.US_ASCII))
        .bytes(staticPublic)
        .toByteArray();
  }
}
