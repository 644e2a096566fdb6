package io.peerup.cli;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.client.ControlClient;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What runs a home, a node or a relay, as commands ask it. Says what to do when nothing runs
/// there, or the other kind.
final class Running {

  /// Node and relay answer different requests.
  private enum Kind {
    NODE(
        "a node",
        "a relay; its commands are `peerup relay …`",
        "start it: peerup daemon start",
        "join a group with `peerup join CODE --name laptop`, or name another home with --home DIR or"
            + " PEERUP_HOME"),
    RELAY(
        "a relay",
        "a node; its commands are those without `relay`",
        "start it: peerup relay serve",
        "start a relay there with `peerup relay serve`, or name another home with --home DIR or"
            + " PEERUP_HOME");

    private final String wanted;
    private final String other;
    private final String start;
    private final String create;

    Kind(String wanted, String other, String start, String create) {
      this.wanted = wanted;
      this.other = other;
      this.start = start;
      this.create = create;
    }
  }

  private final Home home;
  private final Kind kind;
  private final ControlClient client;

  private Running(Home home, Kind kind) {
    this.home = home;
    this.kind = kind;
    this.client = ControlClient.of(home);
  }

  static Running node(Home home) {
    return new Running(home, Kind.NODE);
  }

  static Running relay(Home home) {
    return new Running(home, Kind.RELAY);
  }

  /// As [ControlClient#call].
  JsonObject call(String method, String path, @Nullable JsonObject body, Duration timeout) {
    return explained(() -> client.call(method, path, body, timeout));
  }

  /// As [ControlClient#call], for an answer that comes at once.
  JsonObject call(String method, String path, @Nullable JsonObject body) {
    return call(method, path, body, StatusCommand.ASK_MAX);
  }

  /// As [ControlClient#stream].
  void stream(String method, String path, @Nullable JsonObject body, Consumer<JsonObject> lines) {
    explained(() -> {
      client.stream(method, path, body, lines);
      return body;
    });
  }

  /// Whether it runs. @throws Failure `wrong-kind` when the other kind does
  boolean isRunning() {
    if (!home.exists() || !client.isRunning()) {
      return false;
    }
    call("GET", kind == Kind.NODE ? "/v1/services" : "/v1/groups", null);
    return true;
  }

  /// @throws Failure `not-running` or `no-home`
  void refuseNothing() {
    if (!home.exists() || !client.isRunning()) {
      throw nothing(null);
    }
  }

  /// @throws Failure `no-home`
  static void refuseMissing(Home home) {
    if (!home.exists()) {
      throw node(home).nothing(null);
    }
  }

  private Failure nothing(@Nullable Failure why) {
    String name = Printable.of(home.root().toString());
    return home.exists()
        ? new Failure("not-running", "nothing is running for the home " + name, kind.start, why)
        : new Failure("no-home", "there is no home at " + name, kind.create, why);
  }

  private <T extends @Nullable Object> T explained(Supplier<T> request) {
    try {
      return request.get();
    } catch (Failure e) {
      String name = Printable.of(home.root().toString());
      throw switch (e.code()) {
        case "not-running" -> nothing(e);
        case "not-found" ->
            new Failure(
                "wrong-kind",
                "this needs " + kind.wanted + ", but the home " + name + " is run as " + kind.other,
                "name another home with --home DIR or PEERUP_HOME",
                e);
        default -> e;
      };
    }
  }
}
