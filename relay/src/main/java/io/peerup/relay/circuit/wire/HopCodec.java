package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// [HopMessage] and bytes (without the length prefix). `type` is always written, also where it is
/// 0, because peers that read proto2 take it as required; when reading, its absence is an error.
public final class HopCodec {

  private static final int RESERVE = 0;
  private static final int CONNECT = 1;
  private static final int STATUS = 2;

  /// 9999-12-31T23:59:59Z: anything later is a broken encoder, not a promise.
  private static final long EXPIRE_SECONDS_MAX = 253_402_300_799L;

  private HopCodec() {}

  /// The protobuf of a message.
  public static byte[] encode(HopMessage message) {
    return switch (message) {
      case HopMessage.Reserve() -> new ProtoWriter().uint(1, RESERVE).toByteArray();
      case HopMessage.Connect(PeerId target) ->
          new ProtoWriter().uint(1, CONNECT).message(2, Fields.peer(target)).toByteArray();
      case HopMessage.Status status -> encodeStatus(status);
    };
  }

  private static byte[] encodeStatus(HopMessage.Status status) {
    ProtoWriter out = new ProtoWriter().uint(1, STATUS);
    status.reservation().ifPresent(grant -> out.message(3, encodeGrant(grant)));
    status.limit().ifPresent(limit -> out.message(4, Fields.limit(limit)));
    return out.uint(5, status.code()).toByteArray();
  }

  private static ProtoWriter encodeGrant(ReservationGrant grant) {
    ProtoWriter out = new ProtoWriter().uint(1, grant.expires().getEpochSecond());
    grant.addresses().forEach(address -> out.bytes(2, address.bytes()));
    grant.voucher().ifPresent(voucher -> out.bytes(3, voucher.bytes()));
    return out;
  }

  /// The message in these bytes. Throws [MalformedInput].
  public static HopMessage decode(byte[] bytes) {
    int type = -1;
    byte @Nullable [] peer = null;
    byte @Nullable [] reservation = null;
    byte @Nullable [] limit = null;
    int status = -1;
    ProtoReader in = new ProtoReader(bytes);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = in.uint31();
        case 2 -> peer = in.bytes();
        case 3 -> reservation = in.bytes();
        case 4 -> limit = in.bytes();
        case 5 -> status = in.uint31();
        default -> in.skip();
      }
    }
    return switch (type) {
      case RESERVE -> new HopMessage.Reserve();
      case CONNECT -> new HopMessage.Connect(Fields.peerId(peer, "CONNECT"));
      case STATUS -> status(status, reservation, limit);
      case -1 -> throw new MalformedInput("a hop message without a type");
      default -> throw new MalformedInput("a hop message of the unknown type " + type);
    };
  }

  private static HopMessage status(
      int code, byte @Nullable [] reservation, byte @Nullable [] limit) {
    if (code < 0) {
      throw new MalformedInput("a STATUS without a status");
    }
    return new HopMessage.Status(
        code,
        reservation == null ? Optional.empty() : Optional.of(decodeGrant(reservation)),
        limit == null ? Optional.empty() : Optional.of(Fields.decodeLimit(limit)));
  }

  private static ReservationGrant decodeGrant(byte[] bytes) {
    long expire = -1;
    List<Multiaddr> addresses = new ArrayList<>();
    Optional<VoucherBytes> voucher = Optional.empty();
    ProtoReader in = new ProtoReader(bytes);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> expire = in.uint();
        case 2 -> Fields.address(in.bytes()).ifPresent(addresses::add);
        case 3 -> voucher = Optional.of(new VoucherBytes(in.bytes()));
        default -> in.skip();
      }
    }
    if (expire < 0 || expire > EXPIRE_SECONDS_MAX) {
      throw new MalformedInput(
          expire == -1
              ? "a reservation without an expiry"
              : "a reservation that expires at second " + Long.toUnsignedString(expire));
    }
    return new ReservationGrant(Instant.ofEpochSecond(expire), addresses, voucher);
  }
}
