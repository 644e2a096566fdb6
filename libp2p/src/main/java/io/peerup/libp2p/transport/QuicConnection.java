package io.peerup.libp2p.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicConnectionStats;
import io.netty.handler.codec.quic.QuicPathEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamLimitChangedEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.QuicTransportError;
import io.netty.util.concurrent.Future;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.libp2p.yamux.FloodGuard;
import io.peerup.libp2p.yamux.YamuxCodes;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An established QUIC connection: its streams, its timers, what it holds. The last handler of
/// Netty's channel for it, on the loop of the socket.
@SuppressWarnings("FutureReturnValueIgnored") // ends come as channel events
final class QuicConnection extends MuxedConnection {

  private static final Logger LOG = LoggerFactory.getLogger(QuicConnection.class);

  private static final Duration TICK = Duration.ofSeconds(1);

  private final QuicChannel channel;
  private final QuicEndpoint endpoint;
  private final NettyLoop loop;
  private final Secured secured;
  private final BufferBudget.Account account;
  private final QuicFloodGuard guard;
  private final FloodGuard resets;
  private final Set<QuicStream> streams = new LinkedHashSet<>();
  private final QuicOpenings openings;
  private final QuicSettler settler;
  private final QuicLeftovers leftovers;
  private final QuicBacklog backlog = new QuicBacklog();
  private final QuicKeepAlive keepAlive;

  private @Nullable Owner owner;
  private Loop.Timer ticking = () -> {};
  private final @Nullable QuicDatagrams datagrams;
  private boolean ended;
  private @Nullable QuicConnectionCloseEvent farewell;
  private @Nullable OverlayException fault;
  private long calls;
  private long readBytes;
  private long writtenBytes;
  private volatile boolean open = true;
  private volatile int streamCount;
  private volatile @Nullable Duration rtt;

