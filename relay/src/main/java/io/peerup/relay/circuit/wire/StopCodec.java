package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// [StopMessage] and bytes (without the length prefix); the same rules as [HopCodec].
public final class StopCodec {

  private static final int CONNECT = 0;
  private static final int STATUS = 1;

  private StopCodec() {}

  /// The protobuf of a message.
  public static byte[] encode(StopMessage message) {
    return switch (message) {
      case StopMessage.Connect connect -> {
        ProtoWriter out =
            new ProtoWriter().uint(1, CONNECT).message(2, Fields.peer(connect.source()));
        connect.limit().ifPresent(limit -> out.message(3, Fields.limit(limit)));
        yield out.toByteArray();
      }
      case StopMessage.Status(int code) ->
          new ProtoWriter().uint(1, STATUS).uint(4, code).toByteArray();
    };
  }

  /// The message in these bytes. Throws [MalformedInput].
  public static StopMessage decode(byte[] bytes) {
    int type = -1;
    byte @Nullable [] peer = null;
    byte @Nullable [] limit = null;
    int status = -1;
    ProtoReader in = new ProtoReader(bytes);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> type = in.uint31();
        case 2 -> peer = in.bytes();
        case 3 -> limit = in.bytes();
        case 4 -> status = in.uint31();
        default -> in.skip();
      }
    }
    return switch (type) {
      case CONNECT ->
          new StopMessage.Connect(
              Fields.peerId(peer, "CONNECT"),
              limit == null ? Optional.empty() : Optional.of(Fields.decodeLimit(limit)));
      case STATUS -> {
        if (status < 0) {
          throw new MalformedInput("a STATUS without a status");
        }
        yield new StopMessage.Status(status);
      }
      case -1 -> throw new MalformedInput("a stop message without a type");
      default -> throw new MalformedInput("a stop message of the unknown type " + type);
    };
  }
}
