package io.peerup.control.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.control.Failures;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RouterTest {
  private static final Handler NONE = _ -> Reply.done();

  private final Route list = Route.get("/v1/peers", NONE);
  private final Route self = Route.get("/v1/peers/self", NONE);
  private final Route one = Route.get("/v1/peers/{name}", NONE);
  private final Route remove = Route.delete("/v1/peers/{name}", NONE);
  private final Route rename = Route.post("/v1/peers/{name}/as/{other}", NONE);
  private final Router router = new Router(List.of(list, self, one, remove, rename));

  @Test
  void aPathWithoutBracesMatchesItself() {
    assertThat(router.find("GET", "/v1/peers").route()).isEqualTo(list);
  }

  @Test
  void bracesMatchOneSegmentAndGiveItDecoded() {
    Router.Match match = router.find("POST", "/v1/peers/a%2Fb%20%C3%BC/as/x+y");

    assertThat(match.route()).isEqualTo(rename);
    assertThat(match.params()).isEqualTo(Map.of("name", "a/b ü", "other", "x+y"));
  }

  @Test
  void theFirstRouteThatMatchesWins() {
    assertThat(router.find("GET", "/v1/peers/self").route()).isEqualTo(self);
    assertThat(router.find("GET", "/v1/peers/other").route()).isEqualTo(one);
    assertThat(router.find("DELETE", "/v1/peers/self").route()).isEqualTo(remove);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/v1", "/v1/peers/", "/v1/peers/a/b", "/V1/peers", "//v1/peers", "/v2/peers"})
  void anotherPathIsNotFound(String path) {
    assertThat(Failures.of(() -> router.find("GET", path)).code()).isEqualTo("not-found");
  }

  @Test
  void anotherMethodIsAnsweredWithThoseThatExist() {
    assertThat(Failures.of(() -> router.find("PATCH", "/v1/peers/x")).hint())
        .isEqualTo("use DELETE or GET");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/peers/%", "/v1/peers/%FF", "/v1/peers/%4"})
  void brokenEncodingIsABadRequest(String path) {
    assertThat(Failures.of(() -> router.find("GET", path)).code()).isEqualTo("bad-request");
  }

  @ParameterizedTest
  @CsvSource({"'', 0", "a=1, 1", "a=1&b=2, 2", "a=1&a=2, 1", "&&a, 1", "a==b, 1"})
  void queriesAreSplit(String query, int count) {
    assertThat(Router.query(query)).hasSize(count);
  }

  @Test
  void queryValuesAreDecodedAndTheLastOneWins() {
    assertThat(Router.query("a=1&a=2&b=x+y%26&c"))
        .isEqualTo(Map.of("a", "2", "b", "x y&", "c", ""));
  }
}
