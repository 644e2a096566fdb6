package io.peerup.relay.circuit.wire;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ProtoReader;
import io.peerup.libp2p.wire.ProtoWriter;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The nested messages that hop and stop share: `Peer` and `Limit`.
final class Fields {

  /// `Limit.duration` is a uint32; js relays put milliseconds there, which still fits.
  private static final long DURATION_MAX = 0xffff_ffffL;

  private Fields() {}

  static ProtoWriter peer(PeerId id) {
    return new ProtoWriter().bytes(1, id.bytes());
  }

  /// The id in a `Peer` message. Its addresses are hints that a relay cannot vouch for: not read.
  static PeerId peerId(byte @Nullable [] peer, String where) {
    byte @Nullable [] id = null;
    if (peer != null) {
      ProtoReader in = new ProtoReader(peer);
      while (in.next()) {
        if (in.field() == 1) {
          id = in.bytes();
        } else {
          in.skip();
        }
      }
    }
    if (id == null) {
      throw new MalformedInput("a " + where + " without a peer");
    }
    return PeerId.fromBytes(id);
  }

  /// A bound that is 0 or absent is none (circuit-v2.md): left out.
  static ProtoWriter limit(CircuitLimit limit) {
    ProtoWriter out = new ProtoWriter();
    if (!limit.duration().isZero()) {
      out.uint(1, Math.min(Math.max(1, limit.duration().toSeconds()), DURATION_MAX));
    }
    if (limit.bytesEachWay() != 0) {
      out.uint(2, limit.bytesEachWay());
    }
    return out;
  }

  /// Numbers out of range mean "some very large bound": they are cut, never refused, because they
  /// only say whether the circuit is limited.
  static CircuitLimit decodeLimit(byte[] bytes) {
    long duration = 0;
    long data = 0;
    ProtoReader in = new ProtoReader(bytes);
    while (in.next()) {
      switch (in.field()) {
        case 1 -> duration = in.uint();
        case 2 -> data = in.uint();
        default -> in.skip();
      }
    }
    long seconds = duration < 0 || duration > DURATION_MAX ? DURATION_MAX : duration;
    return new CircuitLimit(Duration.ofSeconds(seconds), data < 0 ? Long.MAX_VALUE : data);
  }

  /// An address, or empty if it is of a kind we do not know: one strange entry must not cost the
  /// list.
  static Optional<Multiaddr> address(byte[] bytes) {
    try {
      return Optional.of(Multiaddr.fromBytes(bytes));
    } catch (MalformedInput e) {
      return Optional.empty();
    }
  }
}
