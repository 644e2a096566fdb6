package io.peerup.libp2p.transport;

import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.yamux.YamuxCodes;

/// Error codes of connections and streams: ours as Netty takes them, and what a peer's say to our
/// callers. The codes themselves are the same for every muxer, see [YamuxCodes].
final class QuicCodes {

  private QuicCodes() {}

  /// For the end of a connection.
  static int ofConnection(long code) {
    return wire(code, YamuxCodes.CONNECTION_CODE_OUT_OF_RANGE);
  }

  /// For STOP_SENDING and RESET_STREAM.
  static int ofStream(long code) {
    return wire(code, YamuxCodes.STREAM_CODE_OUT_OF_RANGE);
  }

  /// Netty takes codes of 31 bits.
  private static int wire(long code, long outOfRange) {
    return (int) (code < 0 || code > Integer.MAX_VALUE ? outOfRange : code);
  }

  /// What the peer said when it closed. Its words are left alone: Netty fails on a close without
  /// any.
  static OverlayException describe(QuicConnectionCloseEvent event) {
    if (event.isApplicationClose()) {
      return new PeerUnreachable(
          "closed by peer with code 0x" + Integer.toHexString(event.error()));
    }
    if (event.isTlsError()) {
      return new Refused(
          "the peer ended the TLS handshake or connection: alert "
              + QuicConnectionCloseEvent.extractTlsError(event.error()));
    }
    return new PeerUnreachable(
        "closed by peer, QUIC error 0x" + Integer.toHexString(event.error()));
  }
}
