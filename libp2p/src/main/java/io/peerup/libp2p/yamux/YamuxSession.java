package io.peerup.libp2p.yamux;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// One end of a yamux connection: bytes in by [#receive], frames out by [YamuxOutput], streams in
/// between (libp2p specs `yamux/README.md`).
///
/// Single-threaded: one event loop makes every call here and on the streams. Nothing blocks,
/// nothing throws because of what the peer sent: a broken rule ends the session with a go-away and
/// [YamuxListener#onClosed].
///
/// The shell calls [#tick()] right after creation and then about once a second, and
/// [#transportWritable()] whenever the transport takes bytes again.
public final class YamuxSession {

  private final YamuxLimits limits;
  private final LongSupplier nanoTime;
  private final YamuxListener listener;
  private final Inbound inbound;
  private final Outbound outbound;
  private final KeepAlive keepAlive;
  private final FloodGuard floodGuard;
  private final Registry registry;
  private final BufferAccount account;

  /// How deep we are in our own calls; what waits is sent when the outermost returns.
  private int depth;

  private boolean goAwaySent;
  private boolean goAwayReceived;
  private @Nullable OverlayException ended;

  /// @param client true for the side that dialled (odd stream ids)
  /// @param nanoTime the time in nanoseconds from any origin, never going back (System::nanoTime)
  public YamuxSession(
      boolean client,
      YamuxLimits limits,
      LongSupplier nanoTime,
      YamuxOutput output,
      YamuxListener listener) {
    this(client, limits, nanoTime, output, listener, BufferAccount.ALONE, client ? 1 : 2);
  }

  /// @param account this session's part of what all sessions may hold
  public YamuxSession(
      boolean client,
      YamuxLimits limits,
      LongSupplier nanoTime,
      YamuxOutput output,
      YamuxListener listener,
      BufferAccount account) {
    this(client, limits, nanoTime, output, listener, account, client ? 1 : 2);
  }

  /// For tests near the end of the ids.
  YamuxSession(
      boolean client,
      YamuxLimits limits,
      LongSupplier nanoTime,
      YamuxOutput output,
      YamuxListener listener,
      int firstId) {
    this(client, limits, nanoTime, output, listener, BufferAccount.ALONE, firstId);
  }

  private YamuxSession(
      boolean client,
      YamuxLimits limits,
      LongSupplier nanoTime,
      YamuxOutput output,
      YamuxListener listener,
      BufferAccount account,
      int firstId) {
    this.limits = limits;
    this.account = account;
    this.nanoTime = nanoTime;
    this.listener = listener;
    inbound = new Inbound(this);
    outbound = new Outbound(this, output);
    keepAlive = new KeepAlive(limits, nanoTime());
    floodGuard = new FloodGuard(nanoTime());
    registry = new Registry(client, limits, account, firstId);
  }

  /// Takes bytes from the transport, cut anywhere. The array may be reused afterwards. After the
  /// end of the session they are ignored.
  public void receive(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    if (depth > 0) {
      throw new IllegalStateException("receive was called from within a callback of the session");
    }
    if (!isOpen()) {
      return;
    }
    keepAlive.received(nanoTime());
    enter();
    try {
      inbound.receive(source, offset, length);
    } finally {
      exit();
    }
  }

  /// Opens a stream; the peer is told at once (or when the transport takes bytes again). Never
  /// waits: throws [io.peerup.libp2p.LimitReached] if too many are open, too many wait for the
  /// peer's acknowledgement, or the ids are used up; [io.peerup.libp2p.PeerUnreachable] if either
  /// side said go-away, or the session's cause if it is over.
  public YamuxStream open() {
    if (ended != null) {
      throw ended;
    }
    if (goAwaySent || goAwayReceived) {
      throw new PeerUnreachable(
          "no new stream: " + (goAwayReceived ? "the peer" : "this side") + " is leaving");
    }
    enter();
    try {
      YamuxStream stream = new YamuxStream(this, registry.claimId(), false);
      registry.add(stream);
      return stream;
    } finally {
      exit();
    }
  }

