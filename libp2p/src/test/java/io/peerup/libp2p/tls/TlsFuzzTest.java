package io.peerup.libp2p.tls;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.transport.BoringSslTls;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.Vectors;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What a stranger sends before it has proven anything: certificates, and records of a handshake.
class TlsFuzzTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final TlsKeys KEYS =
      TlsKeys.of(
          PrivateKey.ofEd25519Seed(new byte[32]),
          KeyRandom.secure(),
          InstantSource.system(),
          JdkTls::new);

  private static final TlsKeys NATIVE_KEYS =
      TlsKeys.of(
          PrivateKey.ofEd25519Seed(new byte[32]),
          KeyRandom.secure(),
          InstantSource.system(),
          BoringSslTls::new);

  /// The seeds are the specification's own.
  @MethodSource("certificates")
  @FuzzTest
  void certificate(byte[] input) {
    Decoding.attempt(input, MalformedInput.class, bytes -> PeerCertificate.verify(bytes, NOW))
        .ifPresent(proof -> check(proof.identity().encoded().length > 0, "a key is proven"));
  }

  static Stream<byte[]> certificates() {
    return Vectors.json("libp2p/tls_certificates.json")
        .getAsJsonArray("certificates")
        .asList()
        .stream()
        .map(each -> HexFormat.of().parseHex(each.getAsJsonObject().get("der").getAsString()));
  }

  /// The first byte says where chunks end.
  @MethodSource("hellos")
  @FuzzTest
  void records(byte[] input) {
    Decoding.of(input, ProtocolViolation.class, bytes -> bodies(bytes, Math.max(1, bytes.length)))
        .ifPresent(
            whole -> same(bodies(input, input.length == 0 ? 1 : 1 + (input[0] & 15)), whole));
  }

  @MethodSource("hellos")
  @FuzzTest
  void listener(byte[] input) {
    talk(KEYS, input);
  }

  @MethodSource("hellos")
  @FuzzTest
  void listenerWithBoringSsl(byte[] input) {
    talk(NATIVE_KEYS, input);
  }

  private static void talk(TlsKeys keys, byte[] input) {
    TlsEngine engine = keys.server(PeerExpectation.any(), List.of("/yamux/1.0.0"));
    byte[] out = new byte[Limits.RECORD_BYTES_MAX];
    Decoding.attempt(
        input,
        OverlayException.class,
        bytes ->
            new RecordReader()
                .consume(
                    bytes,
                    0,
                    bytes.length,
                    (record, at, count) -> {
                      engine.open(record, at, count, out);
                      return true;
                    }));
    check(!engine.established(), "nobody is proven without a key");
    engine.release();
  }

  static Stream<byte[]> hellos() {
    TlsEngine client = KEYS.client(PeerExpectation.any(), List.of("/yamux/1.0.0"));
    client.begin();
    return Stream.of(client.takeOutput());
  }

  private static byte[] bodies(byte[] input, int chunk) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RecordReader reader = new RecordReader();
    for (int at = 0; at < input.length; at += chunk) {
      int count = Math.min(chunk, input.length - at);
      int used =
          reader.consume(
              input,
              at,
              count,
              (bytes, offset, length) -> {
                out.write(bytes, offset, length);
                return true;
              });
      same(used, count);
    }
    return out.toByteArray();
  }
}
