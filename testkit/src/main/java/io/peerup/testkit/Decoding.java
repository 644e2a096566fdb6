package io.peerup.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// What holds for every decoder, whatever the input: it answers or refuses with the one declared
/// exception, allocates in proportion to what it was given and not to what the input claims, and
/// leaves the input as it was. A fuzz target adds what holds for its own decoder.
public final class Decoding {

  /// Room for what a decoder needs whatever the input: an error with its stack trace, an expression
  /// that backtracks through a name of 253 characters.
  private static final long BYTES_BASE = 512 * 1024;

  /// Room for trees and lists: the smallest element of any of our formats is one byte of input.
  private static final long BYTES_PER_INPUT_BYTE = 512;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Decoding() {}

  /// What the decoder makes of the input, or empty if it refuses with the `refusal` that it
  /// declares. Everything else that it throws, and an excess of memory, is a finding.
  public static <T> Optional<T> of(
      byte[] input, Class<? extends RuntimeException> refusal, Function<byte[], T> decoder) {
    byte[] given = input.clone();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Optional<T> result = attempt(given, refusal, decoder);
    long spent = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (spent > allowed(input)) {
      // Once more, because the first call of all may have loaded classes.
      before = THREADS.getCurrentThreadAllocatedBytes();
      result = attempt(given, refusal, decoder);
      spent = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    if (spent > allowed(input)) {
      throw new AssertionError(
          "%d bytes were allocated for an input of %d".formatted(spent, input.length));
    }
    same(given, input);
    return result;
  }

  /// As [#of], for files of our own whose error messages cost more than the reading.
  public static <T> Optional<T> attempt(
      byte[] input, Class<? extends RuntimeException> refusal, Function<byte[], T> decoder) {
    try {
      return Optional.of(decoder.apply(input));
    } catch (RuntimeException e) {
      if (!refusal.isInstance(e)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private static long allowed(byte[] input) {
    return BYTES_BASE + input.length * BYTES_PER_INPUT_BYTE;
  }

  /// Cheaper than AssertJ, for comparisons made ten million times.
  public static void same(byte[] actual, byte[] expected) {
    if (!Arrays.equals(actual, expected)) {
      throw new AssertionError(
          HexFormat.of().formatHex(actual) + " is not " + HexFormat.of().formatHex(expected));
    }
  }

  /// As for arrays.
  public static void same(Object actual, Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError(actual + " is not " + expected);
    }
  }

  /// As [#same], for a condition.
  public static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("does not hold: " + what);
    }
  }
}
