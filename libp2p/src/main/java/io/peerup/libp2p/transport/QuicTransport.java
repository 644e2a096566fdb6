package io.peerup.libp2p.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.Quic;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.tls.TlsKeys;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// QUIC over UDP sockets, on the event loops of a [TcpTransport], which must close after this.
/// Thread-safe; binding blocks. Nothing native is loaded before the first call that needs it.
public final class QuicTransport implements AutoCloseable {

  /// Bytes that the kernel may hold for a socket: a burst at full speed while its loop is busy.
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;

  /// Datagrams taken at a time before their connections send.
  private static final int DATAGRAMS_PER_READ = 64;

  /// Room for a datagram: one that is longer than ours is cut, and so fails its check.
  private static final int READ_BYTES = 9 * 1024;

  /// The system shall not cut what is longer than a link takes (RFC 9000 section 14: "MUST").
  private static final ChannelOption<Boolean> WHOLE =
      NioChannelOption.of(ExtendedSocketOptions.IP_DONTFRAGMENT);

  /// Of IPv6 and UDP.
  private static final int HEADER_BYTES = 48;

  private static final Duration CLOSE = Duration.ofSeconds(1);

  private final TcpTransport loops;
  private final Settings settings;
  private final List<QuicEndpoint> endpoints = new CopyOnWriteArrayList<>();
  private @Nullable QuicSecurity security;
  private boolean closed;

  /// What all connections have in common.
  ///
  /// @param budget what all connections may buffer together
  /// @param hybridOnly whether peers without post-quantum key agreement are refused
  /// @param inboundStreams streams a peer may have open on one connection
  /// @param inboundUpgrade time for the handshake of a connection that we accept
  /// @param idleMax silence after which a connection is over
  /// @param keepAlive silence after which we send something
  public record Settings(
      TlsKeys keys,
      KeyRandom random,
      BufferBudget budget,
      boolean hybridOnly,
      int inboundStreams,
      Duration inboundUpgrade,
      Duration idleMax,
      Duration keepAlive) {

    /// With the bounds of [QuicLimits], unless the host's are narrower.
    public static Settings of(
        TlsKeys keys,
        KeyRandom random,
        BufferBudget budget,
        boolean hybridOnly,
        int inboundStreams,
        Duration inboundUpgrade) {
      return new Settings(
          keys,
          random,
          budget,
          hybridOnly,
          Math.min(inboundStreams, QuicLimits.INBOUND_STREAMS_MAX),
          inboundUpgrade,
          QuicLimits.IDLE_MAX,
          QuicLimits.KEEP_ALIVE);
    }
  }

  /// Decides on newcomers. Called on event loops.
  public interface Acceptor {

    /// Must a newcomer from there first prove that it gets what we send there?
    boolean doubts(InetSocketAddress remote);

    /// A handshake begins. Returns who is told what comes of it, or null if it shall not be.
    ///
    /// @param abandon gives the handshake up; any thread
    Upgrade.@Nullable Outcome begins(
        InetSocketAddress local, InetSocketAddress remote, Runnable abandon);
  }

  public QuicTransport(TcpTransport loops, Settings settings) {
    this.loops = loops;
    this.settings = settings;
  }

  /// Why this machine cannot speak QUIC, or empty if it can. The first call loads the native
  /// library.
  public static Optional<String> missing() {
    return Quic.isAvailable() ? Optional.empty() : Optional.of(rootOf(Quic.unavailabilityCause()));
  }

  private static String rootOf(@Nullable Throwable cause) {
    Throwable root = cause;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    return root == null
        ? "unknown"
        : String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }

  /// Binds a socket that accepts connections. Blocks. Throws IOException when the address is in use
  /// or not ours.
  public QuicEndpoint listen(InetSocketAddress address, Acceptor acceptor) throws IOException {
    return bind(address, acceptor);
  }

  /// The socket from which to dial there: one that listens, if one can reach it, else one of its
  /// own. May block to bind.
  public synchronized QuicEndpoint dialFrom(InetSocketAddress remote) throws IOException {
    Optional<QuicEndpoint> best =
        endpoints.stream()
            .filter(endpoint -> reaches(endpoint.local().getAddress(), remote.getAddress()))
            .max(Comparator.comparing(QuicEndpoint::listens));
    if (best.isPresent()) {
      return best.get();
    }
    InetAddress any =
        InetAddress.getByAddress(new byte[remote.getAddress() instanceof Inet4Address ? 4 : 16]);
    InetAddress own = remote.getAddress().isLoopbackAddress() ? remote.getAddress() : any;
    return bind(new InetSocketAddress(own, 0), null);
  }

