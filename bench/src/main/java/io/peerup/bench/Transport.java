package io.peerup.bench;

import java.util.List;
import java.util.Locale;

/// The ways two peers can be connected, each with yamux or its like above it.
enum Transport {
  NOISE("tcp + noise", "/noise", "/ip4/127.0.0.1/tcp/0"),
  TLS("tcp + tls", "/tls/1.0.0", "/ip4/127.0.0.1/tcp/0"),
  QUIC("quic", "/noise", "/ip4/127.0.0.1/udp/0/quic-v1");

  /// Those that this build measures.
  static final List<Transport> ALL = List.of(values());

  static final List<Transport> OVER_TCP = List.of(NOISE, TLS);

  final String label;

  /// What secures TCP; QUIC secures itself.
  final String security;

  final String anyPort;

  Transport(String label, String security, String anyPort) {
    this.label = label;
    this.security = security;
    this.anyPort = anyPort;
  }

  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
