package io.peerup.libp2p.yamux;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Everything that leaves. Data is never queued here: a stream that the transport has no room for
/// waits in line and is asked again. Control frames wait as flags on their streams (bounded by the
/// number of streams), as a few pings' values, or as resets of streams that no longer exist; the
/// last are the only queue that a peer can fill (as in CVE-2024-32984 of rust-yamux), so a long one
/// stops reading and a too long one ends the session.
final class Outbound {

  static final int PAYLOAD_BYTES_MAX = YamuxLimits.FRAME_BYTES_MAX - Frame.HEADER_BYTES;

  /// Answers to pings that wait; go-yamux keeps as many. Further pings stay unanswered.
  static final int PONGS_MAX = 32;

  /// Waiting resets from which on we stop reading: far more than any honest peer causes within one
  /// stall of the transport.
  static final int RESETS_BEFORE_PAUSE = 256;

  /// Waiting resets that end the session: beyond what bytes already read can add.
  static final int RESETS_MAX = 4096;

  private static final byte[] NOTHING = {};

  private final YamuxSession session;
  private final YamuxOutput output;
  private final byte[] header = new byte[Frame.HEADER_BYTES];
  private final ArrayDeque<YamuxStream> control = new ArrayDeque<>();
  private final ArrayDeque<YamuxStream> writers = new ArrayDeque<>();

  /// Stream id in the high half, error code in the low half.
  private final ArrayDeque<Long> resets = new ArrayDeque<>();

  private final int[] pongs = new int[PONGS_MAX];
  private int pongHead;
  private int pongCount;
  private boolean goAwayWaits;
  private boolean readingPaused;
  private boolean unflushed;
  private boolean blocked;
  private @Nullable YamuxStream turn;
  private int turnBytesLeft;

  Outbound(YamuxSession session, YamuxOutput output) {
    this.session = session;
    this.output = output;
  }

  boolean isWritable() {
    blocked |= !output.isWritable();
    return output.isWritable();
  }

  /// True if the transport took nothing some time since the last call and does now: the other side
  /// has taken bytes.
  boolean unblocked() {
    boolean drained = blocked && output.isWritable();
    blocked &= !drained;
    return drained;
  }

  boolean readingPaused() {
    return readingPaused;
  }

  /// How many bytes of data `stream` may send now; 0 means that it has to wait in line.
  int room(YamuxStream stream) {
    if (!isWritable()) {
      return 0;
    }
    if (stream == turn) {
      return turnBytesLeft;
    }
    return writers.isEmpty() ? PAYLOAD_BYTES_MAX : 0;
  }

  /// Puts a stream at the end of the line of those that have data.
  void waitInLine(YamuxStream stream) {
    if (!stream.inWriterLine) {
      stream.inWriterLine = true;
      writers.addLast(stream);
    }
  }

  /// The stream has flags or credit to send.
  void controlFor(YamuxStream stream) {
    if (!stream.inControlLine) {
      stream.inControlLine = true;
      control.addLast(stream);
    }
  }

  void leaveLines(YamuxStream stream) {
    if (stream.inControlLine) {
      stream.inControlLine = false;
      control.remove(stream);
    }
    if (stream.inWriterLine) {
      stream.inWriterLine = false;
      writers.remove(stream);
    }
  }

  void data(YamuxStream stream, int flags, byte[] source, int offset, int length) {
    Frame.write(header, Frame.DATA, flags, stream.rawId(), length);
    output.frame(header, source, offset, length);
    unflushed = true;
    if (stream == turn) {
      turnBytesLeft -= length;
    }
  }

  void windowUpdate(int flags, int streamId, int value) {
    send(Frame.WINDOW_UPDATE, flags, streamId, value);
  }

  void ping(int value) {
    send(Frame.PING, Frame.SYN, 0, value);
  }

  void pong(int value) {
    if (pongCount == 0 && output.isWritable()) {
      send(Frame.PING, Frame.ACK, 0, value);
    } else if (pongCount < PONGS_MAX) {
      pongs[(pongHead + pongCount) % PONGS_MAX] = value;
      pongCount++;
    }
  }

  /// Returns false when too many resets wait.
  boolean reset(int streamId, long code) {
    int code32 = (int) code;
    if (resets.isEmpty() && output.isWritable()) {
      send(Frame.WINDOW_UPDATE, Frame.RST, streamId, code32);
      return true;
    }
    resets.addLast((long) streamId << 32 | Integer.toUnsignedLong(code32));
    if (resets.size() >= RESETS_BEFORE_PAUSE && !readingPaused) {
      readingPaused = true;
      session.readingPaused(true);
    }
    return resets.size() <= RESETS_MAX;
  }

  void goAwayWhenWritable() {
    goAwayWaits = true;
  }

  boolean goAwayWaits() {
    return goAwayWaits;
  }

  /// The last frame: goes out even if the transport would rather wait.
  void goAwayNow(long code) {
    goAwayWaits = false;
    send(Frame.GO_AWAY, 0, 0, (int) code);
  }

  /// Sends what waits, as long as the transport takes it: control frames, then a turn for each
  /// waiting stream.
  void settle() {
    while (session.isOpen() && isWritable()) {
      if (!sendOneControl() && !nextTurn()) {
        break;
      }
    }
  }

  /// Sends control frames that wait, as long as the transport takes them.
  void sendControl() {
    while (output.isWritable() && sendOneControl()) {
      // each round sends one
    }
  }

  void flush() {
    if (unflushed) {
      unflushed = false;
      output.flush();
    }
  }

  private boolean sendOneControl() {
    if (pongCount > 0) {
      send(Frame.PING, Frame.ACK, 0, pongs[pongHead]);
      pongHead = (pongHead + 1) % PONGS_MAX;
      pongCount--;
      return true;
    }
    Long reset = resets.pollFirst();
    if (reset != null) {
      send(Frame.WINDOW_UPDATE, Frame.RST, (int) (reset >> 32), (int) (long) reset);
      if (readingPaused && resets.size() < RESETS_BEFORE_PAUSE / 2) {
        readingPaused = false;
        session.readingPaused(false);
      }
      return true;
    }
    YamuxStream stream = control.pollFirst();
    if (stream != null) {
      stream.inControlLine = false;
      stream.sendControl();
      return true;
    }
    if (goAwayWaits) {
      goAwayNow(YamuxCodes.NONE);
      return true;
    }
    return false;
  }

  private boolean nextTurn() {
    YamuxStream stream = writers.pollFirst();
    if (stream == null) {
      return false;
    }
    stream.inWriterLine = false;
    turn = stream;
    turnBytesLeft = PAYLOAD_BYTES_MAX;
    try {
      stream.yourTurn();
    } finally {
      turn = null;
    }
    return true;
  }

  private void send(int type, int flags, int streamId, int length) {
    Frame.write(header, type, flags, streamId, length);
    output.frame(header, NOTHING, 0, 0);
    unflushed = true;
  }
}
