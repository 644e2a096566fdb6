package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.muxer.MuxSink;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.libp2p.yamux.YamuxCodes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One bidirectional QUIC stream. On the connection's loop.
///
/// quiche keeps what has come until we ask, and grants credit when we do: we ask for another piece
/// when the reader has taken the one before. Writing goes piece by piece too; the last one may wait
/// in Netty for credit, and its end is how we learn that the peer reads no more.
@SuppressWarnings("FutureReturnValueIgnored") // ends come as channel events
final class QuicStream extends ChannelInboundHandlerAdapter implements MuxStream {

  private static final byte[] NONE = {};

  /// Between attempts to begin a stream: about as often as packets come that make room.
  private static final Duration RETRY = Duration.ofMillis(5);

  private final QuicConnection connection;
  private final QuicStreamChannel channel;
  private final QuicDatagrams.@Nullable Beside datagrams;
  private MuxStreamListener listener = MuxStreamListener.NOBODY;

  // What was read from quiche and not taken yet: left[leftAt …].
  private byte[] left = NONE;
  private int leftAt;
  private boolean draining;
  private boolean untold;

  private boolean remoteClosed;
  private boolean readClosed;
  private boolean finWanted;
  private boolean finSent;
  private int waiting;

  /// The last bytes that were written, until the end of the loop's turn: a FIN that follows leaves
  /// with them.
  private @Nullable ByteBuf held;

  private boolean holding;

  /// A FIN without bytes is under way, and nothing is read.
  private boolean settling;

  /// quiche knows the stream: the peer opened it, or a byte of ours was taken.
  private boolean known;

  /// The peer's reset was read, or nothing can be read any more.
  private boolean remoteEnded;

  private @Nullable OverlayException stopped;

  /// Nothing is sent or taken any more; what is left may still be read unless there is a cause.
  private boolean over;

  private @Nullable OverlayException cause;

  /// Once nothing matters any more but that quiche forgets the stream.
  private @Nullable QuicLinger linger;

  QuicStream(QuicConnection connection, QuicStreamChannel channel) {
    this.connection = connection;
    this.channel = channel;
    this.known = !channel.isLocalCreated();
    this.datagrams = connection.datagramsBeside(channel.streamId());
  }

  @Override
  public Direction direction() {
    return channel.isLocalCreated() ? Direction.OUTBOUND : Direction.INBOUND;
  }

  @Override
  public void listen(MuxStreamListener next) {
    listener = next;
  }

  @Override
  public boolean remoteClosed() {
    return remoteClosed;
  }

  @Override
  public Optional<Datagrams> datagrams() {
    return Optional.ofNullable(datagrams);
  }

  // ------------------------------------------------------------------------------------- writing

  @Override
  public int write(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    throwCause();
    if (stopped != null) {
      throw stopped;
    }
    if (finWanted) {
      throw new IllegalStateException("write after closeWrite on " + this);
    }
    int sent = 0;
    while (sent < length && mayGive()) {
      int count = Math.min(length - sent, QuicLimits.WRITE_BYTES_MAX);
      held = channel.alloc().directBuffer(count);
      held.writeBytes(source, offset + sent, count);
      sent += count;
      connection.wrote(count);
    }
    if (held != null && !holding) {
      holding = true;
      connection.loop().execute(this::holdNoMore);
    }
    return sent;
  }

  /// Gives what is held, because more follows; whether more will be taken.
  private boolean mayGive() {
    if (held != null && waiting == 0) {
      give(/* fin= */ false);
    }
    return held == null && waiting == 0 && !over && stopped == null;
  }

  private void holdNoMore() {
    holding = false;
    if (held != null && !over) {
      give(finWanted);
    }
  }

  private void dropHeld() {
    ByteBuf piece = held;
    if (piece != null) {
      held = null;
      piece.release();
    }
  }

  private void give(boolean fin) {
    ByteBuf piece = Objects.requireNonNull(held);
    held = null;
    waiting = piece.readableBytes();
    ChannelFuture written = channel.write(fin ? new DefaultQuicStreamFrame(piece, true) : piece);
    if (written.isDone()) {
      written(written, fin, false);
    } else {
      connection.holds(waiting);
      written.addListener(_ -> written(written, fin, true));
      if (!known) {
        connection.loop().after(RETRY, this::retry);
      }
      if (known && connection.isGone(channel)) {
        stop(new StreamReset("the peer stopped reading " + this));
      }
    }
  }

  /// A stream that is opened while the connection may not send at all does not exist for quiche,
  /// which therefore never calls it writable: Netty (4.2.18) waits for ever. Another write makes it
  /// try again.
  private void retry() {
    if (!known && waiting > 0 && !over) {
      channel.write(Unpooled.EMPTY_BUFFER);
      connection.loop().after(RETRY, this::retry);
    }
  }

