package io.peerup.pairing;

/// Told of every costly step of a join, so that a test can show that all outcomes cost the same.
public interface PairWork {

  /// A token was hashed.
  default void hashed() {}

  /// Two secrets or selectors were compared.
  default void compared() {}

  /// An introduction was decoded and its signature checked.
  default void checkedIntro() {}

  /// Counts nothing.
  static PairWork uncounted() {
    return new PairWork() {};
  }
}
