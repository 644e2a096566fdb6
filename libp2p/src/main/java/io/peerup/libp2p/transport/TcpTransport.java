package io.peerup.libp2p.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// TCP over event loops. Thread-safe; [#listen] and [#close] block.
@SuppressWarnings(
    "FutureReturnValueIgnored") // of closing sockets: the end comes as a channel event
public final class TcpTransport implements AutoCloseable {

  /// Sockets that the kernel may hold before we accept them; what go's muxers use for streams too.
  private static final int BACKLOG = 256;

  /// Above the upper mark a socket counts as not writable: some records on their way to the kernel
  /// keep it busy, more only cost memory and latency.
  private static final WriteBufferWaterMark WRITE_MARKS =
      new WriteBufferWaterMark(128 * 1024, 384 * 1024);

  private static final Duration QUIET = Duration.ofMillis(20);
  private static final Duration STOP = Duration.ofSeconds(3);

  private final EventLoopGroup loops;
  private final Set<Channel> channels = ConcurrentHashMap.newKeySet();

  /// Starts `threads` event loops (each thread starts with its first connection).
  public TcpTransport(int threads) {
    this.loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("peerup-loop", true), NioIoHandler.newFactory());
  }

  /// A bound listener.
  ///
  /// @param address where it is bound, with the real port
  /// @param stop unbinds it; any thread, does not block
  public record Listener(InetSocketAddress address, Runnable stop) {}

  /// A socket that is connected.
  public record Socket(Duplex duplex, InetSocketAddress local, InetSocketAddress remote) {}

  /// Decides on new sockets. Called on event loops.
  public interface Acceptor {

    /// May this socket go on? If not it is closed before a byte is read.
    boolean admits(InetSocketAddress local, InetSocketAddress remote);

    /// It was admitted; set its receiver now.
    void accepted(Socket socket);
  }

  /// Binds a listener. Blocks. Throws IOException when the address is in use or not ours.
  public Listener listen(InetSocketAddress address, Acceptor acceptor) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> serverSocket(address))
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
            .childOption(ChannelOption.AUTO_READ, false) // until somebody receives
            .childHandler(
                new ChannelInitializer<NioSocketChannel>() {
                  @Override
                  protected void initChannel(NioSocketChannel child) {
                    accept(child, acceptor);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
    }
    Channel server = track(bound.channel());
    return new Listener((InetSocketAddress) server.localAddress(), server::close);
  }

  /// A listener on an IPv4 address takes IPv4 only; the JDK's IPv6 wildcard takes both.
  private static NioServerSocketChannel serverSocket(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET)
        : new NioServerSocketChannel();
  }

  /// Connects. The future fails with IOException; cancelling it closes the socket. Nothing is read
  /// before a receiver is set (on the pipe's loop).
  public CompletableFuture<Socket> dial(InetSocketAddress remote, Duration timeout) {
    CompletableFuture<Socket> result = new CompletableFuture<>();
    ChannelFuture connecting;
    try {
      connecting = connecting(remote, timeout);
    } catch (RejectedExecutionException | IllegalStateException e) {
      return CompletableFuture.failedFuture(new IOException("the transport is closed", e));
    }
    Channel channel = connecting.channel();
    connecting.addListener(ignored -> connected(connecting, result));
    result.whenComplete((socket, failure) -> {
      if (failure != null) {
        channel.close();
      }
    });
    return result;
  }

  private ChannelFuture connecting(InetSocketAddress remote, Duration timeout) {
    return new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_MARKS)
        .option(ChannelOption.RECVBUF_ALLOCATOR, readSizes())
        .option(
            ChannelOption.CONNECT_TIMEOUT_MILLIS,
            Math.clamp(timeout.toMillis(), 1, Integer.MAX_VALUE))
        .option(ChannelOption.AUTO_READ, false) // until somebody receives
        .handler(
            new ChannelInitializer<NioSocketChannel>() {
              @Override
              protected void initChannel(NioSocketChannel channel) {
                track(channel);
                channel.pipeline().addLast(new TcpDuplex(channel));
              }
            })
        .connect(remote);
  }

  private static void connected(ChannelFuture connecting, CompletableFuture<Socket> result) {
    Throwable cause = connecting.cause();
    if (cause != null) {
      result.completeExceptionally(cause);
      return;
    }
    NioSocketChannel channel = (NioSocketChannel) connecting.channel();
    Socket socket = socket(channel);
    if (socket == null || !result.complete(socket)) {
      channel.close();
      result.completeExceptionally(new IOException("connection closed at once"));
    }
  }

  private void accept(NioSocketChannel child, Acceptor acceptor) {
    InetSocketAddress local = child.localAddress();
    InetSocketAddress remote = child.remoteAddress();
    if (local == null || remote == null || !acceptor.admits(local, remote)) {
      child.close();
      return;
    }
    track(child);
    TcpDuplex duplex = new TcpDuplex(child);
    child.pipeline().addLast(duplex);
    acceptor.accepted(new Socket(duplex, local, remote));
  }

  private static @Nullable Socket socket(NioSocketChannel channel) {
    InetSocketAddress local = channel.localAddress();
    InetSocketAddress remote = channel.remoteAddress();
    TcpDuplex duplex = channel.pipeline().get(TcpDuplex.class);
    return local == null || remote == null || duplex == null
        ? null
        : new Socket(duplex, local, remote);
  }

  /// The event loops, for the other transport.
  EventLoopGroup loops() {
    return loops;
  }

  private Channel track(Channel channel) {
    channels.add(channel);
    channel.closeFuture().addListener(ignored -> channels.remove(channel));
    return channel;
  }

  private static AdaptiveRecvByteBufAllocator readSizes() {
    return new AdaptiveRecvByteBufAllocator(64, 2048, TcpDuplex.READ_BYTES_MAX);
  }

  /// Closes every socket and stops the loops. Blocks for a few seconds at most.
  @Override
  public void close() {
    channels.forEach(Channel::close);
    loops
        .shutdownGracefully(QUIET.toMillis(), STOP.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(STOP.toMillis());
  }
}
