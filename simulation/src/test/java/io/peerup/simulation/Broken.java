package io.peerup.simulation;

/// A promise was broken.
final class Broken extends AssertionError {

  private static final long serialVersionUID = 1L;

  Broken(String message) {
    super(message);
  }

  Broken(String message, Throwable cause) {
    super(message, cause);
  }
}
