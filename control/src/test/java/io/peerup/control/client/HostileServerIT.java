package io.peerup.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Cookie;
import io.peerup.control.Failure;
import io.peerup.control.Failures;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Our client against servers that answer wrongly, incompletely or not at all.
@Timeout(60)
class HostileServerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Home home;
  private ServerSocketChannel listener;

  @BeforeEach
  void listen() throws IOException {
    home = Home.of(directory.resolve("home")).ensure();
    Cookie.create().write(home);
    listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(home.socket()));
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  /// Answers one connection with `reply`, then closes or stays silent.
  private void answer(String reply, boolean close) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            SocketChannel client = listener.accept();
            client.read(ByteBuffer.allocate(10_000));
            ByteBuffer bytes = ByteBuffer.wrap(reply.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
              client.write(bytes);
            }
            if (close) {
              client.close();
            }
          } catch (IOException _) {
            // The client gave up first, which is what some tests want.
          }
        });
  }

  private Failure call(Duration timeout) {
    return Failures.of(() -> ControlClient.of(home).call("GET", "/", null, timeout));
  }

  private static String unescape(String text) {
    return text.replace("^", "\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK^",
        "HTTP/1.1 200 OK^Content-Length: 5^^{}",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2^{}",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2^{}^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2^{}^0^",
      })
  void aReplyThatBreaksOffIsSaidToBeIncomplete(String reply) {
    answer(unescape(reply), true);

    Failure failure = call(PATIENCE);
    assertThat(failure.code()).isEqualTo("control-broken");
    assertThat(failure.message()).contains("before its reply was complete");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.9^",
        "HTTP/1.0 200 OK^^",
        "HTTP/1.1 2000 OK^^",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK^no colon^^",
        "HTTP/1.1 200 OK^^{}",
        "HTTP/1.1 200 OK^Content-Length: -1^^",
        "HTTP/1.1 200 OK^Content-Length: 9999999999999999999^^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^xyz^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^-2^{}^0^^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^FFFFFFFFF^",
        "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2^{}xx^0^^",
      })
  void whatIsNotOurHttpIsRefused(String reply) {
    answer(unescape(reply), false);

    Failure failure = call(PATIENCE);
    assertThat(failure.code()).isEqualTo("control-broken");
    assertThat(failure.message()).contains("does not speak our protocol");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | [] | is damaged",
        "200 | {\"a\":1,\"a\":2} | is damaged",
        "200 | hello | is damaged",
        "500 | {} | HTTP 500",
        "302 | {\"x\":1} | HTTP 302",
      })
  void aBodyThatIsNoObjectOrNoErrorIsRefused(int status, String body, String message) {
    answer(
        "HTTP/1.1 " + status + " X\r\nContent-Length: " + body.length() + "\r\n\r\n" + body, false);

    Failure failure = call(PATIENCE);
    assertThat(failure.code()).isEqualTo("control-broken");
    assertThat(failure.message()).contains(message);
  }

  @Test
  void headersWithoutEndAreRefused() {
    answer("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(1000), false);

    assertThat(call(PATIENCE).code()).isEqualTo("control-broken");
  }

  @Test
  void aHeaderWithoutEndIsRefused() {
    answer("HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000), false);

    assertThat(call(PATIENCE).code()).isEqualTo("control-broken");
  }

  @Test
  void aDocumentThatIsTooLongIsRefusedAndNotCollected() {
    String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
    answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(9), false);

    assertThat(call(PATIENCE).message()).contains("too long");
  }

  @Test
  void aLineThatIsTooLongIsRefusedAndNotCollected() {
    String chunk = "100000\r\n" + "x".repeat(1 << 20) + "\r\n";
    answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(9), false);

    try (ControlStream stream = ControlClient.of(home).open("GET", "/", null)) {
      assertThat(Failures.of(stream::next).message()).contains("too long");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200 OK^Content-Length: 5^^{}"})
  void aServerThatStaysSilentIsATimeout(String reply) {
    answer(unescape(reply), false);

    assertThat(call(Duration.ofMillis(300)).code()).isEqualTo("control-timeout");
  }

  @Test
  void aServerThatNeverAcceptsIsATimeout() {
    assertThat(call(Duration.ofMillis(300)).code()).isEqualTo("control-timeout");
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    Failure[] seen = new Failure[1];
    Thread caller = Thread.ofVirtual().start(() -> seen[0] = call(PATIENCE));
    caller.interrupt();

    assertThat(caller.join(PATIENCE)).isTrue();
    assertThat(seen[0].code()).isEqualTo("interrupted");
  }

  @Test
  void aStreamThatBreaksOffIsAFailureAfterItsWholeLines() {
    answer(
        unescape("HTTP/1.1 200 OK^Transfer-Encoding: chunked^^")
            + "8\r\n{\"a\":1}\n\r\n3\r\n{\"b\r\n",
        true);

    try (ControlStream stream = ControlClient.of(home).open("GET", "/", null)) {
      assertThat(stream.next()).contains(Jsons.parseObject("{\"a\":1}"));
      assertThat(Failures.of(stream::next).code()).isEqualTo("control-broken");
    }
  }

  @Test
  void linesMayBeCutAnywhereByChunks() {
    answer(
        unescape("HTTP/1.1 200 OK^Transfer-Encoding: chunked^^")
            + "3\r\n{\"a\r\n6\r\n\":1}\n{\r\n2\r\n}\n\r\n0\r\n\r\n",
        true);

    try (ControlStream stream = ControlClient.of(home).open("GET", "/", null)) {
      assertThat(stream.next()).contains(Jsons.parseObject("{\"a\":1}"));
      assertThat(stream.next()).contains(Jsons.parseObject("{}"));
      assertThat(stream.next()).isEmpty();
      assertThat(stream.next()).isEmpty();
    }
  }

  @Test
  void aRequestWithALineBreakInItsPathIsNotSent() {
    assertThatThrownBy(
            () -> ControlClient.of(home).call("GET", "/x HTTP/1.1\r\nX: y", null, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
