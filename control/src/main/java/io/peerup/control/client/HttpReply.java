package io.peerup.control.client;

import io.peerup.control.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One HTTP/1.1 reply, as much of RFC 9112 as our server uses: a head, and a body with a length or
/// in chunks. Everything else is refused.
final class HttpReply {
  private final Input input;
  private final int status;
  private final boolean chunked;

  /// What is left of the body or of the current chunk.
  private long left;

  private boolean ended;
  private boolean firstChunk = true;

  // Bytes of the body that nextLine() has read but not yet given out.
  private final ByteArrayOutputStream partialLine = new ByteArrayOutputStream();
  private byte[] pending = new byte[0];
  private int pendingAt;

  /// Reads the head.
  HttpReply(Input input) throws IOException {
    this.input = input;
    String statusLine = line();
    while (statusLine.startsWith("HTTP/1.1 100")) {
      headers();
      statusLine = line();
    }
    if (!statusLine.matches("HTTP/1\\.1 [0-9]{3}( .*)?")) {
      throw notHttp();
    }
    status = Integer.parseInt(statusLine.substring(9, 12));
    Map<String, String> headers = headers();
    chunked = "chunked".equalsIgnoreCase(headers.get("transfer-encoding"));
    if (!chunked) {
      String length = headers.getOrDefault("content-length", "");
      if (!length.matches("[0-9]{1,18}")) {
        throw notHttp();
      }
      left = Long.parseLong(length);
    }
  }

  int status() {
    return status;
  }

  /// The whole body as text.
  String text() throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (byte[] some = next(); some.length > 0; some = next()) {
      text.writeBytes(some);
      if (text.size() > io.peerup.control.Limits.JSON_BYTES) {
        throw tooLong();
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  /// The body's next line that is not blank, empty at the body's end.
  Optional<String> nextLine() throws IOException {
    while (true) {
      while (pendingAt < pending.length) {
        byte b = pending[pendingAt++];
        if (b != '\n') {
          partialLine.write(b);
        } else if (partialLine.size() > 0) {
          String line = partialLine.toString(StandardCharsets.UTF_8);
          partialLine.reset();
          return Optional.of(line);
        }
      }
      if (partialLine.size() > io.peerup.control.Limits.JSON_BYTES) {
        throw tooLong();
      }
      pending = next();
      pendingAt = 0;
      if (pending.length == 0) {
        if (partialLine.size() > 0) {
          throw Wire.broken(null);
        }
        return Optional.empty();
      }
    }
  }

  /// Some bytes of the body; none at its end.
  private byte[] next() throws IOException {
    if (ended) {
      return new byte[0];
    }
    if (left == 0 && chunked) {
      nextChunk();
    }
    if (left == 0) {
      ended = true;
      return new byte[0];
    }
    byte[] some = input.readSome((int) Math.min(left, Limits.READ_BYTES));
    if (some.length == 0) {
      throw Wire.broken(null);
    }
    left -= some.length;
    return some;
  }

  private void nextChunk() throws IOException {
    if (!firstChunk && !line().isEmpty()) {
      throw notHttp();
    }
    firstChunk = false;
    String size = line();
    if (!size.matches("[0-9a-fA-F]{1,8}")) {
      throw notHttp();
    }
    left = Long.parseLong(size, 16);
    if (left == 0) {
      headers();
    }
  }

  private Map<String, String> headers() throws IOException {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < Limits.HEAD_LINES; i++) {
      String line = line();
      if (line.isEmpty()) {
        return headers;
      }
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw notHttp();
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    throw notHttp();
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = input.read(); b != '\n'; b = input.read()) {
      if (b < 0) {
        throw Wire.broken(null);
      }
      if (line.length() >= Limits.HEAD_LINE_BYTES) {
        throw notHttp();
      }
      line.append((char) b);
    }
    if (line.isEmpty() || line.charAt(line.length() - 1) != '\r') {
      throw notHttp();
    }
    return line.substring(0, line.length() - 1);
  }

  private static Failure notHttp() {
    return new Failure(
        "control-broken",
        "what answers on the control socket does not speak our protocol",
        "is it a daemon of another version? restart it: peerup daemon stop, peerup daemon start");
  }

  private static Failure tooLong() {
    return new Failure("control-broken", "the daemon's reply is too long", "");
  }
}
