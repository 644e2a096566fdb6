package io.peerup.node.services;

/// What carries a service's traffic for one stream.
interface Bridge {

  /// Ends both directions at once. Idempotent, from any thread.
  void abort();
}