  /// The transport takes bytes again: sends what waits, then gives the waiting streams their turns.
  public void transportWritable() {
    if (outbound.unblocked()) {
      keepAlive.drained(nanoTime());
    }
    enter();
    exit();
  }

  /// Time passed: keep-alive pings, a silent peer, a stalled transport, lingering streams.
  public void tick() {
    if (!isOpen()) {
      return;
    }
    enter();
    try {
      long now = nanoTime();
      PeerUnreachable gone = keepAlive.check(now, outbound.isWritable(), outbound.readingPaused());
      if (gone != null) {
        end(gone, YamuxCodes.NONE, true);
        return;
      }
      if (keepAlive.pingDue(now) && outbound.isWritable()) {
        outbound.ping(keepAlive.ping(now));
      }
      for (YamuxStream stream : registry.all()) {
        if (stream.lingersTooLong(now, limits.lingerMax().toNanos())) {
          stream.reset(YamuxCodes.STREAM_GARBAGE_COLLECTED);
        }
      }
    } finally {
      exit();
    }
  }

  /// Announces that we are leaving: the peer opens no more streams, open ones may finish, and the
  /// session ends with the last of them.
  public void goAway() {
    if (!isOpen() || goAwaySent) {
      return;
    }
    enter();
    try {
      goAwaySent = true;
      outbound.goAwayWhenWritable();
    } finally {
      exit();
    }
  }

  /// Ends the session now: go-away with `code` (0 normal, else a libp2p connection error code), the
  /// streams are told, then [YamuxListener#onClosed]. Idempotent.
  public void close(long code) {
    enter();
    try {
      end(new PeerUnreachable("the connection was closed on this side"), code, true);
    } finally {
      exit();
    }
  }

  /// The transport below is gone: ends the session without a word to the peer. Idempotent.
  public void transportClosed(OverlayException cause) {
    enter();
    try {
      end(cause, YamuxCodes.NONE, false);
    } finally {
      exit();
    }
  }

  /// True until the session ended.
  public boolean isOpen() {
    return ended == null;
  }

  /// True between onReadingPaused(true) and onReadingPaused(false).
  public boolean isReadingPaused() {
    return outbound.readingPaused();
  }

  /// Streams open now, both directions.
  public int streamCount() {
    return registry.size();
  }

