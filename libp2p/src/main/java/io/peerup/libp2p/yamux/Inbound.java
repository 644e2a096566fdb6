package io.peerup.libp2p.yamux;

import org.jspecify.annotations.Nullable;

/// Cuts the byte stream into frames and applies the rules for each. Payload goes to its stream
/// piece by piece as it arrives; only a header that came in pieces is copied.
final class Inbound {

  /// A credit that lifts a window to a new height by less than this is one of many: counted as
  /// noise.
  private static final int RAISE_BYTES_MIN = 4096;

  private final YamuxSession session;
  private final byte[] partial = new byte[Frame.HEADER_BYTES];
  private int partialBytes;

  private long payloadLeft;
  private int payloadFlags;

  /// Whether the frame in hand opened or acknowledged a stream, or brought payload or credit. One
  /// that did none of that and ends nothing is noise.
  private boolean useful;

  /// Null while the payload of a frame is skipped.
  private @Nullable YamuxStream payloadStream;

  Inbound(YamuxSession session) {
    this.session = session;
  }

  void receive(byte[] source, int offset, int length) {
    int at = offset;
    int end = offset + length;
    while (at < end && session.isOpen()) {
      if (payloadLeft > 0) {
        int count = (int) Math.min(payloadLeft, end - at);
        payload(source, at, count);
        at += count;
      } else if (partialBytes == 0 && end - at >= Frame.HEADER_BYTES) {
        frame(source, at);
        at += Frame.HEADER_BYTES;
      } else {
        int count = Math.min(Frame.HEADER_BYTES - partialBytes, end - at);
        System.arraycopy(source, at, partial, partialBytes, count);
        partialBytes += count;
        at += count;
        if (partialBytes == Frame.HEADER_BYTES) {
          partialBytes = 0;
          frame(partial, 0);
        }
      }
    }
  }

  private void frame(byte[] source, int at) {
    int version = Frame.version(source, at);
    if (version != Frame.VERSION) {
      session.violation("version is " + version + ", expected 0");
      return;
    }
    int type = Frame.type(source, at);
    int flags = Frame.flags(source, at);
    int id = Frame.streamId(source, at);
    long length = Frame.length(source, at);
    boolean ofStream = type == Frame.DATA || type == Frame.WINDOW_UPDATE;
    if (ofStream == (id == 0)) {
      session.violation(
          "a frame of type " + type + " came for stream " + Integer.toUnsignedString(id));
      return;
    }
    switch (type) {
      case Frame.DATA -> data(flags, id, length);
      case Frame.WINDOW_UPDATE -> windowUpdate(flags, id, length);
      case Frame.PING -> ping(flags, length);
      case Frame.GO_AWAY -> session.remoteGoAway(length);
      default -> session.violation("unknown frame type " + type);
    }
  }

  private void data(int flags, int id, long length) {
    boolean opens = (flags & Frame.SYN) != 0;
    if (opens && length > YamuxLimits.INITIAL_WINDOW_BYTES) {
      // The first frame is bound by the initial window too (CVE-2026-32314 of rust-yamux).
      session.violation("a first frame of " + length + " bytes exceeds the initial window");
      return;
    }
    if (length > session.limits().streamWindowBytesMax()) {
      session.violation("a frame of " + length + " bytes exceeds every window");
      return;
    }
    YamuxStream stream = target(flags, id);
    if (!session.isOpen()) {
      return;
    }
    if (stream != null && !stream.expects(length)) {
      session.violation(
          "stream " + stream.id() + ": a frame of " + length + " bytes exceeds the window");
      return;
    }
    if (stream != null && length > 0 && stream.remoteClosed()) {
      // Data after FIN: the fault of one stream, not of its neighbours.
      stream.resetByUs(
          YamuxCodes.STREAM_PROTOCOL_VIOLATION, "the peer sent data after its FIN", false);
      stream = null;
    }
    if (stream == null && length > 0 && !opens && session.registry().neverOpened(id)) {
      session.noise();
    }
    payloadStream = stream;
    payloadFlags = flags;
    payloadLeft = length;
    if (length == 0 && session.isOpen()) {
      end(flags, stream);
    }
  }

  private void payload(byte[] source, int at, int count) {
    payloadLeft -= count;
    YamuxStream stream = payloadStream;
    if (stream != null) {
      stream.arrived(source, at, count);
    }
    if (payloadLeft == 0 && session.isOpen()) {
      payloadStream = null;
      useful = true;
      end(payloadFlags, stream);
    }
  }

  private void windowUpdate(int flags, int id, long length) {
    if ((flags & Frame.RST) != 0) {
      // The length is an error code then, never a credit.
      reset(flags, id, length);
      return;
    }
    YamuxStream stream = target(flags, id);
    if (!session.isOpen()) {
      return;
    }
    if (stream == null) {
      if (!useful && (length == 0 || session.registry().neverOpened(id))) {
        session.noise();
      }
      return;
    }
    if (length > 0) {
      long raise = stream.credit(length);
      if (!session.isOpen()) {
        return;
      }
      useful |= raise == 0 || raise >= RAISE_BYTES_MIN;
    }
    end(flags, stream);
  }

  /// SYN and ACK. Returns the stream, or null if there is none (any more) or it was refused.
  private @Nullable YamuxStream target(int flags, int id) {
    if ((flags & Frame.SYN) != 0) {
      useful = true;
      return session.accept(id, (flags & Frame.RST) != 0);
    }
    YamuxStream stream = session.registry().get(id);
    // Any frame shows that the peer knows the stream, so we do not insist on the flag.
    useful = stream != null && stream.acknowledged();
    return stream;
  }

  /// FIN and RST.
  private void end(int flags, @Nullable YamuxStream stream) {
    if (stream != null && (flags & Frame.FIN) != 0) {
      useful |= stream.remoteFinished();
    }
    if (!session.isOpen()) {
      return;
    }
    if (stream != null && (flags & Frame.RST) != 0) {
      resetStream(stream, YamuxCodes.NONE);
      return;
    }
    if (!useful) {
      session.noise();
    }
    if (stream != null && session.isOpen()) {
      stream.resetIfUnwanted();
    }
  }

  private void reset(int flags, int id, long code) {
    if ((flags & Frame.SYN) != 0) {
      YamuxStream refused = session.accept(id, true);
      if (refused != null) {
        throw new IllegalStateException("internal error: a stream reset at birth was accepted");
      }
      return;
    }
    YamuxStream stream = session.registry().get(id);
    if (stream == null) {
      session.noise();
    } else {
      resetStream(stream, code);
    }
  }

  private void resetStream(YamuxStream stream, long code) {
    if (stream.isInbound()) {
      // Opening and resetting costs the peer two small frames and us a handler: rapid reset.
      session.noise();
    }
    if (session.isOpen()) {
      stream.remoteReset(code);
    }
  }

  private void ping(int flags, long value) {
    if ((flags & Frame.SYN) != 0) {
      session.noise();
      if (session.isOpen()) {
        session.pinged((int) value);
      }
    } else if ((flags & Frame.ACK) == 0 || !session.pingAnswered(value)) {
      session.noise();
    }
  }
}
