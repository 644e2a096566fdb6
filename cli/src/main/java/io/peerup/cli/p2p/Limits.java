package io.peerup.cli.p2p;

/// Every bound of the toolbox's arguments, with its reason.
final class Limits {

  /// About a month: longer than any test, short enough for every clock arithmetic.
  static final int TIMEOUT_SECONDS_MAX = 2_592_000;

  /// A mistyped count must not run for a day.
  static final int COUNT_MAX = 1_000_000;

  /// A terabyte each way and stream; more is a typing error.
  static final long PERF_BYTES_MAX = 1_000_000_000_000L;

  /// Each has a thread and buffers of its own; common peers serve no more at once.
  static final int STREAMS_MAX = 256;

  private Limits() {}
}