  /// The smoothed round trip of our own pings, or empty before the first answer.
  public Optional<Duration> rtt() {
    return rttNanos() < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(rttNanos()));
  }

  // ---- Every call from outside is wrapped in these two.

  void enter() {
    depth++;
  }

  void exit() {
    if (depth > 1) {
      depth--;
      return;
    }
    try {
      outbound.settle();
      if (isOpen() && (goAwaySent || goAwayReceived) && registry.size() == 0) {
        end(
            new PeerUnreachable(
                (goAwayReceived ? "the peer" : "this side") + " left and the last stream ended"),
            YamuxCodes.NONE,
            true);
      }
      outbound.flush();
    } finally {
      depth--;
    }
  }

  // ---- For Inbound

  /// The peer opens a stream. Null if it was refused, or if a broken rule ended the session.
  @Nullable YamuxStream accept(int id, boolean resetAtOnce) {
    if (registry.isOurs(id)) {
      violation("the peer opened stream " + Integer.toUnsignedString(id) + ", an id of our side's");
      return null;
    }
    if (registry.get(id) != null) {
      violation("the peer opened stream " + Integer.toUnsignedString(id) + " twice");
      return null;
    }
    registry.noteOpened(id);
    if (resetAtOnce) {
      noise();
      return null;
    }
    if (goAwaySent || !registry.hasRoomForInbound()) {
      noise();
      if (isOpen()) {
        sendReset(id, goAwaySent ? YamuxCodes.STREAM_SHUTDOWN : YamuxCodes.STREAM_RESOURCE_LIMIT);
      }
      return null;
    }
    YamuxStream stream = new YamuxStream(this, id, true);
    registry.add(stream);
    listener.onStream(stream);
    return stream;
  }

  void pinged(int value) {
    keepAlive.pinged(nanoTime());
    outbound.pong(value);
  }

  boolean pingAnswered(long value) {
    return keepAlive.answered(value, nanoTime());
  }

  void remoteGoAway(long code) {
    if (goAwayReceived) {
      noise();
      return;
    }
    goAwayReceived = true;
    listener.onGoAway(code);
    if (code != YamuxCodes.NONE) {
      end(
          new PeerUnreachable(
              "the peer closed the connection with code 0x" + Long.toHexString(code)),
          YamuxCodes.NONE,
          false);
    }
  }

  /// The peer sent a frame that means nothing.
  void noise() {
    if (!floodGuard.admits(nanoTime())) {
      end(
          new LimitReached("yamux: the peer floods us with frames that carry nothing"),
          YamuxCodes.CONNECTION_RATE_LIMITED,
          true);
    }
  }

  void violation(String what) {
    end(new ProtocolViolation("yamux/README.md: " + what), YamuxCodes.GO_AWAY_PROTOCOL_ERROR, true);
  }

  // ---- For the streams and Outbound

  Registry registry() {
    return registry;
  }

  Outbound outbound() {
    return outbound;
  }

  YamuxLimits limits() {
    return limits;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  long rttNanos() {
    return keepAlive.rttNanos();
  }

  void readingPaused(boolean paused) {
    keepAlive.received(nanoTime());
    listener.onReadingPaused(paused);
  }

  void sendReset(int id, long code) {
    long sent = code >>> 32 == 0 ? code : YamuxCodes.STREAM_CODE_OUT_OF_RANGE;
    if (!outbound.reset(id, sent)) {
      end(
          new LimitReached("yamux: too many resets wait for a peer that does not read"),
          YamuxCodes.CONNECTION_RESOURCE_LIMIT,
          true);
    }
  }

  void forget(YamuxStream stream) {
    registry.remove(stream);
    outbound.leaveLines(stream);
  }

  /// The process holds too much, or this peer does: gives back idle arrays, then resets the fullest
  /// streams until the budget is kept or others hold more. Called when the account asks for it.
  public void relieve() {
    enter();
    try {
      checkBudget();
    } finally {
      exit();
    }
  }

  void checkBudget() {
    while (isOpen() && account.mustGive()) {
      Optional<YamuxStream> fullest = registry.fullest(YamuxStream::trimmed);
      if (fullest.isEmpty() || !account.mustGive()) {
        return;
      }
      fullest
          .get()
          .resetByUs(
              YamuxCodes.STREAM_RESOURCE_LIMIT,
              "all connections together hold more than this node may buffer",
              true);
    }
  }

  /// A stream buffered more bytes: if all of them hold too many, the fullest goes.
  void buffered(int bytes) {
    registry.buffered(bytes);
    for (Optional<YamuxStream> fullest = registry.overfull();
        fullest.isPresent();
        fullest = registry.overfull()) {
      fullest
          .get()
          .resetByUs(
              YamuxCodes.STREAM_RESOURCE_LIMIT,
              "its unread bytes exceeded what the connection may buffer",
              true);
    }
    checkBudget();
  }

  private void end(OverlayException cause, long code, boolean sayGoAway) {
    if (ended != null) {
      return;
    }
    if (sayGoAway) {
      outbound.sendControl();
    }
    if (ended != null) {
      return;
    }
    ended = cause;
    if (sayGoAway && !(goAwaySent && code == YamuxCodes.NONE && !outbound.goAwayWaits())) {
      outbound.goAwayNow(code >>> 32 == 0 ? code : YamuxCodes.CONNECTION_CODE_OUT_OF_RANGE);
    }
    outbound.flush();
    registry.removeAll().forEach(stream -> stream.sessionEnded(cause));
    listener.onClosed(cause);
  }
}
