package io.peerup.node.lan;

import java.time.Duration;

/// Bounds of this package. Anybody on the local network can send us anything at any rate.
final class Limits {

  /// Largest message that is read: what fits an Ethernet frame. Ours are a fifth of it.
  static final int MESSAGE_BYTES_MAX = 1472;

  /// Questions and records of one message that are read; more than a crowded network puts into one.
  static final int RECORDS_MAX = 64;

  /// Bytes of a name: the limit of DNS.
  static final int NAME_BYTES_MAX = 255;

  /// Addresses of one answer, and bytes of each: the limit of a string in a TXT record.
  static final int ADDRESSES_MAX = 4;

  static final int ADDRESS_BYTES_MAX = 255;

  /// Peers that may ask for us: three names for each are compared with every question.
  static final int ASKERS_MAX = 512;

  /// Networks of this device that are used.
  static final int NETWORKS_MAX = 8;

  /// Messages of others that are looked at in a second; the rest waits in the socket and is lost
  /// there. A busy network has some tens.
  static final int MESSAGES_PER_SECOND_MAX = 500;

  /// An answer is not repeated on the same network sooner (RFC 6762, section 6).
  static final Duration REPEAT = Duration.ofSeconds(1);

  /// How long others may remember an answer. A question is asked when somebody has typed a code;
  /// nobody needs the answer later.
  static final int TTL_SECONDS = 10;

  /// How long a joiner listens for answers, and when it asks: at once, and again after a second, as
  /// a message may be lost (RFC 6762, section 5.2, wants a second in between).
  static final Duration SEARCH = Duration.ofSeconds(3);

  static final Duration ASK_AGAIN = Duration.ofSeconds(1);

  /// Answers of different content that a joiner tries, in all and of one address: one is right, the
  /// others are lies.
  static final int CANDIDATES_MAX = 8;

  static final int CANDIDATES_OF_ADDRESS_MAX = 2;

  /// Peers asked for at a time: their names fill one message.
  static final int PEERS_MAX = 16;

  /// How long to wait before peers that were not found are asked for again: doubles up to the
  /// second. They ask for us, too, when they come.
  static final Duration PEERS_AGAIN = Duration.ofSeconds(15);

  static final Duration PEERS_AGAIN_MAX = Duration.ofMinutes(5);

  /// To reach a peer where somebody says that it is; up to eight may be lies.
  static final Duration DIAL = Duration.ofSeconds(2);

  /// How often is looked whether a peer is missing.
  static final Duration PEERS_LOOK = Duration.ofSeconds(2);

  /// How often a device that waits looks whether it still does, and whether its networks changed.
  static final Duration LOOK = Duration.ofSeconds(1);

  static final Duration RESCAN = Duration.ofSeconds(10);

  private Limits() {}
}
