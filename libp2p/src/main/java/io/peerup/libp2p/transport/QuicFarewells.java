package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is left of connections that ended on this side, for a while (RFC 9000 section 10.2.1).
/// Netty says good-bye once and forgets. That packet may be lost, or come while the other side is
/// still in the handshake and cannot read it; so whoever goes on gets it again. On the socket's
/// loop.
final class QuicFarewells {

  /// How long: three times what a slow path needs to ask and be told.
  static final Duration KEPT = Duration.ofSeconds(3);

  /// How many; beyond, the oldest is forgotten.
  static final int MAX = 256;

  /// Bytes of each: a good-bye in every kind of packet, padded. A longer one is not kept.
  static final int BYTES_MAX = 1452;

  private final Map<ByteBuffer, Farewell> byId = new LinkedHashMap<>();

  private static final class Farewell {
    private final ByteBuffer packet;
    private final InetSocketAddress to;
    private final long untilNanos;
    private int asked;

    Farewell(ByteBuffer packet, InetSocketAddress to, long untilNanos) {
      this.packet = packet;
      this.to = to;
      this.untilNanos = untilNanos;
    }
  }

  /// @param packet the good-bye; empty where there was nothing to say
  /// @param to where the connection went; answers go nowhere else
  record Answer(ByteBuffer packet, InetSocketAddress to) {}

  /// A connection ended.
  void add(ByteBuffer id, ByteBuffer packet, InetSocketAddress to, long nowNanos) {
    expire(nowNanos);
    byId.remove(id);
    if (packet.remaining() > BYTES_MAX) {
      return;
    }
    byId.put(id, new Farewell(packet, to, nowNanos + KEPT.toNanos()));
    if (byId.size() > MAX) {
      byId.remove(byId.keySet().iterator().next());
    }
  }

  /// Null if this packet is of no connection that ended lately. Else nobody else should see it, and
  /// the answer is to be sent unless it is empty: not to every packet, so that two sides that both
  /// ended never talk on, and never more than three times what came.
  @Nullable Answer answer(ByteBuf packet, long nowNanos) {
    if (byId.isEmpty()) {
      return null;
    }
    expire(nowNanos);
    ByteBuffer id = QuicIds.destination(packet);
    Farewell farewell = id == null ? null : byId.get(id);
    if (farewell == null) {
      return null;
    }
    farewell.asked++;
    boolean due =
        Integer.bitCount(farewell.asked) == 1
            && farewell.packet.remaining() <= 3 * packet.readableBytes();
    return new Answer(due ? farewell.packet : ByteBuffer.allocate(0), farewell.to);
  }

  int size() {
    return byId.size();
  }

  private void expire(long nowNanos) {
    Iterator<Farewell> oldest = byId.values().iterator();
    while (oldest.hasNext() && nowNanos - oldest.next().untilNanos >= 0) {
      oldest.remove();
    }
  }
}
