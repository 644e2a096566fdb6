package io.peerup.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.quic.Quic;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.host.HostBuilder;
import java.net.InetSocketAddress;
import java.util.List;

/// The measured process of `bench/floor`: one more part of what a daemon is made of, then nothing,
/// until it is ended.
final class Floor {

  private Floor() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "nothing" -> {}
      case "loop" -> loop(false);
      case "quic-library" -> loop(true);
      case "host-tcp" -> host(List.of("/ip4/0.0.0.0/tcp/0", "/ip6/::/tcp/0"));
      case "host" ->
          host(
              List.of(
                  "/ip4/0.0.0.0/tcp/0",
                  "/ip6/::/tcp/0",
                  "/ip4/0.0.0.0/udp/0/quic-v1",
                  "/ip6/::/udp/0/quic-v1"));
      default -> throw new IllegalArgumentException(args[0]);
    }
    Thread.currentThread().join();
  }

  private static void loop(boolean quic) {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    InetSocketAddress anywhere = new InetSocketAddress(0);
    new ServerBootstrap()
        .group(loops)
        .channel(NioServerSocketChannel.class)
        .childHandler(new ChannelInboundHandlerAdapter())
        .bind(anywhere)
        .syncUninterruptibly();
    if (quic) {
      Quic.ensureAvailability();
      new Bootstrap()
          .group(loops)
          .channel(NioDatagramChannel.class)
          .handler(new ChannelInboundHandlerAdapter())
          .bind(anywhere)
          .syncUninterruptibly();
    }
  }

  private static void host(List<String> listen) {
    var _ =
        HostBuilder.create()
            .identity(PrivateKey.generate(KeyRandom.secure()))
            .listen(listen.stream().map(Multiaddr::parse).toList())
            .build();
  }
}
