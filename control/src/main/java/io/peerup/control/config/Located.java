package io.peerup.control.config;

/// A setting and where it was written, so that whoever understands the value can still name the
/// line.
///
/// @param key the dotted name, with an index inside a list: `relay.addresses[1]`
/// @param line counted from 1; 0 for a default that no file contains
public record Located<T>(T value, String key, int line) {
  /// A default.
  public static <T> Located<T> byDefault(T value, String key) {
    return new Located<>(value, key, 0);
  }
}
