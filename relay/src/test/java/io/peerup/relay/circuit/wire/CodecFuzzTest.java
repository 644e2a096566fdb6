package io.peerup.relay.circuit.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.relay.circuit.TestPeers;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// Whatever bytes come, decoders answer with a message or with [MalformedInput].
class CodecFuzzTest {

  private static final int RUNS = 20_000;

  private final SplittableRandom random = new SplittableRandom(20_260_801);

  @Test
  void hopSurvivesMutations() {
    byte[] good =
        HopCodec.encode(
            new HopMessage.Status(
                100,
                Optional.of(
                    new ReservationGrant(
                        Instant.ofEpochSecond(2_000_000_000L),
                        List.of(
                            Multiaddr.parse("/ip4/192.0.2.1/tcp/4001").withPeer(TestPeers.peer(1))),
                        Optional.of(new VoucherBytes(new byte[40])))),
                Optional.of(new CircuitLimit(Duration.ofMinutes(2), 1 << 17))));
    survives(good, HopCodec::decode);
  }

  @Test
  void stopSurvivesMutations() {
    byte[] good =
        StopCodec.encode(
            new StopMessage.Connect(
                TestPeers.peer(1), Optional.of(new CircuitLimit(Duration.ofMinutes(2), 1 << 17))));
    survives(good, StopCodec::decode);
  }

  @Test
  void vouchersSurviveMutations() {
    byte[] good =
        new Voucher(TestPeers.peer(1), TestPeers.peer(2), Instant.ofEpochSecond(2_000_000_000L))
            .encode();
    survives(good, Voucher::decode);
  }

  private void survives(byte[] good, Consumer<byte[]> decoder) {
    int refused = 0;
    for (int run = 0; run < RUNS; run++) {
      byte[] bytes = mutate(good);
      try {
        decoder.accept(bytes);
      } catch (MalformedInput e) {
        refused++;
      }
    }
    assertThat(refused).as("mutations that were noticed").isGreaterThan(RUNS / 10);
  }

  private byte[] mutate(byte[] good) {
    byte[] bytes =
        Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length + 8) : good.length);
    int flips = 1 + random.nextInt(4);
    for (int i = 0; i < flips && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }
}
