package io.peerup.node.peers;

import java.time.Duration;

/// Times and bounds of keeping in touch with peers.
final class Limits {

  /// First wait after a failed attempt; doubles with each failure.
  static final Duration RETRY_FIRST = Duration.ofSeconds(1);

  /// Longest wait between attempts to reach an offline peer. It will dial us when it comes back, so
  /// this only matters when both sides cannot be dialled.
  static final Duration RETRY_MAX = Duration.ofSeconds(60);

  /// First wait between attempts at a direct path while a relayed one works.
  static final Duration UPGRADE_FIRST = Duration.ofSeconds(5);

  /// Longest such wait: networks change without telling anybody.
  static final Duration UPGRADE_MAX = Duration.ofMinutes(5);

  /// One attempt to connect, relay dial and inner handshake included.
  static final Duration CONNECT = Duration.ofSeconds(15);

  /// One attempt at a direct path, over all addresses at once.
  static final Duration UPGRADE = Duration.ofSeconds(5);

  /// How long an unused connection outlives the one that makes it spare, so that whoever is about
  /// to open a stream there still can. One in use stays until its streams have ended.
  static final Duration SPARE_GRACE = Duration.ofSeconds(5);

  /// Longest a link sleeps without looking around.
  static final Duration IDLE = Duration.ofSeconds(30);

  /// Direct addresses of one peer that are tried: a few interfaces, both IP versions.
  static final int DIRECT_ADDRESSES_MAX = 16;

  /// Relays that one node keeps places at: what the circuit client takes.
  static final int RELAYS_MAX = io.peerup.relay.circuit.Limits.RELAYS_MAX;

  /// One ping, when somebody asks for it.
  static final Duration PING = Duration.ofSeconds(10);

  /// How quickly a removed or expired peer must be gone is one second; the sweep runs at twice that
  /// rate.
  static final Duration SWEEP = Duration.ofMillis(500);

  /// Strangers connected at a time because they pair: a relay has one live lookup an invite.
  static final int GUESTS_MAX = 8;

  /// Of these, those who came directly, in all and from one address of the local network.
  static final int DIRECT_GUESTS_MAX = 6;

  static final int DIRECT_GUESTS_OF_ADDRESS_MAX = 2;

  /// A pairing run with the wait for another's turn before it.
  static final Duration GUEST_STAY = Duration.ofSeconds(30);

  /// Peers that are remembered to speak hybrid: all that `authorized_keys` may hold, the relays,
  /// and as many again that went.
  static final int HYBRID_PEERS_MAX = 4096;

  /// How often the machine's addresses are looked at: a few milliseconds each time.
  static final Duration NETWORK_LOOK = Duration.ofSeconds(5);

  /// Networks change at most so often: each change dials every relay and missing peer anew.
  static final Duration NETWORK_PAUSE = Duration.ofSeconds(10);

  private Limits() {}
}
