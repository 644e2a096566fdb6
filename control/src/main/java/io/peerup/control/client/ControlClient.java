package io.peerup.control.client;

import com.google.gson.JsonObject;
import io.peerup.control.Cookie;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PercentCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the node or relay that runs a home. One connection a request; blocks the calling thread,
/// whose interruption ends the request with a failure `interrupted`.
///
/// Every failure is a [io.peerup.control.Failure]: the server's own, exactly as sent, or
/// `not-running`, `control-timeout`, `control-broken`, `socket-unsafe`.
public final class ControlClient {
  private static final int OK = 200;

  private final Home home;

  private ControlClient(Home home) {
    this.home = home;
  }

  public static ControlClient of(Home home) {
    return new ControlClient(home);
  }

  /// One request, one JSON document.
  ///
  /// @param path with percent-encoded segments; see [#segment]
  /// @param body null for none
  /// @param timeout for the whole exchange
  public JsonObject call(String method, String path, @Nullable JsonObject body, Duration timeout) {
    try (Wire wire = Wire.connect(home, timeout)) {
      return document(ask(wire, method, path, body));
    } catch (IOException e) {
      throw Wire.broken(e);
    }
  }

  /// One request, a stream of objects, each given to `lines` as it arrives; returns when the server
  /// ends the stream. There is no time limit between lines. What `lines` throws ends the request.
  public void stream(
      String method, String path, @Nullable JsonObject body, Consumer<JsonObject> lines) {
    try (ControlStream stream = open(method, path, body)) {
      for (Optional<JsonObject> line = stream.next(); line.isPresent(); line = stream.next()) {
        lines.accept(line.get());
      }
    }
  }

  /// As [#stream], read one by one; closing it ends the request. Returns once the server has
  /// accepted the request, for which it may take its time.
  public ControlStream open(String method, String path, @Nullable JsonObject body) {
    Wire wire = Wire.connect(home, Limits.CONNECT);
    try {
      wire.unlimit();
      HttpReply reply = ask(wire, method, path, body);
      if (reply.status() != OK) {
        // Throws what the server says.
        document(reply);
      }
      return new Lines(wire, reply);
    } catch (IOException e) {
      wire.close();
      throw Wire.broken(e);
    } catch (RuntimeException e) {
      wire.close();
      throw e;
    }
  }

  /// Whether something of ours answers on the control socket.
  ///
  /// @throws Failure `socket-unsafe`
  public boolean isRunning() {
    try (Wire _ = Wire.connect(home, Limits.CONNECT)) {
      return true;
    } catch (Failure e) {
      if (e.code().equals("not-running")) {
        return false;
      }
      throw e;
    }
  }

  /// `text` percent-encoded for use as one segment of a path.
  public static String segment(String text) {
    return PercentCode.encode(text);
  }

  private HttpReply ask(Wire wire, String method, String path, @Nullable JsonObject body)
      throws IOException {
    if (!method.matches("[A-Z]+") || !path.matches("/[!-~]*")) {
      throw new IllegalArgumentException("not a request: " + method + " " + path);
    }
    byte[] content = body == null ? new byte[0] : Jsons.text(body).getBytes(StandardCharsets.UTF_8);
    String head =
        (method + " " + path + " HTTP/1.1\r\n")
            + "Host: localhost\r\n"
            + ("Authorization: " + Cookie.read(home).header() + "\r\n")
            + "Content-Type: application/json\r\n"
            + ("Content-Length: " + content.length + "\r\n")
            + "Connection: close\r\n\r\n";
    try {
      wire.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
      wire.write(ByteBuffer.wrap(content));
    } catch (IOException _) {
      // A server that refuses stops reading; why it refuses is in its reply.
    }
    return new HttpReply(wire);
  }

  private static JsonObject document(HttpReply reply) throws IOException {
    JsonObject json = parse(reply.text());
    if (reply.status() == OK) {
      return json;
    }
    Failure failure = Failure.fromJson(json);
    throw failure != null
        ? failure
        : new Failure("control-broken", "the daemon answered with HTTP " + reply.status(), "");
  }

  private static JsonObject parse(String text) {
    try {
      return Jsons.parseObject(text.strip());
    } catch (Failure e) {
      throw new Failure("control-broken", "the daemon's reply is damaged", "", e);
    }
  }

  /// The open stream of one request.
  private record Lines(Wire wire, HttpReply reply) implements ControlStream {
    @Override
    public Optional<JsonObject> next() {
      try {
        Optional<JsonObject> line = reply.nextLine().map(ControlClient::parse);
        Failure failure = line.map(Failure::fromJson).orElse(null);
        if (failure != null) {
          throw failure;
        }
        return line;
      } catch (IOException e) {
        if (wire.isClosed()) {
          return Optional.empty();
        }
        throw Wire.broken(e);
      }
    }

    @Override
    public void close() {
      wire.close();
    }
  }
}
