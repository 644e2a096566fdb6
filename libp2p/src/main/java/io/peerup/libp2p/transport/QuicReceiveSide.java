package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.peerup.libp2p.muxer.MuxSink;

/// The receiving half of one stream (RFC 9000 section 3.2). quiche keeps what has come until we
/// ask, and grants credit when we do: we ask for another piece when the reader has taken the one
/// before. A machine, on the connection's loop.
final class QuicReceiveSide {

  private final Loop loop;
  private final Line line;
  private final QuicInbox inbox;

  /// The reader takes bytes within a call of ours, and is told nothing meanwhile.
  private boolean draining;

  private boolean untold;
  private boolean paused;
  private boolean remoteClosed;
  private boolean closed;
  private boolean over;

  /// The stream, as far as it matters here.
  interface Line {

    /// Asks quiche for the next piece, which may come at once.
    void read();

    /// Lends the piece to the listener; returns how many bytes it took.
    int lend(ByteBuf piece);

    /// So many bytes more are held, or fewer.
    void holds(int bytes);

    /// To be told to the listener: there are bytes.
    void readable();

    /// To be told to the listener: the peer's FIN came.
    void remoteClosed();

    /// To be told to the listener: what came to pass while it was draining.
    void tellAgain();
  }

  QuicReceiveSide(Loop loop, Line line) {
    this.loop = loop;
    this.line = line;
    this.inbox = new QuicInbox(line::holds);
  }

  /// The peer's FIN came.
  boolean isRemoteClosed() {
    return remoteClosed;
  }

  /// We read no more.
  boolean isClosed() {
    return closed;
  }

  boolean isPaused() {
    return paused;
  }

  /// Bytes that the reader did not take.
  int size() {
    return inbox.size();
  }

  /// Offers bytes to `sink` until it takes less than offered or there are none; returns the sum.
  int drain(MuxSink sink) {
    int total = 0;
    draining = true;
    try {
      while (!inbox.isEmpty() || readMore()) {
        int offered = inbox.size();
        int taken = inbox.offer(sink);
        total += taken;
        if (taken < offered) {
          break;
        }
      }
    } finally {
      draining = false;
    }
    if (untold) {
      untold = false;
      loop.execute(line::tellAgain);
    }
    return total;
  }

  /// Asks quiche for the next piece; whether one came at once.
  private boolean readMore() {
    if (mayRead()) {
      line.read();
    }
    return !inbox.isEmpty();
  }

  private boolean mayRead() {
    return !over && !remoteClosed && !closed && !paused;
  }

  /// Whether to ask for another piece behind one that came.
  boolean wantsMore() {
    return !draining && inbox.isEmpty() && mayRead();
  }

  /// A piece came. The caller releases it.
  void arrived(ByteBuf piece) {
    int count = piece.readableBytes();
    if (over || closed || count == 0) {
      return;
    }
    int taken = 0;
    if (!draining && inbox.isEmpty()) {
      taken = line.lend(piece);
    }
    if (taken < count && !over && !closed) {
      inbox.keep(piece, taken);
      if (!draining) {
        line.readable();
      }
    }
  }

  /// The peer's FIN was read.
  void remoteClosed() {
    remoteClosed = true;
    if (!putsOff()) {
      line.remoteClosed();
    }
  }

  /// Whether the listener is draining, and must be told later.
  boolean putsOff() {
    untold |= draining;
    return draining;
  }

  /// Reads nothing until [#resume].
  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    if (!over && !closed) {
      line.readable();
      if (!over && inbox.isEmpty()) {
        readMore();
      }
    }
  }

  /// We shall read no more.
  void close() {
    closed = true;
    drop();
  }

  /// Forgets what the reader did not take.
  void drop() {
    inbox.drop();
  }

  /// The peer has closed the connection: what it sent before that is still in quiche.
  void takeRest() {
    boolean told = remoteClosed;
    draining = true;
    int before;
    do {
      before = inbox.size();
    } while (readOn() && inbox.size() > before);
    draining = false;
    untold = false;
    if (remoteClosed && !told) {
      line.remoteClosed();
    }
  }

  private boolean readOn() {
    if (over || remoteClosed || closed) {
      return false;
    }
    line.read();
    return true;
  }

  /// Nothing is read any more; what is here may still be taken.
  void end() {
    over = true;
  }
}
