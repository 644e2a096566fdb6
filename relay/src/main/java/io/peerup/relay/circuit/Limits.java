package io.peerup.relay.circuit;

import java.time.Duration;

/// Every bound of this package, with its reason.
public final class Limits {

  /// Largest hop or stop message: what go, js and rust take and send.
  public static final int MESSAGE_BYTES_MAX = 4096;

  /// Reservations at an own relay: far above a private network, and at about 1 KiB each no burden.
  public static final int RESERVATIONS_MAX = 16_384;

  /// go, rust: one hour. Long enough to be cheap, short enough that a forgotten reservation goes
  /// away.
  public static final Duration RESERVATION_TTL = Duration.ofHours(1);

  /// Circuits at an own relay: each costs two streams and their buffers.
  public static final int CIRCUITS_MAX = 8_192;

  /// A member may talk to every other of four full groups (64 each) through the relay.
  public static final int MEMBER_CIRCUITS_PER_PEER_MAX = 256;

  /// From here on a bound on bytes is no news to a circuit's ends: nobody plans for so much.
  public static final long GENEROUS_BYTES = 1L << 30;

  /// From here on a bound on time is none either: what lives so long can reconnect.
  public static final Duration GENEROUS_DURATION = Duration.ofHours(1);

  /// A client's request is a few dozen bytes and follows the opening of its stream at once.
  public static final Duration HOP_REQUEST_MAX = Duration.ofSeconds(10);

  /// A client that asks for a circuit or a reservation gets its answer within this time or none
  /// (js: 30 s).
  public static final Duration HOP_DIALOGUE_MAX = Duration.ofSeconds(30);

  /// What the target of a circuit may take to agree on the protocol, and again to answer: twice
  /// this is less than the dialogue around it.
  public static final Duration STOP_DIALOGUE_MAX = Duration.ofSeconds(10);

  /// The whole inner handshake of a circuit that was offered to us.
  public static final Duration INBOUND_UPGRADE_MAX = Duration.ofSeconds(15);

  /// Circuits offered to us that are in their handshake at once: each holds cryptographic state.
  public static final int INBOUND_UPGRADES_MAX = 64;

  /// Addresses taken from one reservation: a relay has few, a broken one may send hundreds.
  public static final int RELAY_ADDRESSES_MAX = 16;

  /// Relays that one client keeps reservations at.
  public static final int RELAYS_MAX = 16;

  /// Asking a relay for a reservation, connection included.
  public static final Duration RESERVE_MAX = Duration.ofSeconds(20);

  /// go refreshes when less than two minutes remain; for usual lives, half of the life comes first.
  public static final Duration REFRESH_BEFORE_EXPIRY = Duration.ofMinutes(2);

  /// First and last wait after a relay could not be reached: it is ours, its return should be
  /// noticed within a minute.
  public static final Duration UNREACHABLE_BACKOFF_MIN = Duration.ofSeconds(1);

  public static final Duration UNREACHABLE_BACKOFF_MAX = Duration.ofMinutes(1);

  /// First and last wait after RESERVATION_REFUSED or RESOURCE_LIMIT_EXCEEDED (go waits 1 h at
  /// once; an own relay frees a reservation sooner).
  public static final Duration REFUSED_BACKOFF_MIN = Duration.ofMinutes(1);

  public static final Duration REFUSED_BACKOFF_MAX = Duration.ofHours(1);

  /// How late the relay may notice that a reservation's time is over.
  public static final Duration EXPIRY_CHECK_INTERVAL = Duration.ofSeconds(1);

  private Limits() {}
}
