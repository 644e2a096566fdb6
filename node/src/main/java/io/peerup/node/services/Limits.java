package io.peerup.node.services;

import java.time.Duration;

/// The bounds of services and proxies.
final class Limits {

  /// Services of one node: a person lists them on one screen or two.
  static final int SERVICES_MAX = 128;

  /// Peers named in one service's allow-list: as many as a relay's groups can bring together.
  static final int ALLOWED_PEERS_MAX = 1024;

  /// Connections to our services at one time, from all peers: each holds a local socket and two
  /// buffers.
  static final int SERVED_CONNECTIONS_MAX = 1024;

  /// The same from one peer, so that one peer cannot take every place of the others.
  static final int SERVED_CONNECTIONS_PER_PEER_MAX = 256;

  /// Local connections through one proxy at one time.
  static final int PROXIED_CONNECTIONS_MAX = 512;

  /// Flows of datagrams through one UDP proxy at one time; when another program sends, the flow
  /// that was silent longest makes room. Half of what the other side has for one peer.
  static final int PROXIED_FLOWS_MAX = 128;

  /// The largest datagram: what UDP over IPv4 carries (65 535 less two headers).
  static final int DATAGRAM_BYTES_MAX = 65_507;

  /// Bytes of datagrams of one flow that wait for the peer, or for the program here; more are
  /// dropped, as a network does. A burst of ninety full packets; both ways of all flows that one
  /// peer may have are then 64 MiB, which is also what it may make a stack's buffers hold.
  static final int FLOW_BYTES_MAX = 128 << 10;

  /// The same in datagrams, of which the smallest have no bytes.
  static final int FLOW_DATAGRAMS_MAX = 512;

  /// A flow without a datagram for so long is over (RFC 4787 REQ-5: not below two minutes).
  static final Duration FLOW_IDLE = Duration.ofMinutes(2);

  /// After a flow failed, what its program sends for so long is dropped: it is told once, and the
  /// peer is not asked for each datagram.
  static final Duration FLOW_PAUSE = Duration.ofSeconds(1);

  /// Bytes of a request or reply frame: a service name, or one sentence.
  static final int FRAME_BYTES_MAX = 1024;

  /// From the stream's first byte to the reply: one frame each way and a local TCP connect.
  static final Duration REQUEST = Duration.ofSeconds(10);

  /// TCP connect to the target of a service, which is on this machine or its network.
  static final Duration TARGET_CONNECT = Duration.ofSeconds(5);

  /// Buffer of one direction of one connection: a quarter of the muxer's initial window, so that a
  /// few reads fill it and memory stays near 128 KiB a connection.
  static final int COPY_BUFFER_BYTES = 64 << 10;

  /// How long a proxy rests when it cannot accept a connection.
  static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

  private Limits() {}
}
