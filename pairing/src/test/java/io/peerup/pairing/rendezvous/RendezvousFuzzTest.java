package io.peerup.pairing.rendezvous;

import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.Decoding;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class RendezvousFuzzTest {

  private static final Selector TYPED = Selector.ofText(Selector.TYPED, "EJWJ7KQ");

  @MethodSource("requests")
  @FuzzTest
  void request(byte[] input) {
    Decoding.of(input, MalformedInput.class, RendezvousMessages::decodeRequest)
        .ifPresent(request -> same(RendezvousMessages.encode(request), input));
  }

  static Stream<byte[]> requests() {
    return Stream.of(
            new RendezvousMessages.Open(Optional.of(TYPED), Duration.ofMinutes(10)),
            new RendezvousMessages.Open(Optional.empty(), Duration.ofMinutes(10)),
            new RendezvousMessages.Find(TYPED),
            new RendezvousMessages.Close(TYPED),
            new RendezvousMessages.Vouch(PrivateKey.ofEd25519Seed(new byte[32]).peerId()))
        .map(RendezvousMessages::encode);
  }

  @MethodSource("answers")
  @FuzzTest
  void answer(byte[] input) {
    Decoding.of(
            input,
            MalformedInput.class,
            body -> RendezvousMessages.decodeOpened(body, Selector.TYPED))
        .flatMap(opened -> opened)
        .ifPresent(opened -> same(RendezvousMessages.encode(opened), input));
    Decoding.of(input, MalformedInput.class, RendezvousMessages::decodeFound)
        .flatMap(found -> found)
        .ifPresent(found -> same(RendezvousMessages.encodeFound(found), input));
    Decoding.of(input, MalformedInput.class, RendezvousMessages::decodeDone)
        .filter(closed -> closed)
        .ifPresent(_ -> same(RendezvousMessages.encodeDone(), input));
  }

  static Stream<byte[]> answers() {
    return Stream.of(
        RendezvousMessages.encode(new RendezvousMessages.Opened(TYPED, Instant.ofEpochSecond(9))),
        RendezvousMessages.encodeFound(PrivateKey.ofEd25519Seed(new byte[32]).peerId()),
        RendezvousMessages.encodeDone(),
        RendezvousMessages.failed());
  }
}
