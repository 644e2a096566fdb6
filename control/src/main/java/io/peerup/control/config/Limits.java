package io.peerup.control.config;

/// The limits of `config.yaml`, each with its reason.
final class Limits {
  /// A thousand times a usual file; larger ones are a mistake or an attack on memory.
  static final int FILE_BYTES = 256 << 10;

  /// The deepest known key has three levels; the rest is room for a clear message.
  static final int NESTING_DEPTH = 16;

  /// One host listens on a handful of addresses and uses a handful of relays.
  static final int LIST_ENTRIES = 64;

  /// The longest multiaddr with a host name and two peer ids stays below this.
  static final int TEXT_CHARACTERS = 512;

  /// More than a screen of problems is not read; the rest is counted.
  static final int PROBLEMS = 40;

  private Limits() {}
}
