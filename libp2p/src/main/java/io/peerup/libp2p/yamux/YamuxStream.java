package io.peerup.libp2p.yamux;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.muxer.MuxSink;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One stream of a [YamuxSession]. Same thread as the session, never blocks.
///
/// Writing is bounded by the peer's window and by the transport; nothing is buffered. Reading is
/// bounded by our window: 256 KiB at first, growing while the reader keeps pace; credit goes back
/// only for bytes that were read.
public final class YamuxStream implements MuxStream {

  // Owned by Outbound: whether this stream stands in one of its lines.
  boolean inControlLine;
  boolean inWriterLine;

  private final YamuxSession session;
  private final int id;
  private final boolean inbound;
  private final Inbox inbox = new Inbox();
  private MuxStreamListener listener = MuxStreamListener.NOBODY;

  /// Both FINs are out and read, or it was reset, or the session ended: no frame is sent or taken.
  private boolean over;

  private @Nullable OverlayException cause;

  /// The session ended, but the peer's FIN had come before: buffered bytes are the whole rest.
  private boolean readableToTheEnd;

  private boolean acknowledged;
  private final SendSide sending;

  // Receiving.
  private boolean remoteClosed;
  private boolean readClosed;
  private final ReceiveWindow window;
  private long lingerSinceNanos;

  YamuxStream(YamuxSession session, int id, boolean inbound) {
    this.session = session;
    this.id = id;
    this.inbound = inbound;
    this.window = new ReceiveWindow(session);
    this.sending = new SendSide(this, session.outbound());
    acknowledged = inbound;
  }

  /// The stream id, 1 to 2^32-1.
  public long id() {
    return Integer.toUnsignedLong(id);
  }

  /// Who opened it.
  @Override
  public Direction direction() {
    return inbound ? Direction.INBOUND : Direction.OUTBOUND;
  }

  /// The session that carries it.
  public YamuxSession session() {
    return session;
  }

  /// From now on tells `listener`. Events of the past are not repeated: look at [#available()] and
  /// [#remoteClosed()] when handing a stream from one listener to the next.
  @Override
  public void listen(MuxStreamListener listener) {
    this.listener = listener;
  }

  /// Sends as many of the bytes as the peer's window and the transport take now, and returns how
  /// many; nothing is buffered here. If fewer than `length`, [MuxStreamListener#onWritable]
  /// follows. Throws the cause after a reset or the session's end; IllegalStateException after
  /// [#closeWrite()].
  @Override
  public int write(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    throwCause();
    if (sending.isClosed()) {
      throw new IllegalStateException("write after closeWrite on " + this);
    }
    session.enter();
    try {
      return sending.send(source, offset, length);
    } finally {
      session.exit();
    }
  }

  /// Sends FIN: we shall write no more. Reading goes on. Idempotent, never throws.
  @Override
  public void closeWrite() {
    if (over || sending.isClosed()) {
      return;
    }
    session.enter();
    try {
      sending.close();
      startLingering();
    } finally {
      session.exit();
    }
  }

