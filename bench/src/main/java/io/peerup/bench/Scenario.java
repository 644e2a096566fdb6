package io.peerup.bench;

import com.google.gson.JsonObject;
import java.util.List;

/// One thing to measure again and again: two connected processes and what they do.
abstract class Scenario {

  private static final long MIB = 1 << 20;

  /// First transfer, before the speed is known; also what the compilers warm up on.
  private static final long FIRST_BYTES = 16 * MIB;

  /// A connection passes through far more code than a byte does, and less often.
  private static final int WARMER_FOR_CONNECTIONS = 4;

  final String key;
  final Samples samples = new Samples();
  final Samples tail = new Samples();

  Scenario(String key) {
    this.key = key;
  }

  /// Measures for about this long and returns the figure.
  abstract double measure(double seconds);

  void round(double seconds) {
    samples.add(measure(seconds));
  }

  /// Not counted: compilers, windows, buffers.
  void warmUp(int times, double seconds) {
    for (int i = 0; i < times; i++) {
      double _ = measure(seconds / 2);
    }
  }

  /// What a transfer moves.
  enum Way {
    UP,
    DOWN,
    /// The bytes of both ways count.
    BOTH
  }

  /// MB/s on so many streams each way.
  static Scenario transfer(String key, PeerProcess dialer, Way way, int streams, Object... target) {
    return new Scenario(key) {
      private double bytesPerSecond;

      @Override
      double measure(double seconds) {
        long bytes =
            bytesPerSecond == 0
                ? FIRST_BYTES
                : Math.max(
                    FIRST_BYTES, (long) (bytesPerSecond * seconds) / FIRST_BYTES * FIRST_BYTES);
        long each = way == Way.BOTH ? bytes / 2 : bytes;
        JsonObject answer =
            dialer.call(
                "transfer",
                with(
                    target,
                    "streams",
                    streams,
                    "upload",
                    way == Way.DOWN ? 0L : each,
                    "download",
                    way == Way.UP ? 0L : each));
        bytesPerSecond = bytes / Json.number(answer, "seconds");
        return bytesPerSecond / 1e6;
      }
    };
  }

  /// Median time from a request of so many bytes to its answer, in microseconds; [#tail] has the
  /// 99th percentile.
  static Scenario requests(String key, PeerProcess dialer, int bytes, Object... target) {
    return new Scenario(key) {
      @Override
      double measure(double seconds) {
        return Samples.percentile(micros(seconds), 0.5);
      }

      @Override
      void round(double seconds) {
        List<Double> all = micros(seconds);
        samples.add(Samples.percentile(all, 0.5));
        tail.add(Samples.percentile(all, 0.99));
      }

      private List<Double> micros(double seconds) {
        return Json.numbers(
            dialer.call("requests", with(target, "bytes", bytes, "seconds", seconds / 2)),
            "micros");
      }
    };
  }

  /// Connections per second.
  static Scenario rate(String key, PeerProcess dialer, int inFlight, String address) {
    return new Scenario(key) {
      @Override
      double measure(double seconds) {
        JsonObject answer =
            dialer.call("rate", "addr", address, "seconds", seconds, "inFlight", inFlight);
        return Json.number(answer, "count") / Json.number(answer, "seconds");
      }

      @Override
      void warmUp(int times, double seconds) {
        super.warmUp(WARMER_FOR_CONNECTIONS * times, seconds);
      }
    };
  }

  private static Object[] with(Object[] target, Object... more) {
    Object[] all = new Object[target.length + more.length];
    System.arraycopy(target, 0, all, 0, target.length);
    System.arraycopy(more, 0, all, target.length, more.length);
    return all;
  }
}
