package io.peerup.relay.circuit.wire;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever bytes come, decoders answer with a message or with [MalformedInput], and a message that
/// was read is written so that it reads as the same.
class CodecFuzzTest {

  private static final String JS = "libp2p/js-generated.json";
  private static final CircuitLimit LIMIT = new CircuitLimit(Duration.ofMinutes(2), 1 << 17);

  @MethodSource("hops")
  @FuzzTest
  void hop(byte[] input) {
    Decoding.of(input, MalformedInput.class, HopCodec::decode)
        .ifPresent(message -> {
          same(HopCodec.decode(HopCodec.encode(message)), message);
          if (message instanceof HopMessage.Status status) {
            check(status.code() >= 0, "not negative");
          }
        });
  }

  static Stream<byte[]> hops() {
    ReservationGrant grant =
        new ReservationGrant(
            Instant.ofEpochSecond(2_000_000_000L),
            List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/4001").withPeer(TestPeers.peer(1))),
            Optional.of(new VoucherBytes(new byte[40])));
    Stream<byte[]> own =
        Stream.of(
                new HopMessage.Status(100, Optional.of(grant), Optional.of(LIMIT)),
                new HopMessage.Reserve(),
                new HopMessage.Connect(TestPeers.peer(1)))
            .map(HopCodec::encode);
    return Stream.concat(own, Vectors.seeds(JS, "relay"));
  }

  @MethodSource("stops")
  @FuzzTest
  void stop(byte[] input) {
    Decoding.of(input, MalformedInput.class, StopCodec::decode)
        .ifPresent(message -> same(StopCodec.decode(StopCodec.encode(message)), message));
  }

  static Stream<byte[]> stops() {
    Stream<byte[]> own =
        Stream.of(
                new StopMessage.Connect(TestPeers.peer(1), Optional.of(LIMIT)),
                new StopMessage.Connect(TestPeers.peer(2), Optional.empty()),
                new StopMessage.Status(100))
            .map(StopCodec::encode);
    return Stream.concat(own, Vectors.seeds(JS, "relay"));
  }

  @MethodSource("vouchers")
  @FuzzTest
  void voucher(byte[] input) {
    Decoding.of(input, MalformedInput.class, Voucher::decode)
        .ifPresent(voucher -> same(Voucher.decode(voucher.encode()), voucher));
  }

  static Stream<byte[]> vouchers() {
    Instant end = Instant.ofEpochSecond(2_000_000_000L);
    return Stream.concat(
        Stream.of(new Voucher(TestPeers.peer(1), TestPeers.peer(2), end).encode()),
        Vectors.seeds(JS, "payload"));
  }
}
