package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A relay's signed word that a peer has a reservation there, valid until `expires` (whole
/// seconds).
public record Voucher(PeerId relay, PeerId peer, Instant expires) {

  /// The signature's context (circuit-v2.md, "Reservation Vouchers").
  public static final String DOMAIN = "libp2p-relay-rsvp";

  private static final byte[] PAYLOAD_TYPE = {0x03, 0x02};
  private static final long SECONDS_MAX = 253_402_300_799L;

  /// What go and js put into the envelope: the two bytes of 0x0302, not its varint.
  public static byte[] payloadType() {
    return PAYLOAD_TYPE.clone();
  }

  /// The payload that is signed: fields in ascending order, all written.
  public byte[] encode() {
    return new ProtoWriter()
        .bytes(1, relay.bytes())
        .bytes(2, peer.bytes())
        .uint(3, expires.getEpochSecond())
        .toByteArray();
  }

  /// The voucher in a payload. Throws [MalformedInput].
  public static Voucher decode(byte[] payload) {
    byte @Nullable [] relay = null;
    byte @Nullable [] peer = null;
    long expiration = -1;
    ProtoReader in = new ProtoReader(payload);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> relay = in.bytes();
        case 2 -> peer = in.bytes();
        case 3 -> expiration = in.uint();
        default -> in.skip();
      }
    }
    if (relay == null || peer == null || expiration < 0 || expiration > SECONDS_MAX) {
      throw new MalformedInput("a voucher that lacks a relay, a peer or a sensible expiration");
    }
    return new Voucher(
        PeerId.fromBytes(relay), PeerId.fromBytes(peer), Instant.ofEpochSecond(expiration));
  }
}
