package io.peerup.control.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.peerup.control.ControlSocket;
import io.peerup.control.Cookie;
import io.peerup.control.Failure;
import io.peerup.control.FileTrouble;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.control.TrustedUsers;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers requests on a home's control socket until closed. One event loop moves the bytes of all
/// connections; handlers run on virtual threads.
///
/// The owner of the home's [io.peerup.control.HomeLock] starts it after taking the lock and closes
/// it before giving the lock up.
public final class ControlServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  private final Home home;
  private final Workers workers;
  private final Connections connections;
  private final EventLoopGroup loop;
  private final Channel listener;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ControlServer(
      Home home, Workers workers, Connections connections, EventLoopGroup loop, Channel listener) {
    this.home = home;
    this.workers = workers;
    this.connections = connections;
    this.loop = loop;
    this.listener = listener;
  }

  /// Writes a new cookie and listens.
  ///
  /// @throws Failure `socket-unsafe` when the socket's place is taken by something that is not a
  ///   dead socket of ours, or cannot be used; `already-running` when a live server answers there;
  ///   `home-unusable` when a directory is not safe
  public static ControlServer start(Home home, List<Route> routes) {
    return start(home, routes, Limits.DEFAULT);
  }

  static ControlServer start(Home home, List<Route> routes, Limits limits) {
    Path socket = home.ensure().socket();
    ControlSocket.prepare(socket);
    Cookie cookie = Cookie.create();
    cookie.write(home);

    Gate gate = new Gate(cookie, limits.requestBytes());
    Workers workers = new Workers(new Router(routes), limits);
    Connections connections = new Connections(limits.connections());
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("control-loop", true), NioIoHandler.newFactory());
    try {
      TrustedUsers users = TrustedUsers.ownerOf(home.cookie());
      ChannelFuture bound =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerDomainSocketChannel.class)
              .option(ChannelOption.SO_BACKLOG, limits.connections())
              .childHandler(
                  new ChannelInitializer<NioDomainSocketChannel>() {
                    @Override
                    protected void initChannel(NioDomainSocketChannel channel) {
                      if (isTrusted(channel, users)) {
                        channel
                            .pipeline()
                            .addLast(codec())
                            .addLast(new ConnectionHandler(gate, workers, connections, limits));
                      } else {
                        var _ = channel.close();
                      }
                    }
                  })
              .bind(UnixDomainSocketAddress.of(socket))
              .awaitUninterruptibly();
      if (bound.cause() != null) {
        throw new IOException(bound.cause());
      }
      ControlSocket.restrict(socket);
      return new ControlServer(home, workers, connections, loop, bound.channel());
    } catch (IOException | RuntimeException e) {
      shutDown(loop);
      PrivateFiles.delete(home.cookie());
      throw e instanceof IOException io
          ? FileTrouble.failure("socket-unsafe", "cannot listen on", socket, io)
          : (RuntimeException) e;
    }
  }

  private static boolean isTrusted(NioDomainSocketChannel channel, TrustedUsers users) {
    UnixDomainPrincipal peer =
        channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
    if (users.include(peer)) {
      return true;
    }
    log.atWarn()
        .setMessage("refused a control connection of another user")
        .addKeyValue("user", peer == null ? "unknown" : peer.user().getName())
        .log();
    return false;
  }

  private static HttpServerCodec codec() {
    return new HttpServerCodec(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(Limits.REQUEST_LINE_BYTES)
            .setMaxHeaderSize(Limits.HEADER_BYTES));
  }

  /// Stops listening, ends streams, lets the requests that are being answered finish for a second,
  /// removes socket and cookie. A handler may call this, best from a thread of its own so that its
  /// reply still goes out.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    // Netty removes the socket's file with the listener.
    listener.close().awaitUninterruptibly();
    workers.close(Limits.CLOSING);
    loop.submit(this::closeConnections).awaitUninterruptibly();
    shutDown(loop);
    try {
      PrivateFiles.delete(home.cookie());
    } catch (Failure e) {
      log.atWarn().setMessage("the control cookie stays behind").setCause(e).log();
    }
  }

  private void closeConnections() {
    for (Channel connection : connections.all()) {
      var _ = connection.close();
    }
  }

  private static void shutDown(EventLoopGroup loop) {
    loop.shutdownGracefully(0, Limits.CLOSING.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
  }
}
