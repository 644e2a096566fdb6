package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionAddress;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.muxer.MuxStreamListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One UDP socket: all QUIC connections that it accepted and all that were dialled from it, so that
/// others see one address of us. Netty has one codec for each role; the first handler here tells
/// whose packet it is. On the socket's loop, but for what says otherwise.
@SuppressWarnings("FutureReturnValueIgnored") // of closing
public final class QuicEndpoint {

  private static final Logger LOG = LoggerFactory.getLogger(QuicEndpoint.class);

  /// Where a channel keeps its connection.
  static final AttributeKey<QuicConnection> CONNECTION =
      AttributeKey.valueOf(QuicEndpoint.class, "connection");

  private final DatagramChannel socket;
  private final NettyLoop loop;
  private final QuicTransport.Settings settings;
  private final QuicSecurity security;
  private final int payloadBytesMax;
  private volatile QuicTransport.@Nullable Acceptor acceptor;
  private final QuicIds ids;
  private final QuicFarewells farewells = new QuicFarewells();
  private final Demultiplexer demultiplexer;
  private final StreamSetup streams = new StreamSetup();
  private final RecvByteBufAllocator readSizes =
      new AdaptiveRecvByteBufAllocator(512, 8192, QuicLimits.READ_BYTES_MAX);
  private final byte[] scratch = new byte[QuicLimits.READ_BYTES_MAX];
  private boolean lent;
  private final Set<QuicConnection> connections = new HashSet<>();
  private int unjudgedBytes;
  private final AtomicLong foreignPackets = new AtomicLong();

  /// @param payloadBytesMax the longest datagram that we send and take
  /// @param acceptor null: this socket only dials
  QuicEndpoint(
      DatagramChannel socket,
      QuicTransport.Settings settings,
      QuicSecurity security,
      int payloadBytesMax,
      QuicTransport.@Nullable Acceptor acceptor) {
    this.socket = socket;
    this.loop = new NettyLoop(socket.eventLoop());
    this.settings = settings;
    this.security = security;
    this.payloadBytesMax = payloadBytesMax;
    this.acceptor = acceptor;
    this.ids = new QuicIds(settings.random());
    ChannelInboundHandler accepting = (ChannelInboundHandler) serverCodec();
    ChannelInboundHandler dialling = (ChannelInboundHandler) clientCodec();
    this.demultiplexer = new Demultiplexer(dialling);
    socket.pipeline().addLast(demultiplexer, accepting, dialling);
  }

