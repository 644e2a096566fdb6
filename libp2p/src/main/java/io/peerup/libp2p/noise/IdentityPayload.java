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
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The libp2p payload of messages 2 and 3 (noise/README.md, `NoiseHandshakePayload`): the identity
/// key, already verified to have signed the Noise static key, the muxers the peer lists (empty: it
/// left them to multistream), and the security protocols it offers, which the same key has signed
/// for this very handshake (empty: it does not say).
///
/// What carries the latter (fields 4 and 5 of the extensions) is not ratified: our choice is that
/// of the prototypes in js-libp2p and py-libp2p. Who does not know the fields skips them.
record IdentityPayload(PublicKey key, List<String> muxers, List<String> offered) {

  private static final String SIGNATURE_PREFIX = "noise-libp2p-static-key:";
  private static final String OFFER_PREFIX = "noise-libp2p-transcript:";

  private static final int KEY = 1;
  private static final int SIGNATURE = 2;
  private static final int EXTENSIONS = 4;
  private static final int STREAM_MUXERS = 2;
  private static final int SECURITY_PROTOCOLS = 4;
  private static final int TRANSCRIPT_SIGNATURE = 5;

  IdentityPayload {
    muxers = List.copyOf(muxers);
    offered = List.copyOf(offered);
  }

  /// The extensions of a payload.
  private static final class Extensions {
    private final List<String> muxers = new ArrayList<>();
    private final List<String> offered = new ArrayList<>();
    private byte @Nullable [] signature;
  }

  /// What a side says of its offers.
  ///
  /// @param signature of [#offerBytes]
  // Taken apart at once, never compared by equals.
  @SuppressWarnings("ArrayRecordComponent")
  record Offer(List<String> protocols, byte[] signature) {}

  /// Our own payload; `offer` if we say what we offer.
  static byte[] create(
      PublicKey identity, byte[] signature, List<String> muxers, Optional<Offer> offer) {
    ProtoWriter out = new ProtoWriter().bytes(KEY, identity.encoded()).bytes(SIGNATURE, signature);
    if (!muxers.isEmpty() || offer.isPresent()) {
      ProtoWriter extensions = new ProtoWriter();
      muxers.forEach(muxer -> extensions.string(STREAM_MUXERS, muxer));
      offer.ifPresent(said -> {
        said.protocols().forEach(each -> extensions.string(SECURITY_PROTOCOLS, each));
        extensions.bytes(TRANSCRIPT_SIGNATURE, said.signature());
      });
      out.message(EXTENSIONS, extensions);
    }
    return out.toByteArray();
  }

  /// Decodes and verifies. "The peer MUST verify the signature": a payload whose key did not sign
  /// `remoteStatic`, the static key this very handshake delivered, throws [ProtocolViolation]; so
  /// does one whose key did not sign its offers under `payloadHash`.
  static IdentityPayload verify(byte[] payload, byte[] remoteStatic, byte[] payloadHash) {
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
    Extensions extensions = new Extensions();
    try {
      ProtoReader in = new ProtoReader(payload);
      while (in.next()) {
        switch (in.field()) {
          case KEY -> key = in.bytes();
          case SIGNATURE -> signature = in.bytes();
          case EXTENSIONS -> readExtensions(in.bytes(), extensions);
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
      checkOffer(identity, extensions, payloadHash);
      return new IdentityPayload(identity, extensions.muxers, extensions.offered);
    } catch (MalformedInput e) {
      throw new ProtocolViolation("Noise payload is malformed: " + e.getMessage(), e);
    }
  }

  private static void readExtensions(byte[] encoded, Extensions into) {
    ProtoReader in = new ProtoReader(encoded);
    while (in.next()) {
      switch (in.field()) {
        case STREAM_MUXERS -> add(in.string(), into.muxers, Limits.MUXERS_MAX, "muxers");
        case SECURITY_PROTOCOLS ->
            add(in.string(), into.offered, Limits.OFFERS_MAX, "security protocols");
        case TRANSCRIPT_SIGNATURE -> into.signature = in.bytes();
        default -> in.skip();
      }
    }
  }

  private static void add(String name, List<String> to, int most, String what) {
    if (to.size() == most) {
      throw new ProtocolViolation("Noise payload lists more than " + most + " " + what);
    }
    to.add(name);
  }

  private static void checkOffer(PublicKey identity, Extensions said, byte[] payloadHash) {
    byte[] signature = said.signature;
    if (signature == null && said.offered.isEmpty()) {
      return;
    }
    if (signature == null || !identity.verify(offerBytes(payloadHash, said.offered), signature)) {
      throw new ProtocolViolation(
          "Noise payload: the identity key has not signed the security protocols it lists");
    }
  }

  /// What an identity signs to vouch for its offers in one handshake: each behind its length, so
  /// that two lists never look the same.
  static byte[] offerBytes(byte[] payloadHash, List<String> protocols) {
    ByteWriter out =
        new ByteWriter().bytes(OFFER_PREFIX.getBytes(StandardCharsets.US_ASCII)).bytes(payloadHash);
    for (String each : protocols) {
      byte[] text = each.getBytes(StandardCharsets.UTF_8);
      out.u16(text.length).bytes(text);
    }
    return out.toByteArray();
  }

  /// What an identity signs to vouch for a static key.
  static byte[] signedBytes(byte[] staticPublic) {
    return new ByteWriter()
        .bytes(SIGNATURE_PREFIX.getBytes(StandardCharsets.US_ASCII))
        .bytes(staticPublic)
        .toByteArray();
  }
}
