package io.peerup.control.client;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks the node or relay that runs a home. One connection a request; blocks the calling thread,
/// whose interruption ends the request.
///
/// Every failure is a [io.peerup.control.Failure]: the server's own, exactly as sent, or
/// `not-running`, `control-timeout`, `control-broken`, `socket-unsafe`.
public final class ControlClient {
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
  /// @param timeout for the whole exchange
  public JsonObject call(String method, String path, @Nullable JsonObject body, Duration timeout) {
    throw new UnsupportedOperationException(home + method + path + body + timeout);
  }

  /// One request, a stream of objects, each given to `lines` as it arrives; returns when the server
  /// ends the stream. There is no time limit between lines.
  public void stream(
      String method, String path, @Nullable JsonObject body, Consumer<JsonObject> lines) {
    throw new UnsupportedOperationException(home + method + path + body + lines);
  }

  /// As [#stream], read one by one; closing it ends the request.
  public ControlStream open(String method, String path, @Nullable JsonObject body) {
    throw new UnsupportedOperationException(home + method + path + body);
  }

  /// Whether something answers on the control socket.
  public boolean isRunning() {
    throw new UnsupportedOperationException(home.toString());
  }

  /// `text` percent-encoded for use as one segment of a path.
  public static String segment(String text) {
    throw new UnsupportedOperationException(text);
  }
}
