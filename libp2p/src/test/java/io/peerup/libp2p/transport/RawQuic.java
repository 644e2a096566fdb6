package io.peerup.libp2p.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.peerup.libp2p.tls.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// A peer whose QUIC is its own. Netty's codec makes the connection, with a real certificate and
/// through sockets of ours; then it is cut off, and packets with any frames are sealed by hand with
/// its keys, their numbers far ahead. What the victim sends is opened, counted and acknowledged.
public final class RawQuic implements AutoCloseable {

  private static final long FIRST_NUMBER = 1 << 20;
  private static final int SOCKET_BUFFER_BYTES = 4 << 20;
  private static final int FRAME_TYPES = 0x40;

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final InetSocketAddress victim;
  private final DatagramSocket inside = socket();
  private final DatagramSocket outside = socket();
  private final Map<String, String> secrets = new ConcurrentHashMap<>();
  private final AtomicLongArray seen = new AtomicLongArray(FRAME_TYPES);
  private final CompletableFuture<QuicFrames.Close> closed = new CompletableFuture<>();

  private final Queue<byte[]> sealed = new ArrayDeque<>();
  private final Map<Long, byte[]> victimIds = new ConcurrentHashMap<>();
  private volatile long streamsAllowed;

  private volatile @Nullable SocketAddress codec;
  private volatile byte[] ownId = {};
  private volatile byte[] victimId = {};
  private volatile @Nullable QuicKeys opening;
  private @Nullable QuicKeys sealing;
  private volatile boolean tookOver;
  private volatile boolean acknowledges = true;
  private long number = FIRST_NUMBER;
  private long lastSeen = -2;
  private long inARow;

  /// Connects, and takes over. The victim is then to be asked whether it has the connection, too.
  ///
  /// @param idsWanted how many connection ids of the victim it says it would keep
  public RawQuic(InetSocketAddress victim, Credentials shown, long idsWanted) throws Exception {
    this.victim = victim;
    outside.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
    pump(inside, this::fromCodec);
    pump(outside, this::fromVictim);
    Channel socket =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(
                new QuicClientCodecBuilder()
                    .sslContext(tls(shown))
                    .maxIdleTimeout(60, TimeUnit.SECONDS)
                    .initialMaxData(1 << 20)
                    .initialMaxStreamDataBidirectionalLocal(1 << 20)
                    .initialMaxStreamDataBidirectionalRemote(1 << 20)
                    .initialMaxStreamsBidirectional(100)
                    .activeConnectionIdLimit(idsWanted)
                    .datagram(1, 1)
                    .build())
            .bind(loopback())
            .sync()
            .channel();
    QuicChannel channel =
        QuicChannel.newBootstrap(socket)
            .handler(new ChannelInboundHandlerAdapter())
            .streamHandler(new ChannelInboundHandlerAdapter())
            .remoteAddress(inside.getLocalSocketAddress())
            .connect()
            .get(20, TimeUnit.SECONDS);
    String suite = Objects.requireNonNull(channel.sslEngine()).getSession().getCipherSuite();
    sealing = new QuicKeys(suite, secret("CLIENT_TRAFFIC_SECRET_0"));
    opening = new QuicKeys(suite, secret("SERVER_TRAFFIC_SECRET_0"));
  }

  private QuicSslContext tls(Credentials shown) {
    return QuicSslContextBuilder.forClient()
        .trustManager(InsecureTrustManagerFactory.INSTANCE)
        .endpointIdentificationAlgorithm("")
        .applicationProtocols("libp2p")
        .keyManager(shown.key(), null, shown.chain().toArray(X509Certificate[]::new))
        .keylog((_, line) -> {
          List<String> words = List.of(line.split(" ", -1));
          secrets.put(words.get(0), words.get(2));
        })
        .build();
  }