  private void written(ChannelFuture written, boolean fin, boolean late) {
    if (late) {
      connection.holds(-waiting);
    }
    waiting = 0;
    if (over) {
      return;
    }
    if (written.isSuccess()) {
      known = true;
      if (fin) {
        finSent = true;
        endIfBothClosed();
      } else if (finWanted && held == null) {
        finLater();
      } else if (late) {
        listener.onWritable();
      }
    } else if (written.cause() instanceof ChannelOutputShutdownException && !finSent) {
      stop(new StreamReset("the peer stopped reading " + this, written.cause()));
    }
  }

  private void stop(StreamReset why) {
    if (stopped == null) {
      stopped = why;
      connection.loop().execute(this::tellStopped);
    }
  }

  private void tellStopped() {
    OverlayException why = stopped;
    if (!over && why != null) {
      listener.onStopped(why);
      endIfBothClosed();
    }
  }

  /// The FIN leaves with the last bytes where they are still here. quiche (in Netty 4.2.18) takes a
  /// stream for complete, and forgets it, once all its bytes are acknowledged, although the FIN
  /// that came behind them was lost: nobody would ever send that again.
  @Override
  public void closeWrite() {
    if (over || finWanted) {
      return;
    }
    finWanted = true;
    if (waiting > 0) {
      return; // behind what waits
    }
    if (held != null) {
      give(/* fin= */ true);
    } else {
      finLater();
    }
  }

  /// Sends a FIN of its own, once the bytes before it have arrived, and reads nothing before it has
  /// arrived itself: the end of what the peer sends would complete the stream, too.
  private void finLater() {
    connection.whenSettled(channel, this::sendFin);
  }

  private void sendFin() {
    if (over || finSent || stopped != null) {
      return;
    }
    finSent = true;
    boolean sent = channel.shutdownOutput().isSuccess();
    if (remoteClosed || !sent) {
      endIfBothClosed();
    } else {
      settling = true;
      connection.whenSettled(channel, this::settled);
    }
  }

  /// The connection is about to be closed, and a FIN must not wait any more.
  void finNow() {
    if (held != null && waiting == 0 && !over) {
      give(finWanted);
    } else if (finWanted && !finSent && waiting == 0) {
      sendFin();
    }
  }

  private void settled() {
    settling = false;
    if (over) {
      return;
    }
    if (readClosed) {
      endIfBothClosed();
    } else {
      listener.onReadable();
      if (!over && leftBytes() == 0) {
        readMore();
      }
    }
  }

  // ------------------------------------------------------------------------------------- reading

  @Override
  public int drain(MuxSink sink) {
    int total = 0;
    draining = true;
    try {
      while (leftBytes() > 0 || readMore()) {
        int offered = leftBytes();
        int taken = sink.take(left, leftAt, offered);
        total += taken;
        took(taken);
        if (taken < offered) {
          break;
        }
      }
    } finally {
      draining = false;
    }
    if (untold) {
      untold = false;
      connection.loop().execute(this::tellAgain);
    }
    if (total > 0) {
      return total;
    }
    if (leftBytes() == 0) {
      throwCause();
    }
    return leftBytes() == 0 && (remoteClosed || readClosed) ? -1 : 0;
  }

  /// Asks quiche for the next piece; whether one came at once.
  private boolean readMore() {
    if (mayRead()) {
      channel.read();
    }
    return leftBytes() > 0;
  }

  private boolean mayRead() {
    return !over && !remoteClosed && !readClosed && !settling;
  }

  private int leftBytes() {
    return left.length - leftAt;
  }

  private void took(int count) {
    connection.holds(-count);
    leftAt += count;
    if (leftAt == left.length) {
      left = NONE;
      leftAt = 0;
    }
  }

  private void drop() {
    took(leftBytes());
  }

