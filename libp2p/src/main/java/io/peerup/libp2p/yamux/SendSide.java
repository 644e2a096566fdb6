package io.peerup.libp2p.yamux;

/// The sending half of one stream: how much the peer lets us send, and which flags it has not heard
/// yet.
final class SendSide {

  /// The largest sum of credit: what fits the length field. More is an overflow.
  static final long CREDIT_MAX = 0xFFFF_FFFFL;

  private final YamuxStream stream;
  private final Outbound out;
  private boolean synWaits;
  private boolean ackWaits;
  private boolean finWaits;
  private boolean closed;
  private boolean wantsCredit;
  private long credit = YamuxLimits.INITIAL_WINDOW_BYTES;
  private long creditHighest = YamuxLimits.INITIAL_WINDOW_BYTES;

  SendSide(YamuxStream stream, Outbound out) {
    this.stream = stream;
    this.out = out;
    synWaits = !stream.isInbound();
    ackWaits = stream.isInbound();
    out.controlFor(stream);
  }

  boolean isClosed() {
    return closed;
  }

  /// True once the FIN is out.
  boolean isFinished() {
    return closed && !finWaits;
  }

  /// True once the peer knows of the stream.
  boolean isKnownToPeer() {
    return !synWaits;
  }

  void close() {
    closed = true;
    finWaits = true;
    wantsCredit = false;
    out.leaveLines(stream);
    out.controlFor(stream);
  }

  int send(byte[] source, int offset, int length) {
    int done = 0;
    while (done < length) {
      if (credit == 0) {
        // Those in line find that out when their turn comes.
        wantsCredit = !stream.inWriterLine;
        break;
      }
      int room = out.room(stream);
      if (room == 0) {
        wantsCredit = false;
        out.waitInLine(stream);
        break;
      }
      int count = (int) Math.min(Math.min(length - done, room), credit);
      out.data(stream, takeOpeningFlags(), source, offset + done, count);
      credit -= count;
      done += count;
    }
    return done;
  }

  /// False, and nothing changed, if the sum would overflow.
  boolean mayAdd(long delta) {
    return credit + delta <= CREDIT_MAX;
  }

  /// Returns by how much this lifted the window above its highest so far.
  long add(long delta) {
    credit += delta;
    long raise = Math.max(0, credit - creditHighest);
    creditHighest += raise;
    return raise;
  }

  /// True once after a write that lacked credit, if there is room for it now; if there is not, the
  /// stream waits in line.
  boolean resumes() {
    if (!wantsCredit) {
      return false;
    }
    wantsCredit = false;
    if (out.room(stream) > 0) {
      return true;
    }
    out.waitInLine(stream);
    return false;
  }

  /// One window update with all flags that wait, and with `delta`; none if there is nothing to say.
  void sendControl(long delta) {
    int flags = takeOpeningFlags();
    if (finWaits) {
      finWaits = false;
      flags |= Frame.FIN;
    }
    if (flags != 0 || delta > 0) {
      out.windowUpdate(flags, stream.rawId(), (int) delta);
    }
  }

  private int takeOpeningFlags() {
    int flags = (synWaits ? Frame.SYN : 0) | (ackWaits ? Frame.ACK : 0);
    synWaits = false;
    ackWaits = false;
    return flags;
  }
}