  /// Takes buffered bytes, at most `length`, and grants credit for them. Returns 0 when nothing is
  /// there now (or `length` is 0), -1 after the peer's FIN. Throws the cause after a reset.
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (inbox.isEmpty()) {
      return nothingToRead();
    }
    int count = inbox.read(target, offset, length);
    tookBuffered(count);
    return count;
  }

  /// Offers buffered bytes to `sink`, piece by piece, until it takes less than offered or nothing
  /// is left. Returns the sum, 0 or -1 as for [#read]. The sink must not read this stream itself.
  @Override
  public int drain(MuxSink sink) {
    if (inbox.isEmpty()) {
      return nothingToRead();
    }
    int count = inbox.drain(sink);
    tookBuffered(count);
    return count;
  }

  /// Bytes buffered now.
  public int available() {
    return inbox.size();
  }

  /// What is held for this stream, here and by its listener, once what is idle was given back.
  int trimmed() {
    return inbox.size() + listener.trimmed();
  }

  /// We shall read no more: what is buffered is dropped, and so is what still comes, without
  /// credit. A peer that fills the window nevertheless is reset. Idempotent, never throws. Together
  /// with [#closeWrite()] this is a polite close: the peer still gets all we wrote; if its FIN does
  /// not come within [YamuxLimits#lingerMax()] the stream is reset.
  @Override
  public void closeRead() {
    if (readClosed) {
      return;
    }
    readClosed = true;
    session.registry().unbuffered(inbox.clear());
    if (over) {
      return;
    }
    session.enter();
    try {
      startLingering();
      resetIfUnwanted();
      finishIfBothClosed();
    } finally {
      session.exit();
    }
  }

  /// Ends both directions at once and tells the peer why (libp2p stream error codes, 32 bits).
  /// Idempotent, never throws, no callback.
  @Override
  public void reset(long code) {
    if (over) {
      session.registry().unbuffered(inbox.clear());
      return;
    }
    session.enter();
    try {
      tellReset(code);
      die(new StreamReset("stream " + id() + " was reset on this side"));
    } finally {
      session.exit();
    }
  }

  /// True once the peer's FIN has come (bytes may still be buffered).
  @Override
  public boolean remoteClosed() {
    return remoteClosed;
  }

  /// True until both directions ended, by FIN (and, inbound, everything read) or reset.
  public boolean isOpen() {
    return !over;
  }

  @Override
  public String toString() {
    return "yamux stream " + id() + (inbound ? " (inbound)" : " (outbound)");
  }

  // ---- What Inbound reports

  int rawId() {
    return id;
  }

  boolean isInbound() {
    return inbound;
  }

  boolean isUnacknowledged() {
    return !acknowledged;
  }

  /// Returns true the first time.
  boolean acknowledged() {
    if (acknowledged) {
      return false;
    }
    acknowledged = true;
    session.registry().acknowledged();
    return true;
  }

  /// A data frame begins. False if it exceeds what we granted.
  boolean expects(long length) {
    return window.spend(length);
  }

  void arrived(byte[] source, int offset, int length) {
    if (over || readClosed) {
      return;
    }
    int taken = 0;
    if (inbox.isEmpty()) {
      taken = requireTaken(listener.onData(source, offset, length), length);
      if (over || readClosed) {
        return;
      }
      grantFor(taken);
    }
    if (taken == length) {
      session.checkBudget();
    } else {
      boolean wasEmpty = inbox.isEmpty();
      inbox.add(source, offset + taken, length - taken);
      session.buffered(length - taken);
      if (wasEmpty && !over) {
        listener.onReadable();
      }
    }
  }

  /// Adds to what we may send. Returns by how much it lifted the window above its highest so far.
  long credit(long delta) {
    if (over) {
      return 0;
    }
    if (!sending.mayAdd(delta)) {
      session.violation("stream " + id() + ": a credit of " + delta + " overflows the window");
      return 0;
    }
    long raise = sending.add(delta);
    if (sending.resumes()) {
      listener.onWritable();
    }
    return raise;
  }

  /// FIN. Returns true the first time.
  boolean remoteFinished() {
    if (over || remoteClosed) {
      return false;
    }
    remoteClosed = true;
    listener.onRemoteClosed();
    finishIfBothClosed();
    return true;
  }

  void remoteReset(long code) {
    if (over || everythingSaid()) {
      return;
    }
    StreamReset reset =
        new StreamReset("the peer reset stream " + id() + " with code 0x" + Long.toHexString(code));
    die(reset);
    listener.onReset(reset, code);
  }

  /// Nobody reads here and the peer has filled the window: it would wait for ever.
  void resetIfUnwanted() {
    if (!over && readClosed && !remoteClosed && window.isExhausted()) {
      resetByUs(YamuxCodes.NONE, "the peer kept sending to a closed stream", false);
    }
  }

  // ---- What Outbound and the session ask for

  void yourTurn() {
    if (!over && !sending.isClosed()) {
      listener.onWritable();
    }
  }

  /// One window update with everything that waits.
  void sendControl() {
    if (over) {
      return;
    }
    sending.sendControl(remoteClosed || readClosed ? 0 : window.grant());
    finishIfBothClosed();
  }

  void resetByUs(long code, String why, boolean limit) {
    if (over) {
      return;
    }
    tellReset(code);
    String message = "stream " + id() + ": " + why;
    OverlayException reason = limit ? new LimitReached(message) : new ProtocolViolation(message);
    die(reason);
    listener.onReset(reason, 0);
  }

  /// The session is over. What the peer sent completely stays readable.
  void sessionEnded(OverlayException why) {
    if (over) {
      return;
    }
    over = true;
    if (everythingSaid()) {
      return;
    }
    cause = why;
    readableToTheEnd = remoteClosed;
    if (!readableToTheEnd) {
      session.registry().unbuffered(inbox.clear());
    }
    listener.onReset(why, 0);
  }

  boolean lingersTooLong(long nowNanos, long maxNanos) {
    return !over
        && readClosed
        && sending.isClosed()
        && !remoteClosed
        && nowNanos - lingerSinceNanos > maxNanos;
  }

  long windowGrowth() {
    return window.growth();
  }

  // ---- Inside

  private int nothingToRead() {
    if (!readableToTheEnd) {
      throwCause();
    }
    return remoteClosed || readClosed ? -1 : 0;
  }

  private void throwCause() {
    OverlayException why = cause;
    if (why != null) {
      throw why;
    }
  }

  private void tookBuffered(int count) {
    session.registry().unbuffered(count);
    if (over) {
      return;
    }
    session.enter();
    try {
      grantFor(count);
      finishIfBothClosed();
    } finally {
      session.exit();
    }
  }

  private void grantFor(int count) {
    if (count > 0 && !remoteClosed && window.consumed(count)) {
      session.outbound().controlFor(this);
    }
  }

  private void startLingering() {
    if (readClosed && sending.isClosed()) {
      lingerSinceNanos = session.nanoTime();
    }
  }

  private void finishIfBothClosed() {
    if (!over && everythingSaid() && inbox.isEmpty()) {
      over = true;
      session.forget(this);
    }
  }

  /// Both FINs have passed; if the stream still stands, it is for our reader alone.
  private boolean everythingSaid() {
    return remoteClosed && sending.isFinished();
  }

  private void tellReset(long code) {
    if (sending.isKnownToPeer() && !everythingSaid()) {
      session.sendReset(id, code);
    }
  }

  private void die(OverlayException why) {
    over = true;
    cause = why;
    session.registry().unbuffered(inbox.clear());
    session.forget(this);
  }

  static int requireTaken(int taken, int offered) {
    if (taken < 0 || taken > offered) {
      throw new IllegalStateException(
          "a stream's consumer took " + taken + " of " + offered + " bytes");
    }
    return taken;
  }
}
