package io.peerup.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.Sh;
import io.peerup.control.client.ControlClient;
import io.peerup.control.client.ControlStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our client against our server: what one says is what the other hears.
class ControlIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;

  private Home home;
  private ControlServer server;
  private ControlClient client;

  private final CountDownLatch streamStarted = new CountDownLatch(1);
  private final CountDownLatch streamEnded = new CountDownLatch(1);
  private final AtomicReference<Throwable> streamError = new AtomicReference<>();
  private final CountDownLatch release = new CountDownLatch(1);

  @BeforeEach
  void start() {
    home = Home.of(directory.resolve("home"));
    server = ControlServer.start(home, routes(), Limits.DEFAULT);
    client = ControlClient.of(home);
  }

  @AfterEach
  void stop() {
    release.countDown();
    server.close();
  }

  private List<Route> routes() {
    return List.of(
        Route.get("/v1/status", _ -> Reply.json(Jsons.parseObject("{\"ok\":true}"))),
        Route.post("/v1/echo/{name}", ControlIT::echo),
        Route.post(
            "/v1/refuse",
            _ -> {
              throw new Failure("no-such-peer", "there is no peer called \"höme\"", "try: peers");
            }),
        Route.post(
            "/v1/break",
            _ -> {
              throw new IllegalStateException("secret-in-a-message");
            }),
        Route.post(
            "/v1/nan",
            _ -> {
              JsonObject json = new JsonObject();
              json.addProperty("x", Double.NaN);
              return Reply.json(json);
            }),
        Route.post("/v1/count", request -> Reply.stream(sink -> count(request, sink))),
        Route.get("/v1/forever", _ -> Reply.stream(this::forever)),
        Route.get(
            "/v1/wait",
            _ -> {
              release.await();
              return Reply.done();
            }));
  }

  private static Reply echo(Request request) {
    JsonObject json = new JsonObject();
    json.addProperty("name", request.param("name"));
    json.addProperty("query", request.query("q").orElse("none"));
    json.add("body", request.body());
    return Reply.json(json);
  }

  private static void count(Request request, LineSink sink) throws InterruptedException {
    long count = Jsons.integer(request.body(), "count", 0, 1_000_000);
    for (long i = 0; i < count; i++) {
      JsonObject line = new JsonObject();
      line.addProperty("seq", i);
      sink.send(line);
    }
    if (Jsons.bool(request.body(), "fail", false)) {
      throw new Failure("peer-lost", "the peer went away", "wait");
    }
  }

  private void forever(LineSink sink) throws InterruptedException {
    try {
      sink.send(new JsonObject());
      streamStarted.countDown();
      sink.awaitClose();
    } catch (Throwable e) {
      streamError.set(e);
      throw e;
    } finally {
      streamEnded.countDown();
    }
  }

  @Test
  void aCallReturnsWhatTheHandlerReplied() {
    JsonObject body = Jsons.parseObject("{\"n\":[1,2.5,null,{\"x\":\"ü\\n\"}]}");

    JsonObject reply =
        client.call(
            "POST",
            "/v1/echo/" + ControlClient.segment("my höme/1%") + "?q=a+b%20c",
            body,
            PATIENCE);

    assertThat(reply.get("name").getAsString()).isEqualTo("my höme/1%");
    assertThat(reply.get("query").getAsString()).isEqualTo("a b c");
    assertThat(reply.get("body")).isEqualTo(body);
  }

  @Test
  void aCallWithoutBodyIsAnEmptyObjectForTheHandler() {
    JsonObject reply = client.call("POST", "/v1/echo/x", null, PATIENCE);

    assertThat(reply.get("body")).isEqualTo(new JsonObject());
  }

  @Test
  void aBodyOfNearlyOneMebibyteArrivesWhole() {
    JsonObject body = new JsonObject();
    body.addProperty("long", "x".repeat((1 << 20) - 20));

    assertThat(client.call("POST", "/v1/echo/x", body, PATIENCE).get("body")).isEqualTo(body);
  }

  @Test
  void aBodyOfMoreThanOneMebibyteIsRefused() {
    JsonObject body = new JsonObject();
    body.addProperty("long", "x".repeat(1 << 20));

    assertThat(failure(() -> client.call("POST", "/v1/echo/x", body, PATIENCE)).code())
        .isEqualTo("too-large");
  }

  @Test
  void aFailureArrivesExactlyAsTheHandlerThrewIt() {
    Failure failure = failure(() -> client.call("POST", "/v1/refuse", null, PATIENCE));

    assertThat(failure.code()).isEqualTo("no-such-peer");
    assertThat(failure.message()).isEqualTo("there is no peer called \"höme\"");
    assertThat(failure.hint()).isEqualTo("try: peers");
  }

  @Test
  void anUnforeseenExceptionIsInternalAndItsMessageStaysHere() {
    Failure failure = failure(() -> client.call("POST", "/v1/break", null, PATIENCE));

    assertThat(failure.code()).isEqualTo("internal");
    assertThat(failure.message()).contains("IllegalStateException").doesNotContain("secret");
  }

  @Test
  void aReplyThatIsNotJsonIsInternalAndTheServerGoesOn() {
    assertThat(failure(() -> client.call("POST", "/v1/nan", null, PATIENCE)).code())
        .isEqualTo("internal");
    assertThat(client.call("GET", "/v1/status", null, PATIENCE).get("ok").getAsBoolean()).isTrue();
  }

  @Test
  void anUnknownPathIsNotFoundAndAnotherMethodIsNamed() {
    assertThat(failure(() -> client.call("GET", "/v1/nothing", null, PATIENCE)).code())
        .isEqualTo("not-found");
    Failure wrongMethod = failure(() -> client.call("DELETE", "/v1/status", null, PATIENCE));
    assertThat(wrongMethod.code()).isEqualTo("method-not-allowed");
    assertThat(wrongMethod.hint()).isEqualTo("use GET");
  }

  @Test
  void aStreamDeliversEveryLineInOrderAndEnds() {
    List<Long> seen = new ArrayList<>();

    client.stream(
        "POST",
        "/v1/count",
        Jsons.parseObject("{\"count\":20000}"),
        line -> seen.add(line.get("seq").getAsLong()));

    assertThat(seen).hasSize(20_000).isSorted().startsWith(0L).endsWith(19_999L);
  }

  @Test
  void aFailureInAStreamComesAfterTheLinesBeforeIt() {
    List<JsonObject> seen = new ArrayList<>();

    Failure failure =
        failure(() ->
            client.stream(
                "POST", "/v1/count", Jsons.parseObject("{\"count\":3,\"fail\":true}"), seen::add));

    assertThat(seen).hasSize(3);
    assertThat(failure.code()).isEqualTo("peer-lost");
  }

  @Test
  void aLineArrivesWhileTheStreamIsStillOpen() {
    try (ControlStream stream = client.open("GET", "/v1/forever", null)) {
      assertThat(stream.next()).isPresent();
      assertThat(streamEnded.getCount()).isEqualTo(1);
    }
  }

  @Test
  void aStreamEndsWhenItsClientGoesAway() throws Exception {
    try (ControlStream stream = client.open("GET", "/v1/forever", null)) {
      stream.next();
    }

    assertThat(streamEnded.await(20, TimeUnit.SECONDS)).isTrue();
    // awaitClose returned: a client that goes is no error.
    assertThat(streamError.get()).isNull();
  }

  @Test
  void aStreamEndsWithAFailureWhenTheServerCloses() throws Exception {
    try (ControlStream stream = client.open("GET", "/v1/forever", null)) {
      stream.next();
      assertThat(streamStarted.await(20, TimeUnit.SECONDS)).isTrue();
      Thread.ofVirtual().start(server::close);

      assertThat(failure(stream::next).code()).isEqualTo("stopping");
    }
    assertThat(streamError.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void closingAStreamFromAnotherThreadEndsItsWait() {
    try (ControlStream stream = client.open("GET", "/v1/forever", null)) {
      stream.next();
      Thread.ofVirtual().start(stream::close);

      assertThat(stream.next()).isEmpty();
    }
  }

  @Test
  void aHandlerThatStopsTheServerStillReplies() {
    server.close();
    AtomicReference<ControlServer> running = new AtomicReference<>();
    running.set(
        ControlServer.start(
            home,
            List.of(
                Route.post(
                    "/v1/shutdown",
                    _ -> {
                      Thread.ofVirtual().start(() -> running.get().close());
                      return Reply.done();
                    }))));

    assertThat(client.call("POST", "/v1/shutdown", null, PATIENCE)).isEqualTo(new JsonObject());
    Awaitility.await().atMost(PATIENCE).until(() -> !client.isRunning());
  }

  @Test
  void aCallThatTakesTooLongIsATimeout() {
    Failure failure = failure(() -> client.call("GET", "/v1/wait", null, Duration.ofMillis(200)));

    assertThat(failure.code()).isEqualTo("control-timeout");
  }

  @Test
  void withoutAServerTheClientSaysHowToStartOne() {
    server.close();

    Failure failure = failure(() -> client.call("GET", "/v1/status", null, PATIENCE));

    assertThat(failure.code()).isEqualTo("not-running");
    assertThat(failure.message()).contains(home.root().toString());
    assertThat(failure.hint()).isEqualTo("start it: peerup daemon start");
    assertThat(client.isRunning()).isFalse();
  }

  @Test
  void closingRemovesSocketAndCookie() {
    assertThat(home.socket()).exists();
    assertThat(home.cookie()).exists();

    server.close();

    assertThat(home.socket()).doesNotExist();
    assertThat(home.cookie()).doesNotExist();
  }

  @Test
  void socketAndCookieAreForOurUserOnly() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.socket())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.cookie())))
        .isEqualTo("rw-------");
    assertThat(Files.readString(home.cookie())).matches("[0-9a-f]{64}\n");
  }

  @Test
  void theCookieIsNewAtEachStart() throws Exception {
    String first = Files.readString(home.cookie());
    server.close();
    server = ControlServer.start(home, routes(), Limits.DEFAULT);

    assertThat(Files.readString(home.cookie())).isNotEqualTo(first);
    assertThat(client.call("GET", "/v1/status", null, PATIENCE).get("ok").getAsBoolean()).isTrue();
  }

  @Test
  void aHomeWithALongPathIsReachedThroughTheTemporaryDirectory() throws Exception {
    Home deep = Home.of(directory.resolve("x".repeat(90)).resolve("home"));

    try (ControlServer _ = ControlServer.start(deep, routes(), Limits.DEFAULT)) {
      assertThat(deep.socket().startsWith(deep.root())).isFalse();
      assertThat(
              ControlClient.of(deep)
                  .call("GET", "/v1/status", null, PATIENCE)
                  .get("ok")
                  .getAsBoolean())
          .isTrue();
    }
    assertThat(Sh.run("rmdir", deep.socket().getParent() + "").status())
        .as("nothing but the directory is left")
        .isZero();
  }

  private static Failure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    Failure failure = catchThrowableOfType(Failure.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }
}
