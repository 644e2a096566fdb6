package io.peerup.control.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Sh;
import io.peerup.control.server.ControlServer;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A command starts fast because it loads little: the client in a process that has neither Netty,
/// nor SnakeYAML, nor a logger on its class path.
class ClientAloneIT {
  @TempDir Path directory;

  /// The other process.
  static final class Caller {
    private Caller() {}

    public static void main(String[] args) {
      ControlClient client = ControlClient.of(Home.of(Path.of(args[0])));
      System.out.println(client.call("GET", "/v1/status", null, Duration.ofSeconds(20)));
      client.stream("GET", "/v1/lines", null, System.out::println);
    }
  }

  @Test
  void theClientNeedsOnlyTheJdkAndGson() throws Exception {
    Home home = Home.of(directory.resolve("home"));
    JsonObject ok = new JsonObject();
    ok.addProperty("ok", true);
    List<Route> routes =
        List.of(
            Route.get("/v1/status", _ -> Reply.json(ok)),
            Route.get("/v1/lines", _ -> Reply.stream(sink -> sink.send(ok))));
    String classPath =
        String.join(
            ":", placeOf(ControlClient.class), placeOf(Caller.class), placeOf(JsonObject.class));
    assertThat(classPath).doesNotContain("netty", "snakeyaml", "slf4j");

    try (ControlServer _ = ControlServer.start(home, routes)) {
      Sh.Result result =
          Sh.run(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              classPath,
              Caller.class.getName(),
              home.root().toString());

      assertThat(result).isEqualTo(new Sh.Result(0, "{\"ok\":true}\n{\"ok\":true}\n"));
    }
  }

  private static String placeOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }
}
