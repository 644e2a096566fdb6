package io.peerup.interop;

import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.perf.Perf;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The dialling side of the test protocols: the commands of the same names in
/// `interop/js/peer.mjs`.
final class TestQuestions {

  private TestQuestions() {}

  /// Asks on a stream of `connection`; every call ends within `timeout`.
  static JsonObject ask(Connection connection, JsonObject command, Duration timeout)
      throws Exception {
    return switch (Json.string(command, "cmd")) {
      case "echo" -> echo(connection, command, timeout);
      case "upload" -> upload(connection, Json.number(command, "bytes"), timeout);
      case "download" -> download(connection, Json.number(command, "bytes"), timeout);
      case "lateReply" -> lateReply(connection, (int) Json.number(command, "bytes"), timeout);
      case "earlyFin" -> earlyFin(connection, Json.number(command, "bytes"), timeout);
      case "resetByListener" -> resetByListener(connection, timeout);
      case "resetByDialer" -> resetByDialer(connection, timeout);
      case "open" -> {
        open(connection, Json.string(command, "protocol"), timeout).close();
        yield new JsonObject();
      }
      case "perf" -> perf(connection, command, timeout);
      case String other -> throw new IllegalArgumentException("no such command: " + other);
    };
  }

  private static Stream open(Connection connection, String protocol, Duration timeout) {
    Stream stream = connection.openStream(List.of(protocol), timeout);
    stream.deadline(timeout);
    return stream;
  }

  private static JsonObject echo(Connection connection, JsonObject command, Duration timeout)
      throws InterruptedException, ExecutionException {
    int streams = (int) Json.number(command, "streams");
    int bytes = (int) Json.number(command, "bytes");
    List<Future<?>> all = new ArrayList<>();
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < streams; i++) {
        all.add(tasks.submit(() -> echoOnce(connection, bytes, timeout)));
      }
    }
    for (Future<?> each : all) {
      each.get();
    }
    return Json.object("streams", streams, "bytes", bytes);
  }

  private static Void echoOnce(Connection connection, int bytes, Duration timeout)
      throws InterruptedException, ExecutionException {
    byte[] sent = TestProtocols.randomBytes(bytes);
    try (Stream stream = open(connection, TestProtocols.ECHO, timeout);
        var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<byte[]> reading = tasks.submit(() -> TestProtocols.readAll(stream));
      for (int at = 0; at < bytes; at += TestProtocols.CHUNK_BYTES) {
        stream.write(sent, at, Math.min(TestProtocols.CHUNK_BYTES, bytes - at));
      }
      stream.closeWrite();
      same("the echo", reading.get(), sent);
    }
    return null;
  }

  private static JsonObject upload(Connection connection, long bytes, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.SINK, timeout)) {
      byte[] hash = TestProtocols.writePattern(stream, bytes);
      stream.closeWrite();
      byte[] expected = ByteBuffer.allocate(8 + hash.length).putLong(bytes).put(hash).array();
      same("count and hash", TestProtocols.readAll(stream), expected);
      return Json.object("bytes", bytes);
    }
  }

  private static JsonObject download(Connection connection, long bytes, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.SOURCE, timeout)) {
      stream.write(ByteBuffer.allocate(8).putLong(bytes).array());
      stream.closeWrite();
      MessageDigest digest = TestProtocols.sha256();
      byte[] chunk = new byte[TestProtocols.CHUNK_BYTES];
      for (long left = bytes; left > 0; ) {
        int count = stream.read(chunk, 0, (int) Math.min(chunk.length, left));
        if (count < 0) {
          throw new IllegalStateException((bytes - left) + " of " + bytes + " bytes came");
        }
        digest.update(chunk, 0, count);
        left -= count;
      }
      same("the hash", TestProtocols.readAll(stream), digest.digest());
      return Json.object("bytes", bytes);
    }
  }

  private static JsonObject lateReply(Connection connection, int bytes, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.LATE_REPLY, timeout)) {
      byte[] question = TestProtocols.randomBytes(bytes);
      stream.write(question);
      stream.closeWrite();
      same(
          "the reply after our FIN",
          TestProtocols.readAll(stream),
          TestProtocols.reversed(question));
      return Json.object("bytes", bytes);
    }
  }

  private static JsonObject earlyFin(Connection connection, long bytes, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.EARLY_FIN, timeout)) {
      if (stream.read(new byte[1], 0, 1) >= 0) {
        throw new IllegalStateException("data instead of a FIN");
      }
      byte[] hash = TestProtocols.writePattern(stream, bytes);
      stream.closeWrite();
      return Json.object("bytes", bytes, "sha256", HexFormat.of().formatHex(hash));
    }
  }

  private static JsonObject resetByListener(Connection connection, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.RESET, timeout)) {
      stream.write(new byte[] {'L'});
      int count = stream.read(new byte[1], 0, 1);
      return Json.object("outcome", count < 0 ? "fin" : "data");
    } catch (StreamReset expected) {
      return Json.object("outcome", "reset");
    }
  }

  private static JsonObject resetByDialer(Connection connection, Duration timeout) {
    try (Stream stream = open(connection, TestProtocols.RESET, timeout)) {
      stream.write(new byte[] {'D'});
      same("the answer", stream.readExactly(1), new byte[] {'d'});
      stream.reset();
      return new JsonObject();
    }
  }

  private static JsonObject perf(Connection connection, JsonObject command, Duration timeout) {
    Perf.Result result =
        Perf.run(
            connection,
            Json.number(command, "upload"),
            Json.number(command, "download"),
            timeout,
            InstantSource.system());
    return Json.object("upload", result.uploadBytes(), "download", result.downloadBytes());
  }

  private static void same(String what, byte[] actual, byte[] expected) {
    if (!Arrays.equals(actual, expected)) {
      throw new IllegalStateException(
          what + " differs: " + actual.length + " bytes came, " + expected.length + " expected");
    }
  }
}