  private <B extends QuicCodecBuilder<B>> B common(B builder) {
    return builder
        .localConnectionIdLength(QuicLimits.CONNECTION_ID_BYTES)
        .maxIdleTimeout(settings.idleMax().toNanos(), TimeUnit.NANOSECONDS)
        .maxSendUdpPayloadSize(payloadBytesMax)
        .maxRecvUdpPayloadSize(payloadBytesMax)
        .discoverPmtu(true)
        .initialMaxData(QuicLimits.CONNECTION_WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalLocal(QuicLimits.STREAM_WINDOW_BYTES)
        .initialMaxStreamDataBidirectionalRemote(QuicLimits.STREAM_WINDOW_BYTES)
        .initialMaxStreamsBidirectional(settings.inboundStreams())
        .initialMaxStreamsUnidirectional(0)
        .activeConnectionIdLimit(QuicLimits.PEER_CONNECTION_IDS_MAX)
        .datagram(QuicLimits.DATAGRAMS_ARRIVED_MAX, QuicLimits.DATAGRAMS_MAX);
  }

  private io.netty.channel.ChannelHandler serverCodec() {
    return common(new QuicServerCodecBuilder())
        .sslEngineProvider(channel -> {
          channel
              .attr(QuicSecurity.HANDSHAKE)
              .set(new QuicSecurity.Handshake(PeerExpectation.any()));
          return security.serverEngine(channel);
        })
        .connectionIdAddressGenerator(ids)
        .tokenHandler(new QuicTokens(settings.random(), loop::nanoTime, this::doubts))
        .handler(new Arrivals())
        .streamHandler(streams)
        .build();
  }

  private boolean doubts(InetSocketAddress remote) {
    QuicTransport.Acceptor asked = acceptor;
    return asked == null || asked.doubts(remote);
  }

  private io.netty.channel.ChannelHandler clientCodec() {
    return common(new QuicClientCodecBuilder()).sslEngineProvider(security::clientEngine).build();
  }

  /// Where it is bound, with the real port. Any thread.
  public InetSocketAddress local() {
    return socket.localAddress();
  }

  /// Packets that were not QUIC and went nowhere. Any thread.
  public long foreignPackets() {
    return foreignPackets.get();
  }

  /// Whether connections are accepted here. Any thread.
  boolean listens() {
    return acceptor != null;
  }

  NettyLoop loop() {
    return loop;
  }

  QuicTransport.Settings settings() {
    return settings;
  }

  QuicSecurity security() {
    return security;
  }

  /// Those that are established. On the loop.
  Set<QuicConnection> connections() {
    return connections;
  }

  RecvByteBufAllocator readSizes() {
    return readSizes;
  }

  /// Dials from this socket; `outcome` is told on the loop. Any thread. What is returned gives up.
  public Runnable dial(
      InetSocketAddress remote,
      PeerExpectation expected,
      Duration timeout,
      Upgrade.Outcome outcome) {
    QuicSecurity.Handshake handshake = new QuicSecurity.Handshake(expected);
    QuicUpgrade upgrade = new QuicUpgrade(this, handshake, timeout, outcome);
    loop.execute(() -> dial(remote, handshake, upgrade));
    return upgrade::abandon;
  }

  private void dial(
      InetSocketAddress remote, QuicSecurity.Handshake handshake, QuicUpgrade upgrade) {
    byte[] id = ids.dial();
    QuicChannel.newBootstrap(socket)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the upgrade has its own
        .attr(QuicSecurity.HANDSHAKE, handshake)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                channel.closeFuture().addListener(_ -> ids.forget(id));
                channel.pipeline().addLast(upgrade);
              }
            })
        .streamHandler(streams)
        .remoteAddress(remote)
        .localConnectionAddress(new QuicConnectionAddress(id))
        .connect()
        .addListener((Future<QuicChannel> connected) -> {
          if (!connected.isSuccess()) {
            ids.forget(id);
            upgrade.failed(connected.cause());
          }
        });
  }

  /// Ends a connection, with a code of the application or of QUIC, and tells the other side until
  /// it has heard.
  void end(QuicChannel channel, boolean application, int code) {
    if (!channel.isOpen()) {
      return;
    }
    QuicConnectionAddress own = channel.localAddress();
    demultiplexer.recording = true;
    demultiplexer.recorded = null;
    channel.close(application, code, Unpooled.EMPTY_BUFFER);
    demultiplexer.recording = false;
    DatagramPacket last = demultiplexer.recorded;
    if (own != null && last != null) {
      farewells.add(
          QuicIds.bytes(own),
          ByteBuffer.wrap(ByteBufUtil.getBytes(last.content())),
          last.recipient(),
          loop.nanoTime());
    }
    if (last != null) {
      last.release();
      demultiplexer.recorded = null;
    }
  }

  /// Accepts no more connections; those that there are keep the socket. Any thread.
  public void deafen() {
    acceptor = null;
  }

  /// Unbinds the socket, behind what its loop was told to do before; its connections end. Any
  /// thread.
  ChannelFuture close() {
    return socket.close();
  }

  /// Lends bytes to a listener in an array that all connections of this loop share; a listener that
  /// makes another stream give bytes meanwhile gets its own.
  int lend(ByteBuf bytes, MuxStreamListener listener) {
    int count = bytes.readableBytes();
    boolean shared = !lent && count <= scratch.length;
    byte[] array = shared ? scratch : new byte[count];
    bytes.getBytes(bytes.readerIndex(), array, 0, count);
    if (!shared) {
      return listener.onData(array, 0, count);
    }
    lent = true;
    try {
      return listener.onData(array, 0, count);
    } finally {
      lent = false;
    }
  }

  /// Whose packet is it? First in the pipeline of the socket.
  private final class Demultiplexer extends ChannelDuplexHandler {
    private final ChannelInboundHandler dialling;
    private boolean recording;
    private @Nullable DatagramPacket recorded;
    private @Nullable ChannelHandlerContext toDialling;

    Demultiplexer(ChannelInboundHandler dialling) {
      this.dialling = dialling;
    }

    private ChannelHandlerContext toDialling(ChannelHandlerContext own) {
      ChannelHandlerContext known = toDialling;
      if (known == null) {
        known = own.pipeline().context(dialling);
        toDialling = known;
      }
      return known;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
      DatagramPacket packet = (DatagramPacket) message;
      unjudgedBytes += packet.content().readableBytes();
      QuicFarewells.Answer answer = farewells.answer(packet.content(), loop.nanoTime());
      if (answer != null) {
        packet.release();
        if (answer.packet().hasRemaining()) {
          context.writeAndFlush(
              new DatagramPacket(Unpooled.wrappedBuffer(answer.packet().duplicate()), answer.to()));
        }
        return;
      }
      switch (ids.target(packet.content())) {
        case ACCEPTED -> context.fireChannelRead(packet);
        case DIALLED -> dialling.channelRead(toDialling(context), packet);
        case OTHER -> {
          // RFC 9443: STUN and others begin with a smaller byte. Nobody takes them yet.
          foreignPackets.incrementAndGet();
          packet.release();
        }
        case DROP -> packet.release();
      }
    }

    /// Remembers the last packet that was sent while [#recording].
    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (recording && message instanceof DatagramPacket packet && packet.content().isReadable()) {
        if (recorded != null) {
          recorded.release();
        }
        recorded = packet.copy();
      }
      context.write(message, promise);
    }

    /// Both codecs may have something to flush.
    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
      context.fireChannelReadComplete();
      dialling.channelReadComplete(toDialling(context));
      if (unjudgedBytes >= QuicLimits.JUDGED_BYTES) {
        unjudgedBytes = 0;
        List.copyOf(connections).forEach(QuicConnection::judge);
      }
    }

    /// The system tells of unreachable destinations, which may be forged: QUIC finds out by itself.
    /// Anything else is a mistake of ours or of a codec.
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof IOException)) {
        LOG.atError().log("internal error: a packet could not be dealt with", cause);
      }
    }
  }

  /// Sets up connections that others begin.
  @io.netty.channel.ChannelHandler.Sharable
  private final class Arrivals extends ChannelInitializer<QuicChannel> {

    @Override
    protected void initChannel(QuicChannel channel) {
      InetSocketAddress remote = (InetSocketAddress) channel.remoteSocketAddress();
      QuicTransport.Acceptor asked = acceptor;
      QuicSecurity.Handshake handshake = channel.attr(QuicSecurity.HANDSHAKE).get();
      if (asked == null || remote == null || handshake == null) {
        channel.close();
        return;
      }
      QuicUpgrade upgrade =
          new QuicUpgrade(QuicEndpoint.this, handshake, settings.inboundUpgrade(), null);
      Upgrade.Outcome outcome = asked.begins(local(), remote, upgrade::abandon);
      if (outcome == null) {
        channel.close();
      } else {
        upgrade.tell(outcome);
        channel.pipeline().addLast(upgrade);
      }
    }
  }

  /// Sets up streams that peers open.
  @io.netty.channel.ChannelHandler.Sharable
  private static final class StreamSetup extends ChannelInitializer<QuicStreamChannel> {

    @Override
    protected void initChannel(QuicStreamChannel stream) {
      QuicConnection connection = stream.parent().attr(CONNECTION).get();
      if (connection == null) {
        stream.close();
      } else {
        connection.begin(stream);
      }
    }
  }
}
