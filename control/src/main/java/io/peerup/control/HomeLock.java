package io.peerup.control;

/// The right to run a home: at most one process holds it, and the system frees it when that process
/// ends, however it ends.
public final class HomeLock implements AutoCloseable {
  private HomeLock() {}

  /// Takes the lock of `home`, whose directories must exist.
  ///
  /// @throws Failure `home-in-use` naming the process that holds it
  public static HomeLock acquire(Home home) {
    throw new UnsupportedOperationException(home.toString());
  }

  /// Frees the lock; a second call does nothing.
  @Override
  public void close() {}
}
