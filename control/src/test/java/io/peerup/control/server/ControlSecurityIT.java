package io.peerup.control.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Failures;
import io.peerup.control.FileFacts;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.Sh;
import io.peerup.control.client.ControlClient;
import io.peerup.testkit.Allocated;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The control socket against those who should not use it and those who use it badly.
@Timeout(120)
class ControlSecurityIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;

  private Home home;
  private ControlServer server;
  private final AtomicInteger handled = new AtomicInteger();
  private final CountDownLatch slow = new CountDownLatch(1);

  @BeforeEach
  void start() {
    home = Home.of(directory.resolve("home"));
    server = serve(Limits.DEFAULT);
  }

  private ControlServer serve(Limits limits) {
    return ControlServer.start(home, routes(), limits);
  }

  private void restart(Limits limits) {
    server.close();
    server = serve(limits);
  }

  private List<Route> routes() {
    return List.of(
        Route.get("/v1/status", _ -> handled("{\"ok\":true}")),
        Route.post("/v1/echo", request -> handled(Jsons.text(request.body()))),
        Route.get("/v1/large", _ -> handled("{\"x\":\"" + "y".repeat(4 << 20) + "\"}")),
        Route.get("/v1/forever", _ -> Reply.stream(LineSink::awaitClose)),
        Route.get(
            "/v1/slow",
            _ -> {
              slow.await();
              return handled("{}");
            }),
        Route.get(
            "/v1/flood",
            _ ->
                Reply.stream(sink -> {
                  while (true) {
                    sink.send(Jsons.parseObject("{\"x\":\"" + "y".repeat(8000) + "\"}"));
                    handled.incrementAndGet();
                  }
                })));
  }

  private Reply handled(String json) {
    handled.incrementAndGet();
    return Reply.json(Jsons.parseObject(json));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  // ---- who may ask -------------------------------------------------------------------------

  @Test
  void theRightCookieIsHeard() throws IOException {
    assertThat(get("Host: localhost\r\n" + RawClient.cookie(home))).startsWith("HTTP/1.1 200 ");
    assertThat(handled).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Authorization: Bearer \r\n",
        "Authorization: Bearer 0000000000000000000000000000000000000000000000000000000000000000\r\n",
        "Authorization: Basic cm9vdDpyb290\r\n",
        "Cookie: x\r\n",
      })
  void withoutTheCookieARequestIsUnauthorized(String headers) throws IOException {
    String reply = get("Host: localhost\r\n" + headers);

    assertThat(reply).startsWith("HTTP/1.1 401 ").contains("{\"error\":{\"code\":\"unauthorized\"");
    assertThat(handled).hasValue(0);
  }

  @Test
  void theCookieTwiceOrWithAnotherOneIsUnauthorized() throws IOException {
    String cookie = RawClient.cookie(home);

    assertThat(get("Host: localhost\r\n" + cookie + "Authorization: Bearer 00\r\n"))
        .startsWith("HTTP/1.1 401 ");
    assertThat(handled).hasValue(0);
  }

  @Test
  void aStrangerLearnsNothingAboutWhichPathsExist() throws IOException {
    String known = RawClient.ask(home, "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    String unknown = RawClient.ask(home, "GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");

    assertThat(known).isEqualTo(unknown).startsWith("HTTP/1.1 401 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Host: evil.example\r\n",
        "Host: localhost.evil.example\r\n",
        "Host: 127.0.0.1\r\n",
        "Host: localhost:80\r\n",
        "Host: localhost\r\nHost: evil.example\r\n",
        "Host: localhost\r\nOrigin: http://localhost\r\n",
        "Host: localhost\r\nOrigin: null\r\n",
        "Host: localhost\r\norigin: http://evil.example\r\n",
      })
  void aPageInABrowserIsForbiddenEvenWithTheCookie(String headers) throws IOException {
    assertThat(get(headers + RawClient.cookie(home)))
        .startsWith("HTTP/1.1 403 ")
        .contains("\"forbidden\"");
    assertThat(handled).hasValue(0);
  }

  @Test
  void anotherUserIsRefusedEvenWhenAllModesAreLoosened() throws Exception {
    Needs.that(FileFacts.ourUid() == 0, "only root can become another user");
    Needs.that(Sh.has("setpriv") && Sh.has("curl"), "setpriv or curl is not here");
    // A home that the other user can reach, unlike one below a private temporary directory.
    Path open = Files.createTempDirectory(Path.of("/tmp"), "peerup-open-");
    try {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
      home = Home.of(open.resolve("home"));
      restart(Limits.DEFAULT);
      String[] ours = curl(home, "/v1/status");
      assertThat(Sh.run(ours).output()).as("our own user").contains("\"ok\":true");
      for (Path loosened : List.of(home.root(), home.stateDirectory(), home.socket())) {
        Files.setPosixFilePermissions(loosened, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      Files.setPosixFilePermissions(home.cookie(), PosixFilePermissions.fromString("rw-r--r--"));

      Path plain = home.root().resolve("plain.sock");
      try (ServerSocketChannel unguarded = unguarded(plain)) {
        assertThat(Sh.run(asNobody(curl(plain, "x", "/"))).output())
            .as("the other user does reach a socket there")
            .isEqualTo("open");
        assertThat(unguarded.isOpen()).isTrue();
      }

      Sh.Result result = Sh.run(asNobody(ours));

      assertThat(result.status()).as(result.output()).isNotZero();
      assertThat(result.output()).doesNotContain("ok").contains("curl: (");
      assertThat(handled).hasValue(1);
    } finally {
      server.close();
      Sh.run("rm", "-r", open.toString());
    }
  }

  /// A server that asks nobody who he is.
  private static ServerSocketChannel unguarded(Path socket) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
    Thread.ofVirtual()
        .start(() -> {
          try (SocketChannel client = listener.accept()) {
            client.read(ByteBuffer.allocate(1000));
            client.write(
                ByteBuffer.wrap(
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nopen"
                        .getBytes(StandardCharsets.US_ASCII)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return listener;
  }

  private static List<String> asNobody(String[] command) {
    List<String> all =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    all.addAll(List.of(command));
    return all;
  }

  @Test
  void aClientRefusesASocketThatAnotherUserPlaced() throws Exception {
    Needs.that(FileFacts.ourUid() == 0, "only root can give files away");
    Files.setAttribute(home.socket(), "unix:uid", 65534);

    assertThat(failure().code()).isEqualTo("socket-unsafe");
    assertThat(handled).hasValue(0);
  }

  @Test
  void aClientRefusesADirectoryWhereOthersCouldPlaceASocket() throws Exception {
    Files.setPosixFilePermissions(home.root(), PosixFilePermissions.fromString("rwxrwxrwx"));

    Failure failure = failure();

    assertThat(failure.code()).isEqualTo("socket-unsafe");
    assertThat(failure.hint()).isEqualTo("chmod go-w " + home.root());
  }

  private Failure failure() {
    return Failures.of(() -> ControlClient.of(home).call("GET", "/v1/status", null, PATIENCE));
  }

  // ---- curl --------------------------------------------------------------------------------

  @Test
  void curlCanDoWhatTheDocumentsShow() throws Exception {
    Needs.that(Sh.has("curl"), "curl is not here");
    String shell =
        "curl --silent --fail --unix-socket %s/peerup.sock".formatted(home.root())
            + " -H \"Authorization: Bearer $(cat %s/state/control.cookie)\"".formatted(home.root())
            + " -d '{\"a\":[1,2]}' http://localhost/v1/echo";

    assertThat(Sh.run("sh", "-c", shell)).isEqualTo(new Sh.Result(0, "{\"a\":[1,2]}\n"));
  }

  @Test
  void curlSendsALargeBodyWhichAsksToContinueFirst() throws Exception {
    Needs.that(Sh.has("curl"), "curl is not here");
    Path body =
        Files.writeString(
            directory.resolve("body"), "{\"a\":\"" + "x".repeat((1 << 20) - 100) + "\"}");
    List<String> command = new ArrayList<>(List.of(curl(home, "/v1/echo")));
    command.addAll(List.of("-H", "Expect: 100-continue", "--data-binary", "@" + body));

    Sh.Result result = Sh.run(command);

    assertThat(result.status()).isZero();
    assertThat(result.output()).isEqualTo(Files.readString(body) + "\n");
  }

  @Test
  void curlSeesTheErrorAndTheStatusOfAnUnknownPath() throws Exception {
    Needs.that(Sh.has("curl"), "curl is not here");
    List<String> command = new ArrayList<>(List.of(curl(home, "/v1/nothing")));
    command.addAll(List.of("-w", "%{http_code}"));

    assertThat(Sh.run(command).output())
        .contains("{\"error\":{\"code\":\"not-found\"")
        .endsWith("404");
  }

  private static String[] curl(Home home, String path) throws IOException {
    return curl(home.socket(), RawClient.cookie(home).strip(), path);
  }

  private static String[] curl(Path socket, String header, String path) {
    return new String[] {
      "curl",
      "--silent",
      "--show-error",
      "--max-time",
      "20",
      "--unix-socket",
      socket.toString(),
      "-H",
      header,
      "http://localhost" + path
    };
  }

  // ---- what is asked -----------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"2147483648", "1048577", "99999999999999999999", "-1", "1x"})
  void aBodyThatIsAnnouncedTooLongIsRefusedBeforeItIsSent(String length) throws IOException {
    assertThat(post("Content-Length: " + length + "\r\n\r\n")).startsWith("HTTP/1.1 4");
    assertThat(handled).hasValue(0);
    assertStillServes();
  }

  @Test
  void twoGibibytesAreRefusedAsTooLarge() throws IOException {
    assertThat(post("Content-Length: 2147483648\r\n\r\n"))
        .startsWith("HTTP/1.1 413 ")
        .contains("\"too-large\"");
  }

  @Test
  void aHundredClaimsOfTheLargestBodyCostNothingUntilTheBodiesCome() throws Exception {
    int claimed = Limits.DEFAULT.requestBytes();
    List<RawClient> clients = new ArrayList<>();
    try {
      String request = head("POST", "/v1/echo") + "Content-Length: " + claimed + "\r\n\r\n{";
      assertStillServes();
      long before = Allocated.byAllThreads();
      for (int i = 0; i < 100; i++) {
        clients.add(RawClient.connect(home).send(request));
        assertStillServes();
      }
      assertThat(Allocated.byAllThreads() - before).isLessThan(100L * claimed / 2);
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void anEndlessChunkedBodyIsCutOff() throws Exception {
    try (RawClient client = RawClient.connect(home)) {
      client.send(head("POST", "/v1/echo") + "Transfer-Encoding: chunked\r\n\r\n");
      String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";

      // The server reads and drops for a second, then closes: this loop must not run for ever.
      assertThatThrownBy(
              () -> {
                while (true) {
                  client.send(chunk);
                }
              })
          .isInstanceOf(IOException.class);
      assertThat(client.readAll()).startsWith("HTTP/1.1 413 ");
    }
    assertThat(handled).hasValue(0);
    assertStillServes();
  }

  @Test
  void aHeaderBombIsRefused() throws IOException {
    String oneLong = head("GET", "/v1/status") + "X: " + "x".repeat(64 << 10) + "\r\n\r\n";
    String many = head("GET", "/v1/status") + "X: yyyyyyyyyyyyy\r\n".repeat(4000) + "\r\n";
    String path = "GET /" + "x".repeat(64 << 10) + " HTTP/1.1\r\n\r\n";

    for (String request : List.of(oneLong, many, path)) {
      assertThat(RawClient.ask(home, request))
          .startsWith("HTTP/1.1 431 ")
          .contains("\"headers-too-large\"");
    }
    assertThat(handled).hasValue(0);
    assertStillServes();
  }

  @Test
  void aHeaderThatNeverEndsIsRefusedWhileItIsStillSent() throws Exception {
    try (RawClient client = RawClient.connect(home)) {
      client.send(head("GET", "/v1/status"));
      assertThatThrownBy(
              () -> {
                while (true) {
                  client.send("X-More: " + "x".repeat(1000) + "\r\n");
                }
              })
          .isInstanceOf(IOException.class);
    }
    assertStillServes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n\r\n\r\n\u0001\u0002\u0003 x\r\n\r\n",
        "hello\r\n\r\n",
        "GET /v1/status HTTP/1.0\r\nHost: localhost\r\n\r\n",
        "GET http://localhost/v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /v1/status HTTP/9.9\r\nHost: localhost\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nHost : localhost\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\nbroken\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n",
      })
  void whatIsNotHttp11IsRefusedAndClosed(String bytes) throws IOException {
    assertThat(RawClient.ask(home, bytes)).matches("(?s)(HTTP/1.1 4.*)?");
    assertThat(handled).hasValue(0);
    assertStillServes();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | bad-json",
        "[] | bad-json",
        "{\"a\":1,\"a\":2} | bad-json",
        "\u00ff\u00fe | bad-json"
      })
  void aBodyThatIsNotOneJsonObjectIsRefused(String body, String code) throws IOException {
    assertThat(post("Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"" + code + "\"");
    assertThat(handled).hasValue(0);
  }

  @Test
  void aPathWithEscapesIsMatchedAfterDecodingAndNeverClimbs() throws IOException {
    for (String path :
        List.of(
            "/v1/../v1/status", "/v1/%2e%2e/v1/status", "/v1//status", "/v1/status/", "/v1/%")) {
      assertThat(RawClient.ask(home, head("GET", path) + "Connection: close\r\n\r\n"))
          .as(path)
          .startsWith("HTTP/1.1 4");
    }
    assertThat(handled).hasValue(0);
  }

  @Test
  void twoRequestsOneAfterTheOtherShareAConnection() throws IOException {
    try (RawClient client = RawClient.connect(home)) {
      client.send(head("GET", "/v1/status") + "\r\n");
      assertThat(client.readSome()).startsWith("HTTP/1.1 200 ");
      client.send(head("GET", "/v1/status") + "Connection: close\r\n\r\n");
      assertThat(client.readAll()).startsWith("HTTP/1.1 200 ");
    }
    assertThat(handled).hasValue(2);
  }

  @Test
  void ofPipelinedRequestsOnlyTheFirstIsAnsweredAndThenTheConnectionEnds() throws IOException {
    String reply = RawClient.ask(home, (head("GET", "/v1/status") + "\r\n").repeat(100));

    assertThat(reply).startsWith("HTTP/1.1 200 ").endsWith("{\"ok\":true}\n");
    assertThat(handled).hasValue(1);
  }

  @Test
  void aFloodOfPipelinedRequestsIsNotQueued() throws IOException {
    try (RawClient client = RawClient.connect(home)) {
      client.send((head("GET", "/v1/status") + "\r\n").repeat(10_000));
      client.readAll();
    } catch (IOException e) {
      // Closed while we were still writing: refused as well.
      assertThat(e).hasMessageContaining("pipe");
    }
    assertThat(handled.get()).isLessThanOrEqualTo(1);
    assertStillServes();
  }

  // ---- slow and many -----------------------------------------------------------------------

  @Test
  void fiveHundredIdleClientsDoNotDelayANormalCall() throws Exception {
    List<RawClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 500; i++) {
        RawClient client = RawClient.connect(home);
        clients.add(client);
        // Silent, in the middle of a header, in the middle of a body.
        switch (i % 3) {
          case 0 -> client.send("GET /v1/st");
          case 1 -> client.send(head("POST", "/v1/echo") + "Content-Length: 1000\r\n\r\n{");
          default -> {}
        }
      }

      // Once for loading what the first call ever loads.
      assertStillServes();
      long start = System.nanoTime();
      assertStillServes();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void moreConnectionsThanAllowedPushOutTheLongestIdle() throws Exception {
    restart(new Limits(1 << 20, PATIENCE, 3, 256, 128));
    try (RawClient first = RawClient.connect(home);
        RawClient second = RawClient.connect(home);
        RawClient third = RawClient.connect(home)) {
      assertStillServes();

      assertThat(first.readSome()).as("the first was closed").isEmpty();
      for (RawClient other : List.of(second, third)) {
        other.send(head("GET", "/v1/status") + "\r\n");
        assertThat(other.readSome()).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: close\r\n"})
  void aClientThatDoesNotReadItsReplyHoldsNoPlace(String connection) throws Exception {
    restart(new Limits(1 << 20, PATIENCE, 1, 256, 128));
    try (RawClient stuck = RawClient.connect(home)) {
      stuck.send(head("GET", "/v1/large") + connection + "\r\n");
      Awaitility.await().atMost(PATIENCE).until(() -> handled.get() == 1);

      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(Failure.class)
          .untilAsserted(this::assertStillServes);
    }
  }

  @Test
  void aClientThatDoesNotReadItsLastReplyIsDisconnected() throws Exception {
    restart(new Limits(1 << 20, Duration.ofMillis(300), 100, 10, 10));
    try (RawClient stuck = RawClient.connect(home)) {
      stuck.send(head("GET", "/v1/large") + "Connection: close\r\n\r\n");
      // Silent ones that come later are gone, so the stuck one's time is over too.
      for (int i = 0; i < 4; i++) {
        assertThat(RawClient.ask(home, "")).isEmpty();
      }

      assertThat(stuck.readAll().length()).as("the reply was cut off").isLessThan(4 << 20);
    }
  }

  @Test
  void aClientThatSaysNothingOrStopsHalfwayIsDisconnected() throws Exception {
    restart(new Limits(1 << 20, Duration.ofMillis(300), 100, 10, 10));
    assertThat(RawClient.ask(home, "")).isEmpty();
    assertThat(RawClient.ask(home, "GET /v1/status HT")).isEmpty();
    assertThat(post("Content-Length: 10\r\n\r\n{")).startsWith("HTTP/1.1 408 ");
    assertThat(handled).hasValue(0);
  }

  @Test
  void aSilentStreamOutlivesTheTimeForRequests() throws Exception {
    restart(new Limits(1 << 20, Duration.ofMillis(200), 100, 10, 10));
    try (RawClient client = RawClient.connect(home)) {
      client.send(head("GET", "/v1/forever") + "\r\n");
      assertThat(client.readSome()).startsWith("HTTP/1.1 200 ");
      // Meanwhile a silent connection that is opened later reaches its end several times over.
      for (int i = 0; i < 3; i++) {
        assertThat(RawClient.ask(home, "")).isEmpty();
      }

      client.send("\r\n");
      server.close();
      assertThat(client.readAll()).contains("\"stopping\"");
    }
  }

  @Test
  void requestsBeyondTheLimitAreRefusedUntilOthersAreAnswered() throws Exception {
    restart(new Limits(1 << 20, PATIENCE, 100, 2, 3));
    List<RawClient> waiting = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      waiting.add(RawClient.connect(home).send(head("GET", "/v1/slow") + "\r\n"));
    }
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() ->
              RawClient.ask(home, head("GET", "/v1/status") + "Connection: close\r\n\r\n")
                  .contains("\"busy\""));
    } finally {
      slow.countDown();
    }
    for (RawClient each : waiting) {
      assertThat(each.readSome()).startsWith("HTTP/1.1 200 ");
      each.close();
    }
    assertStillServes();
  }

  @Test
  void streamsBeyondTheLimitAreRefusedAndPlainCallsStillAnswered() throws Exception {
    restart(new Limits(1 << 20, PATIENCE, 100, 2, 3));
    List<RawClient> streams = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        RawClient stream = RawClient.connect(home);
        streams.add(stream.send(head("GET", "/v1/forever") + "\r\n"));
        assertThat(stream.readSome()).startsWith("HTTP/1.1 200 ");
      }

      Failure fourth =
          Failures.of(() -> ControlClient.of(home).open("GET", "/v1/forever", null).close());
      assertThat(fourth.code()).isEqualTo("busy");
      assertStillServes();

      streams.getFirst().close();
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(Failure.class)
          .until(() -> {
            ControlClient.of(home).open("GET", "/v1/forever", null).close();
            return true;
          });
    } finally {
      for (RawClient stream : streams) {
        stream.close();
      }
    }
  }

  @Test
  void aClientThatDoesNotReadItsStreamStopsTheWriterAndNotTheServer() throws Exception {
    try (RawClient client = RawClient.connect(home)) {
      client.send(head("GET", "/v1/flood") + "\r\n");
      // The writer comes to rest, with some lines in buffers.
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(300))
          .until(() -> {
            int before = handled.getAndSet(0);
            return before == 0;
          });
      assertStillServes();
      int rested = handled.get();

      // It goes on when the client reads.
      client.readSome();
      client.readSome();
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> {
            client.readSome();
            return handled.get() > rested + 20;
          });
    }
  }

  // ---- the place of the socket ---------------------------------------------------------------

  @Test
  void aLiveServerIsNotPushedAside() throws Exception {
    String cookie = Files.readString(home.cookie());

    Failure failure = Failures.of(() -> serve(Limits.DEFAULT).close());

    assertThat(failure.code()).isEqualTo("already-running");
    assertThat(failure.hint()).contains("peerup daemon stop");
    assertThat(Files.readString(home.cookie())).as("its cookie is left alone").isEqualTo(cookie);
    assertStillServes();
  }

  @Test
  void aDeadSocketIsReplaced() throws Exception {
    server.close();
    leaveDeadSocket();
    assertThat(home.socket()).exists();
    assertThat(failure().code()).as("nobody listens there").isEqualTo("not-running");

    server = serve(Limits.DEFAULT);

    assertStillServes();
  }

  private void leaveDeadSocket() throws IOException {
    // The JDK, unlike Netty, leaves the file behind, as a killed process does.
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(home.socket()));
    }
  }

  @Test
  void aDeadSocketOfAnotherUserIsLeftAlone() throws Exception {
    Needs.that(FileFacts.ourUid() == 0, "only root can give files away");
    server.close();
    leaveDeadSocket();
    Files.setAttribute(home.socket(), "unix:uid", 65534);

    assertRefusedToStart("belongs to user 65534");
    assertThat(FileFacts.of(home.socket()).isSocket()).isTrue();
  }

  @Test
  void aPlantedSymlinkIsNotFollowed() throws Exception {
    server.close();
    Path target = Files.writeString(directory.resolve("target"), "precious");
    Files.createSymbolicLink(home.socket(), target);

    assertRefusedToStart("a symlink");
    assertThat(target).hasContent("precious");
    assertThat(home.socket()).isSymbolicLink();
  }

  @Test
  void aSymlinkToNowhereIsNotFollowedEither() throws Exception {
    server.close();
    Path target = directory.resolve("target");
    Files.createSymbolicLink(home.socket(), target);

    assertRefusedToStart("a symlink");
    assertThat(target).doesNotExist();
  }

  @Test
  void aPlantedFileIsLeftAlone() throws Exception {
    server.close();
    Files.writeString(home.socket(), "precious");

    assertRefusedToStart("a regular file");
    assertThat(home.socket()).hasContent("precious");
  }

  private void assertRefusedToStart(String why) {
    Failure failure = Failures.of(() -> serve(Limits.DEFAULT).close());
    assertThat(failure.code()).isEqualTo("socket-unsafe");
    assertThat(failure.message()).contains(home.socket().toString(), why);
    assertThat(failure.hint()).isNotEmpty();
    assertThat(home.cookie()).as("nothing was written").doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwxrwxrwx", "rwx----w-"})
  void aDirectoryThatOthersCanChangeIsRefused(String mode) throws Exception {
    server.close();
    Files.setPosixFilePermissions(home.root(), PosixFilePermissions.fromString(mode));

    Failure failure = Failures.of(() -> serve(Limits.DEFAULT).close());

    assertThat(failure.code()).isEqualTo("home-unusable");
    assertThat(failure.hint()).isEqualTo("chmod go-w " + home.root());
    assertThat(home.socket()).doesNotExist();
    assertThat(home.cookie()).doesNotExist();
  }

  @Test
  void aPlantedDirectoryForALongHomesSocketIsRefused() throws Exception {
    Home deep = Home.of(directory.resolve("x".repeat(90)).resolve("home"));
    Path planted = deep.socket().getParent();
    assertThat(planted).isNotNull();
    Files.createSymbolicLink(planted, directory);
    try {
      assertThat(Failures.of(() -> ControlServer.start(deep, routes()).close()).code())
          .isEqualTo("home-unusable");
      assertThat(directory.resolve("peerup.sock")).doesNotExist();
    } finally {
      Files.delete(planted);
    }
  }

  // ---- helpers ------------------------------------------------------------------------------

  private void assertStillServes() {
    assertThat(
            ControlClient.of(home)
                .call("GET", "/v1/status", null, PATIENCE)
                .get("ok")
                .getAsBoolean())
        .isTrue();
    handled.decrementAndGet();
  }

  private String get(String headers) throws IOException {
    return RawClient.ask(
        home, "GET /v1/status HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
  }

  private String post(String rest) throws IOException {
    return RawClient.ask(home, head("POST", "/v1/echo") + rest);
  }

  private String head(String method, String path) throws IOException {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + RawClient.cookie(home);
  }
}