  /// What happened while the listener was draining.
  private void tellAgain() {
    if (cause != null) {
      listener.onReset(cause, 0);
    } else if (remoteClosed) {
      listener.onRemoteClosed();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    try {
      if (linger != null) {
        linger.drop();
        return;
      }
      int count = bytes.readableBytes();
      connection.read(count);
      if (over || readClosed || count == 0) {
        return;
      }
      int taken = 0;
      if (!draining && leftBytes() == 0) {
        taken = connection.lend(bytes, listener);
      }
      if (taken < count && !over && !readClosed) {
        keep(bytes, taken, count - taken);
        if (!draining) {
          listener.onReadable();
        }
      }
    } finally {
      bytes.release();
    }
  }

  private void keep(ByteBuf bytes, int skip, int count) {
    byte[] rest = Arrays.copyOfRange(left, leftAt, left.length + count);
    bytes.getBytes(bytes.readerIndex() + skip, rest, leftBytes(), count);
    left = rest;
    leftAt = 0;
    connection.holds(count);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (!draining && leftBytes() == 0 && mayRead()) {
      context.read();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event != ChannelInputShutdownReadComplete.INSTANCE) {
      return;
    }
    if (linger != null) {
      linger.remoteEnded();
    } else if (readClosed) {
      remoteEnded = true;
    } else if (!over) {
      remoteClosed = true;
      if (draining) {
        untold = true;
      } else {
        listener.onRemoteClosed();
      }
      endIfBothClosed();
    }
  }

  // ----------------------------------------------------------------------------- ending a stream

  @Override
  public void closeRead() {
    if (readClosed) {
      return;
    }
    readClosed = true;
    drop();
    if (!over && !settling) {
      endIfBothClosed();
      if (!over && !remoteClosed && !finWanted) {
        channel.shutdownInput(0); // what we send later makes quiche look, see QuicLinger
      }
    }
  }

  /// Both directions have ended as far as we are concerned: quiche sends what it still has.
  private void endIfBothClosed() {
    if (!over && (finSent || stopped != null) && (remoteClosed || readClosed)) {
      over = true;
      leave().await();
    }
  }

  @Override
  public void reset(long code) {
    if (over) {
      drop();
      return;
    }
    die(new StreamReset(this + " was reset on this side"), code);
  }

  /// For want of memory.
  void giveUp() {
    if (!over) {
      LimitReached why = new LimitReached(this + ": too much is waiting here to be read");
      die(why, YamuxCodes.STREAM_RESOURCE_LIMIT);
      listener.onReset(why, 0);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (over) {
      if (linger != null) {
        linger.remoteEnded();
      }
      return;
    }
    boolean reset = failure instanceof QuicStreamResetException;
    long code = failure instanceof QuicStreamResetException by ? by.applicationProtocolCode() : 0;
    StreamReset why =
        new StreamReset(
            reset
                ? "the peer reset " + this + " with code 0x" + Long.toHexString(code)
                : this + " failed: " + failure.getMessage(),
            failure);
    remoteEnded = true;
    die(why, 0);
    tellDeath(why, code);
    if (reset) {
      connection.wasReset();
    }
  }

  /// The peer has closed the connection: what it sent before that is still in quiche.
  void takeRest() {
    boolean told = remoteClosed;
    draining = true;
    int before;
    do {
      before = leftBytes();
    } while (readOn() && leftBytes() > before);
    draining = false;
    untold = false;
    if (remoteClosed && !told) {
      listener.onRemoteClosed();
    }
  }

  private boolean readOn() {
    if (over || remoteClosed || readClosed) {
      return false;
    }
    channel.read();
    return true;
  }

  /// The connection is over, and with it what is not complete.
  void connectionEnded(OverlayException why) {
    if (over) {
      return;
    }
    over = true;
    dropHeld();
    if (remoteClosed && finSent) {
      return;
    }
    if (!remoteClosed) {
      cause = why;
      drop();
    }
    tellDeath(why, 0);
  }

  private void tellDeath(OverlayException why, long code) {
    if (draining) {
      untold = true;
    } else {
      listener.onReset(why, code);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (linger != null) {
      linger.end();
    } else if (!over && connection.isOpen()) {
      // Netty gives a stream up when quiche reports an error for it.
      remoteEnded = true;
      StreamReset why = new StreamReset(this + " failed");
      die(why, 0);
      tellDeath(why, 0);
    } else if (!over) {
      connectionEnded(new PeerUnreachable("the connection is closed"));
    }
  }

  /// Tells the peer, forgets everything.
  private void die(OverlayException why, long code) {
    over = true;
    cause = why;
    drop();
    leave().reset(QuicCodes.ofStream(code), finSent);
  }

  private QuicLinger leave() {
    dropHeld();
    if (datagrams != null) {
      datagrams.end();
    }
    connection.left(this);
    QuicLinger last =
        new QuicLinger(connection.loop(), new Leaving(), !known || remoteClosed || remoteEnded);
    linger = last;
    return last;
  }

  private final class Leaving implements QuicLinger.Line {

    @Override
    public Optional<Duration> rtt() {
      return connection.rtt();
    }

    @Override
    public void read() {
      channel.read();
    }

    @Override
    public void stop(int code) {
      channel.shutdownInput(code);
    }

    @Override
    public void reset(int code) {
      channel.shutdownOutput(code);
      QuicInternals.noFin(channel);
    }

    @Override
    public void forget() {
      channel.close();
      connection.forget(channel);
    }
  }

  /// Whether bytes are here that the reader did not take.
  boolean waitsForReader() {
    return leftBytes() > 0;
  }

  /// What is held for this stream, here and by its listener, once what is idle was given back.
  int trimmed() {
    return leftBytes() + waiting + listener.trimmed();
  }

  private void throwCause() {
    OverlayException why = cause;
    if (why != null) {
      throw why;
    }
  }

  @Override
  public String toString() {
    return "QUIC stream " + channel.streamId();
  }
}
