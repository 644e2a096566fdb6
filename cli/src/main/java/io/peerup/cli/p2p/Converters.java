package io.peerup.cli.p2p;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import java.time.Duration;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Arguments as typed values. What they refuse is wrong usage (exit status 2).
final class Converters {

  private Converters() {}

  /// A multiaddr, whatever it is for.
  static final class Address implements ITypeConverter<Multiaddr> {
    @Override
    public Multiaddr convert(String text) {
      try {
        return Multiaddr.parse(text);
      } catch (MalformedInput wrong) {
        throw new TypeConversionException(
            "not a multiaddr such as /ip4/192.0.2.1/tcp/7777/p2p/12D3KooW…: " + wrong.getMessage());
      }
    }
  }

  /// Seconds, whole or decimal, above zero.
  static final class Seconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      double seconds;
      try {
        seconds = Double.parseDouble(text);
      } catch (NumberFormatException wrong) {
        throw new TypeConversionException("'" + text + "' is not a number of seconds");
      }
      if (!(seconds >= 0.001 && seconds <= Limits.TIMEOUT_SECONDS_MAX)) {
        throw new TypeConversionException(
            "'" + text + "' is not between 0.001 and " + Limits.TIMEOUT_SECONDS_MAX + " seconds");
      }
      return Duration.ofMillis(Math.round(seconds * 1000));
    }
  }

  /// The name of a network, which ends up in protocol ids: a DNS label, or empty for the default.
  static final class Network implements ITypeConverter<String> {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    @Override
    public String convert(String text) {
      if (!text.isEmpty() && !LABEL.matcher(text).matches()) {
        throw new TypeConversionException(
            "'"
                + text
                + "' is not a DNS label (lower-case letters, digits, inner dashes, at most 63)");
      }
      return text;
    }
  }

  /// A count of bytes.
  static final class Bytes implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return bounded(text, 0, Limits.PERF_BYTES_MAX, "a number of bytes");
    }
  }

  /// How often to do something.
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) bounded(text, 1, Limits.COUNT_MAX, "a count");
    }
  }

  /// How many streams at once.
  static final class Streams implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      return (int) bounded(text, 1, Limits.STREAMS_MAX, "a number of streams");
    }
  }

  private static long bounded(String text, long min, long max, String what) {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException wrong) {
      throw new TypeConversionException("'" + text + "' is not " + what);
    }
    if (value < min || value > max) {
      throw new TypeConversionException(
          "'" + text + "' is not " + what + " between " + min + " and " + max);
    }
    return value;
  }
}