  private String secret(String name) {
    return Objects.requireNonNull(secrets.get(name));
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static DatagramSocket socket() {
    try {
      return new DatagramSocket(loopback());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ------------------------------------------------------------------------------------ the middle

  private interface Step {
    void take(DatagramPacket packet) throws IOException;
  }

  private static void pump(DatagramSocket from, Step step) {
    Thread.ofVirtual()
        .start(() -> {
          DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
          while (!from.isClosed()) {
            try {
              packet.setLength(2048);
              from.receive(packet);
              step.take(packet);
            } catch (IOException e) {
              if (!from.isClosed()) {
                throw new UncheckedIOException(e);
              }
            }
          }
        });
  }

  private void fromCodec(DatagramPacket packet) throws IOException {
    codec = packet.getSocketAddress();
    if (!tookOver) {
      packet.setSocketAddress(victim);
      outside.send(packet);
    }
  }

  private void fromVictim(DatagramPacket packet) throws IOException {
    byte[] data = packet.getData();
    if (data[0] < 0) { // a long header, with both connection ids
      ownId = Arrays.copyOfRange(data, 6, 6 + data[5]);
      int at = 6 + data[5];
      victimId = Arrays.copyOfRange(data, at + 1, at + 1 + data[at]);
    } else {
      sealed.add(Arrays.copyOf(data, packet.getLength()));
      openAll();
    }
    SocketAddress to = codec;
    if (!tookOver && to != null) {
      packet.setSocketAddress(to);
      inside.send(packet);
    }
  }

  /// The codec is cut off.
  public RawQuic takeOver() {
    tookOver = true;
    return this;
  }

  /// What came before there were keys waits for them.
  private void openAll() {
    QuicKeys keys = opening;
    while (keys != null && !sealed.isEmpty()) {
      byte[] packet = sealed.remove();
      QuicKeys.Opened opened = keys.open(packet, ownId.length);
      if (opened != null) {
        QuicFrames.read(opened.frames(), new Seen());
        inARow = opened.number() == lastSeen + 1 ? inARow + 1 : 1;
        lastSeen = opened.number();
        if (acknowledges && tookOver) {
          send(new QuicFrames().ack(lastSeen, inARow));
        }
      }
    }
  }

  private final class Seen implements QuicFrames.Reader {

    @Override
    public void frame(int type) {
      seen.incrementAndGet(type);
    }

    @Override
    public void maxStreams(long count) {
      streamsAllowed = Math.max(streamsAllowed, count);
    }

    @Override
    public void newConnectionId(long sequence, byte[] id) {
      victimIds.put(sequence, id);
    }

    @Override
    public void close(QuicFrames.Close how) {
      closed.complete(how);
    }
  }

  // ------------------------------------------------------------------------------------ the attack

  /// From now on nothing is acknowledged.
  public void fallSilent() {
    acknowledges = false;
  }

  /// Until now, when everything since is acknowledged, and what comes.
  public synchronized void speakAgain() {
    acknowledges = true;
    send(new QuicFrames().ack(lastSeen, inARow));
  }

  /// Sends a packet with these frames.
  public synchronized void send(QuicFrames frames) {
    try {
      byte[] packet =
          Objects.requireNonNull(sealing).seal(victimId, number++, frames.toByteArray());
      outside.send(new DatagramPacket(packet, packet.length, victim));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The highest number of a connection id that the victim has given, 0 if it gave none.
  public long lastId() {
    return victimIds.keySet().stream().mapToLong(each -> each).max().orElse(0);
  }

  /// From now on the victim is addressed by this id of its.
  public void useId(long sequence) {
    victimId = Objects.requireNonNull(victimIds.get(sequence));
  }

  /// How many streams may be opened in all.
  public long streamsAllowed() {
    return streamsAllowed;
  }

  /// How the victim closed the connection, once it did.
  public CompletableFuture<QuicFrames.Close> closed() {
    return closed;
  }

  /// How many frames of a type the victim has sent.
  public long seen(int type) {
    return seen.get(type);
  }

  @Override
  public void close() {
    inside.close();
    outside.close();
    loops.shutdownGracefully(0, 1000, TimeUnit.MILLISECONDS).awaitUninterruptibly();
  }
}
