package io.peerup.interop;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.libp2p.StreamReset;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.random.RandomGenerator;

/// The listening side of the test protocols; `interop/js/protocols.mjs` speaks exactly the same
/// ones and describes each.
final class TestProtocols {

  static final String ECHO = "/peerup-test/echo/1.0.0";
  static final String SINK = "/peerup-test/sink/1.0.0";
  static final String SOURCE = "/peerup-test/source/1.0.0";
  static final String LATE_REPLY = "/peerup-test/late-reply/1.0.0";
  static final String EARLY_FIN = "/peerup-test/early-fin/1.0.0";
  static final String RESET = "/peerup-test/reset/1.0.0";

  static final int CHUNK_BYTES = 64 * 1024;
  private static final int MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
  private static final int LATE_MS = 100;

  private TestProtocols() {}

  /// Told how each served stream ended.
  @FunctionalInterface
  interface Report {
    void served(String protocol, Stream stream, Outcome outcome);
  }

  /// @param kind `done`, `reset` or `failed`
  record Outcome(String kind, long bytes, String sha256, String message) {}

  /// What a handler has to tell when all went well.
  private record Served(long bytes, String sha256) {}

  @FunctionalInterface
  private interface Dialogue {
    Served run(Stream stream) throws Exception;
  }

  /// Serves every test protocol on the host.
  static void serveAll(Host host, Report report) {
    Map<String, Dialogue> all =
        Map.of(
            ECHO, TestProtocols::echo,
            SINK, TestProtocols::sink,
            SOURCE, TestProtocols::source,
            LATE_REPLY, TestProtocols::lateReply,
            EARLY_FIN, TestProtocols::earlyFin,
            RESET, TestProtocols::resetOnDemand);
    all.forEach(
        (protocol, dialogue) -> host.handle(protocol, reporting(protocol, dialogue, report)));
  }

  private static StreamHandler reporting(String protocol, Dialogue dialogue, Report report) {
    return stream -> {
      stream.clearDeadline();
      try {
        Served served = dialogue.run(stream);
        report.served(protocol, stream, new Outcome("done", served.bytes, served.sha256, ""));
      } catch (StreamReset reset) {
        report.served(protocol, stream, new Outcome("reset", 0, "", message(reset)));
      } catch (Exception failed) {
        report.served(protocol, stream, new Outcome("failed", 0, "", message(failed)));
        throw failed;
      }
    };
  }

  private static String message(Exception failed) {
    return failed.getClass().getSimpleName() + ": " + failed.getMessage();
  }

  private static Served echo(Stream stream) {
    byte[] chunk = new byte[CHUNK_BYTES];
    long total = 0;
    for (int count = stream.read(chunk, 0, chunk.length);
        count >= 0;
        count = stream.read(chunk, 0, chunk.length)) {
      stream.write(chunk, 0, count);
      total += count;
    }
    stream.closeWrite();
    return new Served(total, "");
  }

  private static Served sink(Stream stream) {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    long total = 0;
    for (int count = stream.read(chunk, 0, chunk.length);
        count >= 0;
        count = stream.read(chunk, 0, chunk.length)) {
      digest.update(chunk, 0, count);
      total += count;
    }
    byte[] hash = digest.digest();
    stream.write(ByteBuffer.allocate(8 + hash.length).putLong(total).put(hash).array());
    stream.closeWrite();
    return new Served(total, HexFormat.of().formatHex(hash));
  }

  private static Served source(Stream stream) {
    long total = ByteBuffer.wrap(stream.readExactly(8)).getLong();
    byte[] hash = writePattern(stream, total);
    stream.write(hash);
    stream.closeWrite();
    return new Served(total, HexFormat.of().formatHex(hash));
  }

  private static Served lateReply(Stream stream) throws InterruptedException {
    byte[] question = readAll(stream);
    Thread.sleep(LATE_MS);
    stream.write(reversed(question));
    stream.closeWrite();
    return new Served(question.length, "");
  }

  private static Served earlyFin(Stream stream) {
    stream.closeWrite();
    byte[] all = readAll(stream);
    return new Served(all.length, HexFormat.of().formatHex(sha256().digest(all)));
  }

  private static Served resetOnDemand(Stream stream) {
    if (stream.readExactly(1)[0] == 'L') {
      stream.reset();
      return new Served(1, "");
    }
    stream.write(new byte[] {'d'});
    int count = stream.read(new byte[1], 0, 1);
    throw new IllegalStateException((count < 0 ? "FIN" : "data") + " instead of a reset");
  }

  // ---- used by both sides ----

  /// Writes bytes that repeat nowhere; returns their SHA-256.
  static byte[] writePattern(Stream stream, long total) {
    MessageDigest digest = sha256();
    byte[] chunk = randomBytes(CHUNK_BYTES);
    for (long sent = 0; sent < total; ) {
      int size = (int) Math.min(chunk.length, total - sent);
      if (size >= 8) {
        ByteBuffer.wrap(chunk).putLong(sent);
      }
      digest.update(chunk, 0, size);
      stream.write(chunk, 0, size);
      sent += size;
    }
    return digest.digest();
  }

  static byte[] readAll(Stream stream) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int count = stream.read(chunk, 0, chunk.length);
        count >= 0;
        count = stream.read(chunk, 0, chunk.length)) {
      out.write(chunk, 0, count);
      if (out.size() > MESSAGE_BYTES_MAX) {
        throw new IllegalStateException("more than " + MESSAGE_BYTES_MAX + " bytes");
      }
    }
    return out.toByteArray();
  }

  static byte[] reversed(byte[] bytes) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      out[i] = bytes[bytes.length - 1 - i];
    }
    return out;
  }

  static byte[] randomBytes(int count) {
    byte[] out = new byte[count];
    RandomGenerator.getDefault().nextBytes(out);
    return out;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
