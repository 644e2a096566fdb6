package io.peerup.bench;

import com.google.gson.JsonObject;

/// One thing to measure again and again: two connected processes and what they do.
abstract class Scenario {

  private static final long MIB = 1 << 20;

  /// First transfer, before the speed is known; also what the compilers warm up on.
  private static final long FIRST_BYTES = 16 * MIB;

  private static final int WARM_UPS = 3;

  /// A connection passes through far more code than a byte does, and less often.
  private static final int WARM_UPS_OF_CONNECTIONS = 12;

  final String key;
  final Samples samples = new Samples();

  Scenario(String key) {
    this.key = key;
  }

  /// Measures for about this long and returns the figure.
  abstract double measure(double seconds);

  void round(double seconds) {
    samples.add(measure(seconds));
  }

  /// Not counted: compilers, windows, buffers.
  void warmUp(double seconds) {
    for (int i = 0; i < WARM_UPS; i++) {
      double _ = measure(seconds / 2);
    }
  }

  /// MB/s on one stream.
  static Scenario transfer(String key, PeerProcess dialer, boolean upload, Object... target) {
    return new Scenario(key) {
      private double bytesPerSecond;

      @Override
      double measure(double seconds) {
        long bytes =
            bytesPerSecond == 0
                ? FIRST_BYTES
                : Math.max(MIB, (long) (bytesPerSecond * seconds) / MIB * MIB);
        JsonObject answer =
            dialer.call(
                "transfer",
                with(target, "upload", upload ? bytes : 0L, "download", upload ? 0L : bytes));
        bytesPerSecond = bytes / Json.number(answer, "seconds");
        return bytesPerSecond / 1e6;
      }
    };
  }

  /// Median round trip in microseconds.
  static Scenario ping(String key, PeerProcess dialer, Object... target) {
    return new Scenario(key) {
      @Override
      double measure(double seconds) {
        JsonObject answer = dialer.call("pings", with(target, "seconds", seconds / 2));
        return Samples.percentile(Json.numbers(answer, "micros"), 0.5);
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
      void warmUp(double seconds) {
        for (int i = 0; i < WARM_UPS_OF_CONNECTIONS; i++) {
          double _ = measure(seconds / 2);
        }
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
