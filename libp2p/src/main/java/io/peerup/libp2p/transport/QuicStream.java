package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.peerup.libp2p.Datagrams;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.muxer.MuxSink;
import io.peerup.libp2p.muxer.MuxStream;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.libp2p.yamux.YamuxCodes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One bidirectional QUIC stream: its two halves, what Netty's channel tells of them, and its end.
/// On the connection's loop.
@SuppressWarnings("FutureReturnValueIgnored") // ends come as channel events
final class QuicStream extends ChannelInboundHandlerAdapter implements MuxStream {

  private final QuicConnection connection;
  private final QuicStreamChannel channel;
  private final QuicDatagrams.@Nullable Beside datagrams;
  private final QuicSendSide sending;
  private final QuicReceiveSide receiving;
  private MuxStreamListener listener = MuxStreamListener.NOBODY;

  /// The peer's reset was read, or nothing can be read any more.
  private boolean remoteEnded;

  /// Nothing is sent or taken any more; what is left may still be read unless there is a cause.
  private boolean over;

  private @Nullable OverlayException cause;

  /// Once nothing matters any more but that quiche forgets the stream.
  private @Nullable QuicLinger linger;

  QuicStream(QuicConnection connection, QuicStreamChannel channel) {
    this.connection = connection;
    this.channel = channel;
    this.sending =
        new QuicSendSide(
            connection.loop(), channel.alloc(), new SendLine(), !channel.isLocalCreated());
    this.receiving = new QuicReceiveSide(connection.loop(), new ReceiveLine());
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
    return receiving.isRemoteClosed();
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
    return sending.write(source, offset, length);
  }

  @Override
  public void closeWrite() {
    sending.close();
  }

  /// The connection is about to be closed, and a FIN must not wait any more.
  void finNow() {
    sending.finNow();
  }

  private final class SendLine implements QuicSendSide.Line {

    @Override
    public ChannelFuture give(ByteBuf piece, boolean fin) {
      return channel.write(fin ? new DefaultQuicStreamFrame(piece, true) : piece);
    }

    @Override
    public boolean giveFin() {
      return channel.shutdownOutput().isSuccess();
    }

    @Override
    public boolean isGone() {
      return connection.isGone(channel);
    }

    @Override
    public void whenSettled(Runnable task) {
      connection.whenSettled(channel, task);
    }

    @Override
    public void wrote(int bytes) {
      connection.wrote(bytes);
    }

    @Override
    public void holds(int bytes) {
      connection.holds(bytes);
    }

    @Override
    public void writable() {
      listener.onWritable();
    }

    @Override
    public void stopped(StreamReset why) {
      listener.onStopped(why);
      endIfBothClosed();
    }

    /// Nothing is read before a FIN alone has arrived: the end of what the peer sends would
    /// complete the stream, too.
    @Override
    public void finSent(boolean alone) {
      if (alone && !receiving.isRemoteClosed()) {
        receiving.pause();
        connection.whenSettled(channel, QuicStream.this::finSettled);
      } else {
        endIfBothClosed();
      }
    }

    @Override
    public String toString() {
      return QuicStream.this.toString();
    }
  }

  private void finSettled() {
    receiving.resume();
    endIfBothClosed();
  }

  // ------------------------------------------------------------------------------------- reading

  @Override
  public int drain(MuxSink sink) {
    int total = receiving.drain(sink);
    if (total > 0) {
      return total;
    }
    if (waitsForReader()) {
      return 0;
    }
    throwCause();
    return receiving.isRemoteClosed() || receiving.isClosed() ? -1 : 0;
  }

  @Override
  public void closeRead() {
    if (receiving.isClosed()) {
      return;
    }
    receiving.close();
    if (!over && !receiving.isPaused()) {
      endIfBothClosed();
      if (!over && !receiving.isRemoteClosed() && !sending.isClosed()) {
        channel.shutdownInput(0); // what we send later makes quiche look, see QuicLinger
      }
    }
  }

  private final class ReceiveLine implements QuicReceiveSide.Line {

    @Override
    public void read() {
      channel.read();
    }

    @Override
    public int lend(ByteBuf piece) {
      return connection.lend(piece, listener);
    }

    @Override
    public void holds(int bytes) {
      connection.holds(bytes);
    }

    @Override
    public void readable() {
      listener.onReadable();
    }

    @Override
    public void remoteClosed() {
      listener.onRemoteClosed();
    }

    @Override
    public void tellAgain() {
      if (cause != null) {
        listener.onReset(cause, 0);
      } else if (receiving.isRemoteClosed()) {
        listener.onRemoteClosed();
      }
    }
  }

  // ------------------------------------------------------------------------------ channel events

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf piece = (ByteBuf) message;
    try {
      if (linger != null) {
        linger.drop();
      } else {
        connection.read(piece.readableBytes());
        receiving.arrived(piece);
      }
    } finally {
      piece.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (receiving.wantsMore()) {
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
    } else if (receiving.isClosed()) {
      remoteEnded = true;
    } else if (!over) {
      receiving.remoteClosed();
      endIfBothClosed();
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

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (linger != null) {
      linger.end();
    } else if (!over && connection.isAlive()) {
      // Netty gives a stream up when quiche reports an error for it.
      remoteEnded = true;
      StreamReset why = new StreamReset(this + " failed");
      die(why, 0);
      tellDeath(why, 0);
    } else if (!over) {
      connectionEnded(connection.cause());
    }
  }

  // ----------------------------------------------------------------------------- ending a stream

  /// Both directions have ended as far as we are concerned: quiche sends what it still has.
  private void endIfBothClosed() {
    if (!over && sending.isDone() && (receiving.isRemoteClosed() || receiving.isClosed())) {
      end();
      leave().await();
    }
  }

  @Override
  public void reset(long code) {
    if (over) {
      receiving.drop();
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

  /// The peer has closed the connection: what it sent before that is still in quiche.
  void takeRest() {
    receiving.takeRest();
  }

  /// The connection is over, and with it what is not complete.
  void connectionEnded(OverlayException why) {
    if (over) {
      return;
    }
    end();
    if (receiving.isRemoteClosed() && sending.isFinSent()) {
      return;
    }
    if (!receiving.isRemoteClosed()) {
      cause = why;
      receiving.drop();
    }
    tellDeath(why, 0);
  }

  private void tellDeath(OverlayException why, long code) {
    if (!receiving.putsOff()) {
      listener.onReset(why, code);
    }
  }

  /// Tells the peer, forgets everything.
  private void die(OverlayException why, long code) {
    end();
    cause = why;
    receiving.drop();
    leave().reset(QuicCodes.ofStream(code), sending.isFinSent());
  }

  private void end() {
    over = true;
    sending.end();
    receiving.end();
  }

  private QuicLinger leave() {
    if (datagrams != null) {
      datagrams.end();
    }
    connection.left(this);
    boolean nothingToCome = !sending.isKnown() || receiving.isRemoteClosed() || remoteEnded;
    QuicLinger last = new QuicLinger(connection.loop(), new Leaving(), nothingToCome);
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
    return receiving.size() > 0;
  }

  /// What is held for this stream, here and by its listener, once what is idle was given back.
  int trimmed() {
    return receiving.size() + sending.waiting() + listener.trimmed();
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
