package io.peerup.control.client;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.control.Failure;
import io.peerup.testkit.Decoding;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What answers on the control socket may be anything.
class HttpReplyFuzzTest {

  @MethodSource("replies")
  @FuzzTest
  void body(byte[] input) {
    Decoding.of(input, Failure.class, HttpReplyFuzzTest::text)
        .ifPresent(text -> check(text.length() <= input.length, "made of what came"));
  }

  @MethodSource("replies")
  @FuzzTest
  void lines(byte[] input) {
    Decoding.of(input, Failure.class, HttpReplyFuzzTest::linesOf)
        .ifPresent(characters -> check(characters <= input.length, "made of what came"));
  }

  static Stream<byte[]> replies() {
    return Stream.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 200\r\ncontent-length: 999999999999999999\r\n\r\nx")
        .map(text -> text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(byte[] input) {
    try {
      HttpReply reply = reply(input);
      check(reply.status() >= 0 && reply.status() <= 999, "three digits");
      return reply.text();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int linesOf(byte[] input) {
    try {
      HttpReply reply = reply(input);
      int characters = 0;
      for (Optional<String> line = reply.nextLine(); line.isPresent(); line = reply.nextLine()) {
        check(!line.get().isEmpty(), "blank lines are left out");
        characters += line.get().length();
      }
      return characters;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HttpReply reply(byte[] input) throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(input);
    return new HttpReply(
        new Input() {
          @Override
          public int read() {
            return in.read();
          }

          @Override
          public byte[] readSome(int max) throws IOException {
            return in.readNBytes(max);
          }
        });
  }
}