  /// @param datagrams whether the peer takes DATAGRAM frames
  QuicConnection(QuicChannel channel, QuicEndpoint endpoint, Secured secured, boolean datagrams) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.secured = secured;
    this.loop = new NettyLoop(channel.eventLoop());
    this.account =
        endpoint.settings().budget().open(secured.peer(), () -> loop.execute(this::relieve));
    this.guard = new QuicFloodGuard(loop.nanoTime());
    this.resets = new FloodGuard(loop.nanoTime());
    this.keepAlive = new QuicKeepAlive(endpoint.settings().keepAlive(), loop.nanoTime());
    this.openings =
        new QuicOpenings(
            () -> channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) > 0, this::create);
    this.settler = new QuicSettler(loop, this::path);
    this.leftovers = new QuicLeftovers(id -> QuicInternals.isGone(channel, id));
    this.datagrams = datagrams ? new QuicDatagrams(channel, loop, new DatagramLine()) : null;
  }

  /// What goes behind the handshake's handler.
  ChannelInboundHandlerAdapter events() {
    return new Events();
  }

  @Override
  public Secured secured() {
    return secured;
  }

  @Override
  public void start(Owner newOwner) {
    owner = newOwner;
    endpoint.connections().add(this);
    tick();
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public int streamCount() {
    return streamCount;
  }

  @Override
  public Optional<Duration> rtt() {
    return Optional.ofNullable(rtt);
  }

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  void refresh() {
    streamCount = streams.size();
  }

  // ------------------------------------------------------------------------------------- streams

  @Override
  public CompletableFuture<BlockingStream> open() {
    CompletableFuture<BlockingStream> result = new CompletableFuture<>();
    loop.execute(() -> {
      if (ended || !open) {
        result.completeExceptionally(new PeerUnreachable("the connection is closed"));
      } else {
        openings.add(result);
      }
    });
    return result;
  }

  private void create(CompletableFuture<BlockingStream> opening) {
    channel
        .createStream(QuicStreamType.BIDIRECTIONAL, null)
        .addListener((Future<QuicStreamChannel> created) -> created(created, opening));
  }

  private void created(
      Future<QuicStreamChannel> created, CompletableFuture<BlockingStream> result) {
    if (!created.isSuccess()) {
      result.completeExceptionally(
          new PeerUnreachable("no new stream: " + created.cause().getMessage(), created.cause()));
      return;
    }
    BlockingStream blocking = add(created.getNow());
    if (!result.complete(blocking)) {
      blocking.reset();
    }
  }

  /// The peer opened a stream.
  void begin(QuicStreamChannel stream) {
    if (stream.isLocalCreated()) {
      stream.close(); // a straggler of one that we have forgotten
      return;
    }
    BlockingStream blocking = add(stream);
    Owner told = owner;
    if (told == null || !open) {
      blocking.reset(YamuxCodes.STREAM_SHUTDOWN);
    } else {
      told.opened(blocking);
    }
  }

  private BlockingStream add(QuicStreamChannel stream) {
    stream.config().setAutoRead(false);
    stream.config().setMaxMessagesPerRead(1);
    stream.config().setRecvByteBufAllocator(endpoint.readSizes());
    QuicStream added = new QuicStream(this, stream);
    streams.add(added);
    refresh();
    stream.pipeline().addLast(added);
    return new BlockingStream(this, added);
  }

  QuicDatagrams.@Nullable Beside datagramsBeside(long streamId) {
    return datagrams == null ? null : datagrams.beside(streamId);
  }

  @Override
  public DatagramCounts datagramCounts() {
    return datagrams == null ? DatagramCounts.NONE : datagrams.counts();
  }

  void left(QuicStream stream) {
    streams.remove(stream);
    refresh();
  }

  void forget(QuicStreamChannel stream) {
    QuicInternals.forget(channel, stream);
    if (!ended && channel.isOpen() && leftovers.add(stream.streamId())) {
      QuicInternals.send(channel); // the peer may open others
    }
  }

  boolean isGone(QuicStreamChannel stream) {
    return channel.isOpen() && QuicInternals.isGone(channel, stream.streamId());
  }

  /// Runs the task when what the stream has sent has arrived, see [QuicSettling].
  void whenSettled(QuicStreamChannel stream, Runnable task) {
    settler.whenSettled(stream.streamId(), task);
  }

  private QuicSettler.@Nullable Path path(long streamId) {
    QuicConnectionPathStats path = channel.isOpen() ? channel.collectPathStats(0).getNow() : null;
    if (path == null || ended) {
      return null;
    }
    boolean nothingUnderWay = QuicInternals.capacity(channel, streamId) == path.cwnd();
    return new QuicSettler.Path(nothingUnderWay, path.lost(), path.rtt());
  }

  /// Lends the bytes to a listener in an array that it may only use during the call.
  int lend(ByteBuf bytes, MuxStreamListener listener) {
    return endpoint.lend(bytes, listener);
  }

  void read(int bytes) {
    calls++;
    readBytes += bytes;
  }

  void wrote(int bytes) {
    calls++;
    writtenBytes += bytes;
  }

  /// The peer reset a stream: it may, but work that comes to nothing has a measure.
  void wasReset() {
    if (open && !resets.admits(loop.nanoTime())) {
      tooMuch("the peer opens and resets streams without end");
    }
  }

  private void tooMuch(String what) {
    fault = new ProtocolViolation(what);
    close(YamuxCodes.CONNECTION_RATE_LIMITED);
  }

  // -------------------------------------------------------------------------------------- memory

  @Override
  void holds(int bytes) {
    account.change(bytes);
  }

  @Override
  void relieve() {
    while (open && account.mustGive()) {
      Optional<QuicStream> fullest =
          streams.stream().max(Comparator.comparingInt(QuicStream::trimmed));
      if (!account.mustGive()) {
        return; // trimming was enough
      }
      if (fullest.isEmpty() || fullest.get().trimmed() < backlog.bytes()) {
        fault = new LimitReached("too much has come on this connection that is not read");
        close(YamuxCodes.CONNECTION_RESOURCE_LIMIT);
      } else {
        fullest.get().giveUp();
      }
    }
  }

  // -------------------------------------------------------------------------------------- timers

  private void tick() {
    if (ended) {
      return;
    }
    judge();
    if (channel.isOpen() && leftovers.look()) {
      QuicInternals.send(channel); // the peer may open others
    }
    channel
        .collectPathStats(0)
        .addListener((Future<QuicConnectionPathStats> path) -> {
          if (path.isSuccess() && path.getNow().rtt() > 0) {
            rtt = Duration.ofNanos(path.getNow().rtt());
          }
        });
    if (datagrams != null) {
      datagrams.measure();
    }
    ticking = loop.after(TICK, this::tick);
  }

  /// Does the peer behave? On the loop.
  void judge() {
    channel.collectStats().addListener((Future<QuicConnectionStats> stats) -> judge(stats));
  }

  private void judge(Future<QuicConnectionStats> collected) {
    if (ended || !collected.isSuccess() || collected.getNow() == null) {
      return;
    }
    QuicConnectionStats stats = collected.getNow();
    long now = loop.nanoTime();
    boolean readerSlow = streams.stream().anyMatch(QuicStream::waitsForReader);
    if (guard.exceeded(
        new QuicFloodGuard.Traffic(
            stats.recv(), stats.recvBytes(), calls, readBytes, writtenBytes, readerSlow),
        now)) {
      tooMuch("the peer sends packets that carry nothing");
      return;
    }
    account.change(backlog.estimate(stats.recvBytes(), readBytes, readerSlow));
    if (backlog.bytes() > 0) {
      relieve();
    }
    if (keepAlive.isDue(stats.recv(), now)) {
      sayNothing();
    }
  }

  private void sayNothing() {
    if (datagrams != null) {
      ByteBuf nothing = channel.alloc().directBuffer(1);
      channel.writeAndFlush(nothing.writeByte(DatagramHeader.NOTHING));
    }
  }

  // -------------------------------------------------------------------------------- ending it all

  @Override
  public void close(long code) {
    open = false;
    loop.execute(() -> {
      if (!ended) {
        List.copyOf(streams).forEach(QuicStream::finNow);
        endpoint.end(channel, /* application= */ true, QuicCodes.ofConnection(code));
      }
    });
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    open = false;
    ticking.cancel();
    endpoint.connections().remove(this);
    OverlayException cause = cause();
    openings.fail(cause);
    List.copyOf(streams).forEach(stream -> stream.connectionEnded(cause));
    streams.clear();
    streamCount = 0;
    if (datagrams != null) {
      datagrams.end();
    }
    account.close();
    Owner told = owner;
    if (told != null) {
      told.closed(cause);
    }
  }

  /// Whether neither side has closed it, and the peer is still heard.
  boolean isAlive() {
    return open && channel.isOpen();
  }

  /// Why it is over.
  OverlayException cause() {
    if (fault != null) {
      return fault;
    }
    if (farewell != null) {
      return QuicCodes.describe(farewell);
    }
    return new PeerUnreachable(
        channel.isTimedOut() ? "the peer has fallen silent" : "the connection was closed");
  }

  private final class DatagramLine implements QuicDatagrams.Line {

    @Override
    public int bytesMax() {
      return QuicInternals.datagramBytesMax(channel);
    }

    @Override
    public void holds(int bytes) {
      QuicConnection.this.holds(bytes);
    }

    /// Neither way does it make a window grow.
    @Override
    public void carried(int bytes) {
      wrote(bytes);
    }

    @Override
    public boolean isOpen() {
      return open;
    }
  }

  private final class Events extends ChannelInboundHandlerAdapter {

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      switch (event) {
        case QuicConnectionCloseEvent closed -> {
          farewell = closed;
          // Netty would wait until quiche has drained; behind what this packet still brings.
          loop.execute(Events.this::leave);
        }
        case QuicStreamLimitChangedEvent _ -> openings.proceed();
        case QuicPathEvent.PeerMigrated _ -> moved();
        default -> {}
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof ByteBuf datagram) {
        try {
          if (datagrams != null) {
            datagrams.received(datagram);
          }
        } finally {
          datagram.release();
        }
      } else {
        context.fireChannelRead(message); // a stream: Netty sets it up
      }
    }

    private void moved() {
      Owner told = owner;
      if (told != null) {
        told.moved();
      }
    }

    private void leave() {
      List.copyOf(streams).forEach(QuicStream::takeRest);
      end();
      channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("connection failed peer={} reason={}", secured.peer(), cause.getMessage());
      if (fault == null) {
        fault = new ProtocolViolation("QUIC: " + cause.getMessage(), cause);
      }
      // quiche cannot go on with it, and may not say so; not while Netty is in the middle of it.
      loop.execute(
          () -> endpoint.end(channel, false, (int) QuicTransportError.INTERNAL_ERROR.code()));
    }
  }
}
