package io.peerup.libp2p.host;

import io.peerup.libp2p.transport.BufferBudget;
import java.time.Duration;

/// Every bound a host keeps for itself and against its peers. Start from [#DEFAULTS] and change one
/// at a time. What is counted before authentication is counted by IP prefix: a whole IPv4 address
/// (/32, because carriers share nothing smaller), and an IPv6 /56 (the least an access provider
/// gives one customer, who can use any address in it). Whoever has a whole IPv4 /24 or IPv6 /48 can
/// fill all places for unfinished handshakes, and loses them one by one to newcomers from
/// elsewhere.
///
/// @param connections live connections in total, both directions. A socket, two cipher states and a
///   muxer are about 10 kB idle; 1024 also stays below common descriptor limits
/// @param halfOpen connections in total that were accepted and have not finished their handshake: a
///   flood of strangers must not use up the room for peers
/// @param halfOpenPerPrefix the same from one IP prefix
/// @param halfOpenFromLoopback the same from one loopback address: many nodes may run side by side
/// @param connectionsPerPrefix live inbound connections from one IP prefix, loopback excepted
/// @param connectionsPerPeer live connections to one authenticated peer: simultaneous dials and a
///   direct path beside a relayed one need a few
/// @param inboundStreamsPerConnection streams that one peer may hold open on one connection
/// @param inboundStreams streams that all peers together may hold open: each has a virtual thread
///   and buffers, some 4 kB at least
/// @param inboundStreamsPerPeer the same for one peer with all its connections, so that no peer
///   takes the places of the others
/// @param bufferedBytes what the buffers of all streams of all connections may hold together; a
///   heap that is smaller than four times this gives a fourth of itself. One peer may use a fourth
///   of the whole
/// @param dials dials in progress in total: each holds a socket and a timer
/// @param addressesPerDial addresses tried in one dial; best first, the rest are ignored
/// @param inboundUpgrade time from accept to a running muxer, all round trips included
/// @param dial time for one address: TCP connect and handshake
/// @param privateDial the same for private and loopback addresses, which answer at once or not at
///   all
/// @param inboundNegotiation time for a peer to say what it wants of a stream it opened
/// @param keepAlive interval of the muxer's own ping; it also keeps NAT mappings alive
/// @param keepAliveAnswerMax how long a peer may stay silent after such a ping before its
///   connection is dead
public record HostLimits(
    int connections,
    int halfOpen,
    int halfOpenPerPrefix,
    int halfOpenFromLoopback,
    int connectionsPerPrefix,
    int connectionsPerPeer,
    int inboundStreamsPerConnection,
    int inboundStreams,
    int inboundStreamsPerPeer,
    long bufferedBytes,
    int dials,
    int addressesPerDial,
    Duration inboundUpgrade,
    Duration dial,
    Duration privateDial,
    Duration inboundNegotiation,
    Duration keepAlive,
    Duration keepAliveAnswerMax) {

  /// Less would not let four peers have one stream each.
  public static final long BUFFERED_BYTES_MIN = 4L << 20;

  /// The values for a node of a private network, see the parameters for reasons.
  public static final HostLimits DEFAULTS =
      new HostLimits(
          1024,
          128,
          16,
          64,
          256,
          8,
          1000,
          8192,
          2000,
          BufferBudget.BYTES_MAX,
          160,
          32,
          Duration.ofSeconds(15),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(20));

  public HostLimits {
    int[] counts = {
      connections,
      halfOpen,
      halfOpenPerPrefix,
      halfOpenFromLoopback,
      connectionsPerPrefix,
      connectionsPerPeer,
      inboundStreamsPerConnection,
      inboundStreams,
      inboundStreamsPerPeer,
      dials,
      addressesPerDial
    };
    for (int count : counts) {
      if (count < 1) {
        throw new IllegalArgumentException("a host limit must be at least 1, not " + count);
      }
    }
    if (bufferedBytes < BUFFERED_BYTES_MIN) {
      throw new IllegalArgumentException("buffers of " + bufferedBytes + " bytes are too little");
    }
    Duration[] times = {
      inboundUpgrade, dial, privateDial, inboundNegotiation, keepAlive, keepAliveAnswerMax
    };
    for (Duration time : times) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("a host deadline must be positive, not " + time);
      }
    }
  }

  /// A copy to change: `DEFAULTS.change().connections(5).build()`.
  public Changer change() {
    return new Changer(this);
  }

  /// Changes single values of a [HostLimits].
  public static final class Changer {
    private int connections;
    private int halfOpen;
    private int halfOpenPerPrefix;
    private int halfOpenFromLoopback;
    private int connectionsPerPrefix;
    private int connectionsPerPeer;
    private int inboundStreamsPerConnection;
    private int inboundStreams;
    private int inboundStreamsPerPeer;
    private long bufferedBytes;
    private int dials;
    private final int addressesPerDial;
    private Duration inboundUpgrade;
    private Duration dial;
    private Duration privateDial;
    private Duration inboundNegotiation;
    private Duration keepAlive;
    private Duration keepAliveAnswerMax;

    private Changer(HostLimits from) {
      connections = from.connections;
      halfOpen = from.halfOpen;
      halfOpenPerPrefix = from.halfOpenPerPrefix;
      halfOpenFromLoopback = from.halfOpenFromLoopback;
      connectionsPerPrefix = from.connectionsPerPrefix;
      connectionsPerPeer = from.connectionsPerPeer;
      inboundStreamsPerConnection = from.inboundStreamsPerConnection;
      inboundStreams = from.inboundStreams;
      inboundStreamsPerPeer = from.inboundStreamsPerPeer;
      bufferedBytes = from.bufferedBytes;
      dials = from.dials;
      addressesPerDial = from.addressesPerDial;
      inboundUpgrade = from.inboundUpgrade;
      dial = from.dial;
      privateDial = from.privateDial;
      inboundNegotiation = from.inboundNegotiation;
      keepAlive = from.keepAlive;
      keepAliveAnswerMax = from.keepAliveAnswerMax;
    }

    public Changer connections(int value) {
      connections = value;
      return this;
    }

    public Changer halfOpen(int value) {
      halfOpen = value;
      return this;
    }

    public Changer halfOpenPerPrefix(int value) {
      halfOpenPerPrefix = value;
      return this;
    }

    public Changer halfOpenFromLoopback(int value) {
      halfOpenFromLoopback = value;
      return this;
    }

    public Changer connectionsPerPrefix(int value) {
      connectionsPerPrefix = value;
      return this;
    }

    public Changer connectionsPerPeer(int value) {
      connectionsPerPeer = value;
      return this;
    }

    public Changer inboundStreamsPerConnection(int value) {
      inboundStreamsPerConnection = value;
      return this;
    }

    public Changer inboundStreams(int total, int perPeer) {
      inboundStreams = total;
      inboundStreamsPerPeer = perPeer;
      return this;
    }

    public Changer bufferedBytes(long value) {
      bufferedBytes = value;
      return this;
    }

    public Changer dials(int value) {
      dials = value;
      return this;
    }

    public Changer inboundUpgrade(Duration value) {
      inboundUpgrade = value;
      return this;
    }

    public Changer dial(Duration value) {
      dial = value;
      privateDial = value;
      return this;
    }

    public Changer inboundNegotiation(Duration value) {
      inboundNegotiation = value;
      return this;
    }

    public Changer keepAlive(Duration interval, Duration answerMax) {
      keepAlive = interval;
      keepAliveAnswerMax = answerMax;
      return this;
    }

    public HostLimits build() {
      return new HostLimits(
          connections,
          halfOpen,
          halfOpenPerPrefix,
          halfOpenFromLoopback,
          connectionsPerPrefix,
          connectionsPerPeer,
          inboundStreamsPerConnection,
          inboundStreams,
          inboundStreamsPerPeer,
          bufferedBytes,
          dials,
          addressesPerDial,
          inboundUpgrade,
          dial,
          privateDial,
          inboundNegotiation,
          keepAlive,
          keepAliveAnswerMax);
    }
  }
}
