package io.peerup.control.server;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The target of a request, as a client wrote it.
class RouterFuzzTest {

  private static final Handler NOTHING = _ -> Reply.json(new JsonObject());
  private static final Router ROUTER =
      new Router(
          List.of(
              new Route("GET", "/v1/status", NOTHING),
              new Route("POST", "/v1/peers/{name}/rename", NOTHING),
              new Route("DELETE", "/v1/peers/{name}", NOTHING)));

  @MethodSource("targets")
  @FuzzTest
  void path(byte[] input) {
    for (String method : List.of("GET", "POST", "DELETE")) {
      Decoding.of(input, Failure.class, bytes -> ROUTER.find(method, text(bytes)))
          .ifPresent(match -> {
            check(match.route().method().equals(method), "the method asked for");
            check(match.params().values().stream().noneMatch(String::isEmpty), "no empty name");
          });
    }
  }

  @MethodSource("targets")
  @FuzzTest
  void query(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> Router.query(text(bytes)))
        .ifPresent(params -> check(params.size() <= input.length, "made of what came"));
  }

  static Stream<byte[]> targets() {
    return Stream.of(
            "/v1/status",
            "/v1/peers/l%C3%A4ptop/rename",
            "/v1/peers/a%2Fb",
            "a=1&b=two+words&c",
            "follow=true&x=%41")
        .map(text -> text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
