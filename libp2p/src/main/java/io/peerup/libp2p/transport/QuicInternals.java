package io.peerup.libp2p.transport;

import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.ClosedChannelException;

/// What of Netty's QUIC channel (4.2.18) is not public and nothing public replaces. A test holds an
/// upgrade of Netty to them. On the connection's loop.
final class QuicInternals {

  private static final String CHANNEL = "io.netty.handler.codec.quic.QuicheQuicChannel";

  private static final String STREAM = "io.netty.handler.codec.quic.QuicheQuicStreamChannel";
  private static final String CONNECTION = "io.netty.handler.codec.quic.QuicheQuicConnection";
  private static final String QUICHE = "io.netty.handler.codec.quic.Quiche";

  private static final MethodHandle STREAM_CLOSED = find("streamClosed", void.class, long.class);
  private static final MethodHandle STREAM_CAPACITY =
      find("streamCapacity", long.class, long.class);
  private static final MethodHandle SEND = find("connectionSendAndFlush", void.class);
  private static final MethodHandle DATAGRAM_BYTES = findDatagramBytes();
  private static final MethodHandle FIN_SENT = findFinSent();

  private QuicInternals() {}

  private static MethodHandle find(String name, Class<?> result, Class<?>... arguments) {
    try {
      Class<?> type = Class.forName(CHANNEL, false, QuicChannel.class.getClassLoader());
      MethodHandle found =
          MethodHandles.privateLookupIn(type, MethodHandles.lookup())
              .findVirtual(type, name, MethodType.methodType(result, arguments));
      return found.asType(found.type().changeParameterType(0, QuicChannel.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("internal error: this Netty's QUIC has no " + name, e);
    }
  }

  /// `quiche_conn_dgram_max_writable_len(connectionAddressChecked(channel.connection))`.
  private static MethodHandle findDatagramBytes() {
    try {
      ClassLoader loader = QuicChannel.class.getClassLoader();
      Class<?> type = Class.forName(CHANNEL, false, loader);
      MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      Class<?> connection = lookup.findClass(CONNECTION);
      MethodHandle address =
          MethodHandles.filterArguments(
              lookup.findStatic(
                  type, "connectionAddressChecked", MethodType.methodType(long.class, connection)),
              0,
              lookup.findGetter(type, "connection", connection));
      return MethodHandles.filterReturnValue(
              address,
              lookup.findStatic(
                  Class.forName(QUICHE, false, loader),
                  "quiche_conn_dgram_max_writable_len",
                  MethodType.methodType(int.class, long.class)))
          .asType(MethodType.methodType(int.class, QuicChannel.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "internal error: this Netty's QUIC does not say how long datagrams may be", e);
    }
  }

  private static MethodHandle findFinSent() {
    try {
      Class<?> type = Class.forName(STREAM, false, QuicChannel.class.getClassLoader());
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findSetter(type, "finSent", boolean.class)
          .asType(MethodType.methodType(void.class, QuicStreamChannel.class, boolean.class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("internal error: this Netty's QUIC sends other FINs", e);
    }
  }

  /// Closing the channel of a stream that was reset sends no FIN. By itself Netty sends one, and
  /// where the reset is lost or late the peer takes what it has for everything.
  static void noFin(QuicStreamChannel stream) {
    try {
      FIN_SENT.invokeExact(stream, true);
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: Netty sends a FIN after a reset", e);
    }
  }

  /// Makes the connection forget a stream. By itself it keeps every stream that did not end by the
  /// peer's FIN, such as one that was reset, until the connection ends: a peer could fill our
  /// memory with streams that it opens and resets.
  static void forget(QuicChannel connection, QuicStreamChannel stream) {
    try {
      STREAM_CLOSED.invokeExact(connection, stream.streamId());
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: Netty cannot forget a stream", e);
    }
  }

  /// Whether quiche has done with the stream, because the peer neither sends nor reads any more.
  /// Netty waits for ever with what is written to such a stream.
  static boolean isGone(QuicChannel connection, long streamId) {
    return capacity(connection, streamId) < 0;
  }

  /// Bytes that a stream may send now: what windows and congestion control leave; below 0 if quiche
  /// does not know it or the peer told to stop, and then it is forgotten if it is complete.
  static long capacity(QuicChannel connection, long streamId) {
    try {
      return (long) STREAM_CAPACITY.invokeExact(connection, streamId);
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: Netty does not know a stream", e);
    }
  }

  /// Sends what quiche has to say. By itself Netty asks it when packets come or bytes are written.
  static void send(QuicChannel connection) {
    try {
      SEND.invokeExact(connection);
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: Netty cannot send", e);
    }
  }

  /// Bytes of the longest DATAGRAM frame's content that the peer and the path take now, or below 0
  /// if the peer takes none. Netty tells only what it was when the connection was made.
  static int datagramBytesMax(QuicChannel connection) {
    try {
      return (int) DATAGRAM_BYTES.invokeExact(connection);
    } catch (ClosedChannelException e) {
      return -1;
    } catch (Throwable e) {
      throw new IllegalStateException("internal error: Netty cannot measure a datagram", e);
    }
  }
}
