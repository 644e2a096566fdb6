package io.peerup.libp2p.host;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.transport.BufferBudget;
import io.peerup.libp2p.transport.Upgrade;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Makes a [Host]:
///
/// ```java
/// try (Host host = HostBuilder.create().identity(key).listen(List.of(address)).build()) { … }
/// ```
public final class HostBuilder {

  /// Loops beyond this would wait for the memory bus, not for work.
  private static final int LOOPS_MAX = 8;

  /// Characters of our own software name: peers cut it, and identify has one small frame.
  static final int AGENT_MAX = 128;

  /// The part of the heap that buffers may take: the rest is for everything else.
  private static final int HEAP_SHARE = 4;

  /// How connections are secured unless told otherwise, best first.
  public static final List<String> SECURITY =
      List.of(Upgrade.HYBRID_NOISE, Upgrade.NOISE, Upgrade.TLS);

  private @Nullable PrivateKey identity;
  private List<Multiaddr> listen = List.of();
  private ConnectionGater gater = ConnectionGater.open();
  private HostLimits limits = HostLimits.DEFAULTS;
  private List<String> security = SECURITY;
  private String agentVersion = "peerup";
  private InstantSource clock = InstantSource.system();
  private KeyRandom random = KeyRandom.secure();
  private boolean perf;
  private boolean identify = true;

  private HostBuilder() {}

  public static HostBuilder create() {
    return new HostBuilder();
  }

  /// Who the host is. Required. The host never destroys the key.
  public HostBuilder identity(PrivateKey value) {
    identity = value;
    return this;
  }

  /// Where to listen from the start; none by default (a host that only dials).
  public HostBuilder listen(List<Multiaddr> value) {
    listen = List.copyOf(value);
    return this;
  }

  /// Who may connect and open streams; everyone by default.
  public HostBuilder gater(ConnectionGater value) {
    gater = value;
    return this;
  }

  public HostBuilder limits(HostLimits value) {
    limits = value;
    return this;
  }

  /// How connections are secured, by protocol id, at least one: the first that both sides speak is
  /// taken, in the dialler's order. [#SECURITY] by default.
  public HostBuilder security(List<String> value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("a host needs a security protocol");
    }
    security = List.copyOf(value);
    return this;
  }

  /// The software name that identify tells; at most 128 characters.
  public HostBuilder agentVersion(String value) {
    if (value.length() > AGENT_MAX) {
      throw new IllegalArgumentException("agent version of " + value.length() + " characters");
    }
    agentVersion = value;
    return this;
  }

  /// Where wall-clock time comes from.
  public HostBuilder clock(InstantSource value) {
    clock = value;
    return this;
  }

  /// Where handshake keys come from.
  public HostBuilder random(KeyRandom value) {
    random = value;
    return this;
  }

  /// Whether to serve the perf protocol, which lets any admitted peer use up bandwidth; off by
  /// default.
  public HostBuilder perf(boolean value) {
    perf = value;
    return this;
  }

  /// Whether every new connection is asked at once who it is; on by default. Without it, identify
  /// is still answered, and asked by [Host#identify] only.
  public HostBuilder identify(boolean value) {
    identify = value;
    return this;
  }

  /// Starts the host: binds the listeners. Throws [io.peerup.libp2p.Refused] naming the address
  /// that cannot be bound; then nothing is left open.
  public Host build() {
    PrivateKey key = Objects.requireNonNull(identity, "a host needs an identity");
    BufferBudget budget = budget();
    PeerHost host =
        new PeerHost(
            new HostParts(
                key,
                gater,
                limits,
                security,
                muxer(budget.peerBytesMax()),
                budget,
                Math.clamp(Runtime.getRuntime().availableProcessors(), 1, LOOPS_MAX),
                agentVersion,
                clock,
                System::nanoTime,
                random,
                () -> ThreadLocalRandom.current().nextLong(),
                perf,
                identify));
    host.start(listen);
    return host;
  }

  private BufferBudget budget() {
    long heapShare = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    return new BufferBudget(
        Math.max(HostLimits.BUFFERED_BYTES_MIN, Math.min(limits.bufferedBytes(), heapShare)));
  }

  /// A single stream whose window has grown to its most, with a reader that does not read, stays
  /// below what its peer may buffer: honest back-pressure is never answered with a reset.
  private YamuxLimits muxer(long peerBytesMax) {
    int window = (int) Math.max(YamuxLimits.INITIAL_WINDOW_BYTES, peerBytesMax / 2);
    YamuxLimits base =
        YamuxLimits.DEFAULT.withMemory(
            Math.min(YamuxLimits.DEFAULT.streamWindowBytesMax(), window),
            Math.min(YamuxLimits.DEFAULT.windowGrowthBytesMax(), peerBytesMax / 2),
            Math.min(YamuxLimits.DEFAULT.bufferedBytesMax(), peerBytesMax));
    return new YamuxLimits(
        limits.inboundStreamsPerConnection(),
        base.outboundStreamsMax(),
        base.ackBacklogMax(),
        base.streamWindowBytesMax(),
        base.windowGrowthBytesMax(),
        base.bufferedBytesMax(),
        limits.keepAlive(),
        limits.keepAliveAnswerMax(),
        base.writeStallMax(),
        base.lingerMax());
  }
}