  /// Whether a socket bound to `local` can send to `remote`.
  private static boolean reaches(InetAddress local, InetAddress remote) {
    boolean sameFamily = (local instanceof Inet4Address) == (remote instanceof Inet4Address);
    return sameFamily
        && (local.isAnyLocalAddress() || local.isLoopbackAddress() == remote.isLoopbackAddress());
  }

  private synchronized QuicEndpoint bind(InetSocketAddress address, @Nullable Acceptor acceptor)
      throws IOException {
    if (closed) {
      throw new IOException("the transport is closed");
    }
    ChannelFuture bound =
        new Bootstrap()
            .group(loops.loops())
            .channelFactory(() -> socket(address))
            .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
            .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR,
                new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(DATAGRAMS_PER_READ))
            .option(ChannelOption.AUTO_READ, false) // until the codecs are there
            .handler(new Nothing())
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw cause instanceof IOException io ? io : new IOException(String.valueOf(cause), cause);
    }
    NioDatagramChannel socket = (NioDatagramChannel) bound.channel();
    if (security == null) {
      security = new QuicSecurity(settings.keys(), settings.random(), settings.hybridOnly());
    }
    boolean whole =
        socket.config().setOption(WHOLE, true)
            && Boolean.TRUE.equals(socket.config().getOption(WHOLE));
    int payloadBytesMax =
        whole ? payloadBytesMax(linkBytesMax(address)) : QuicLimits.PAYLOAD_BYTES_MAX;
    QuicEndpoint endpoint = new QuicEndpoint(socket, settings, security, payloadBytesMax, acceptor);
    endpoints.add(endpoint);
    socket.closeFuture().addListener(_ -> endpoints.remove(endpoint));
    socket.config().setAutoRead(true);
    return endpoint;
  }

  /// Datagrams longer than usual only where a link may take them. On a path that a connection moves
  /// to, quiche begins with the longest, without a probe: that shall not be more than usual where
  /// nothing longer passes anyway.
  static int payloadBytesMax(int linkBytes) {
    return linkBytes < QuicLimits.LARGE_PAYLOAD_BYTES_MAX + HEADER_BYTES
        ? QuicLimits.PAYLOAD_BYTES_MAX
        : QuicLimits.LARGE_PAYLOAD_BYTES_MAX;
  }

  /// The longest packet that a link takes of those whose addresses the socket has; of all but
  /// loopback where it has every address. 0 if nobody can tell.
  private static int linkBytesMax(InetSocketAddress bound) {
    InetAddress address = bound.getAddress();
    try {
      if (!address.isAnyLocalAddress()) {
        NetworkInterface link = NetworkInterface.getByInetAddress(address);
        return link == null ? 0 : link.getMTU();
      }
      int most = 0;
      for (NetworkInterface link : NetworkInterface.networkInterfaces().toList()) {
        if (link.isUp() && !link.isLoopback()) {
          most = Math.max(most, link.getMTU());
        }
      }
      return most;
    } catch (SocketException unknown) {
      return 0;
    }
  }

  /// A socket on an IPv4 address takes IPv4 only; the JDK's IPv6 wildcard takes both.
  private static NioDatagramChannel socket(InetSocketAddress address) {
    return address.getAddress() instanceof Inet4Address
        ? new NioDatagramChannel(SocketProtocolFamily.INET)
        : new NioDatagramChannel();
  }

  /// Unbinds every socket. Waits until that is done, a second at most: once the loops are told to
  /// stop they close sockets before they do what else they were told, such as saying good-bye.
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    endpoints.stream()
        .map(QuicEndpoint::close)
        .toList()
        .forEach(closing -> closing.awaitUninterruptibly(CLOSE.toMillis()));
  }

  /// A bootstrap wants a handler.
  @io.netty.channel.ChannelHandler.Sharable
  private static final class Nothing extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRegistered(ChannelHandlerContext context) {
      context.pipeline().remove(this);
      context.fireChannelRegistered();
    }
  }
}
