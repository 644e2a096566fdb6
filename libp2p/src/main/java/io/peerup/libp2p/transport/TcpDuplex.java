package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.FastThreadLocal;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One TCP socket. All methods and callbacks on the channel's event loop.
@SuppressWarnings(
    "FutureReturnValueIgnored") // of writes and closes: failures come as channel events
final class TcpDuplex extends ChannelInboundHandlerAdapter implements Duplex {

  private static final Logger LOG = LoggerFactory.getLogger(TcpDuplex.class);

  /// How long a closing socket may take to send its last bytes to a peer that reads slowly.
  static final Duration LINGER = Duration.ofSeconds(2);

  /// Most bytes handed up in one call, and the largest read: a few encrypted records.
  static final int READ_BYTES_MAX = 128 * 1024;

  /// One array a loop thread: bytes are only lent to receivers, which keep their own copies.
  private static final FastThreadLocal<byte[]> SCRATCH =
      new FastThreadLocal<>() {
        @Override
        protected byte[] initialValue() {
          return new byte[READ_BYTES_MAX];
        }
      };

  private final Channel channel;
  private final Loop loop;
  private @Nullable Receiver receiver;
  private @Nullable OverlayException cause;
  private boolean ended;
  private boolean closing;

  TcpDuplex(Channel channel) {
    this.channel = channel;
    this.loop = new NettyLoop(channel.eventLoop());
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public void receiver(Receiver next) {
    boolean first = receiver == null;
    receiver = next;
    if (ended) {
      next.onEnded(cause());
    } else if (first) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    if (!channel.isActive() || closing) {
      return;
    }
    ByteBuf copy = channel.alloc().directBuffer(length);
    copy.writeBytes(data, offset, length);
    channel.write(copy, channel.voidPromise());
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public boolean writable() {
    return channel.isWritable();
  }

  @Override
  public void reading(boolean on) {
    channel.config().setAutoRead(on);
  }

  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    loop.after(LINGER, channel::close);
  }

  @Override
  public void abort() {
    closing = true;
    channel.close();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      ByteBuf buffer = (ByteBuf) message;
      byte[] scratch = SCRATCH.get();
      while (buffer.isReadable()) {
        int length = Math.min(buffer.readableBytes(), scratch.length);
        buffer.readBytes(scratch, 0, length);
        if (receiver != null && !closing) {
          receiver.onBytes(scratch, 0, length);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (receiver != null) {
      receiver.onIdle();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (receiver != null && channel.isWritable()) {
      receiver.onWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    ended = true;
    if (receiver != null && !closing) {
      receiver.onEnded(cause());
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
    if (cause == null) {
      cause =
          thrown instanceof IOException
              ? new PeerUnreachable("connection lost: " + thrown.getMessage(), thrown)
              : new PeerUnreachable("internal error: " + thrown, thrown);
    }
    if (!(thrown instanceof IOException)) {
      LOG.warn("internal error on a connection", thrown);
    }
    channel.close();
  }

  private OverlayException cause() {
    return cause == null ? new PeerUnreachable("closed by peer") : cause;
  }
}
