package io.peerup.control.server;

import java.time.Duration;

/// The limits of the control server, each with its reason.
///
/// @param requestBytes body of a request
/// @param requestTime from the first byte (or the last reply) to a complete request
/// @param connections at a time
/// @param requests being handled at a time
/// @param streams open at a time
record Limits(int requestBytes, Duration requestTime, int connections, int requests, int streams) {
  /// The method, path and query of a request: a route with a long name in it is a tenth of this.
  static final int REQUEST_LINE_BYTES = 4 << 10;

  /// All headers of a request together: browsers and curl stay far below; a bomb does not pass.
  static final int HEADER_BYTES = 16 << 10;

  /// After an early refusal the rest of the request is read and dropped this long, so that the
  /// client is not cut off while it still writes and can read why.
  static final Duration LINGER = Duration.ofSeconds(1);

  /// What a closing server grants to requests that are being answered, among them the one that
  /// asked it to stop.
  static final Duration CLOSING = Duration.ofSeconds(1);

  /// - 1 MiB of body: the largest request is a list of 64 token hashes, a few KiB.
  /// - 30 s: a local client needs milliseconds, a person typing into `nc` a little longer.
  /// - 1024 connections: more than any set of scripts keeps open, and within the usual number of
  ///   file descriptors; the longest idle one makes room for a new one.
  /// - 256 requests: each is a virtual thread and at most 1 MiB of body.
  /// - 128 streams: one for each running `proxy`, `ping`, `logs` or `--watch`; counted apart, so
  ///   that forgotten ones never block a plain request.
  static final Limits DEFAULT = new Limits(1 << 20, Duration.ofSeconds(30), 1024, 256, 128);
}
