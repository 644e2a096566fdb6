package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.sent;
import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class HybridFuzzTest {

  private static final Negotiated HYBRID =
      new Negotiated(
          NoiseSuite.HYBRID.id(), List.of(NoiseSuite.HYBRID.id(), NoiseSuite.CLASSIC.id()));
  private static final byte[][] HONEST = honest();

  /// The first message as the listener gets it: only two keys that can be keys are answered.
  @MethodSource("firstMessages")
  @FuzzTest
  void firstMessage(byte[] input) {
    NoiseHandshake responder = NoisePair.responder(HYBRID, PeerExpectation.any(), List.of());
    responder.start();
    boolean answered = false;
    try {
      answered = responder.receive(input) instanceof Step.Send;
    } catch (OverlayException e) {
      // Refused.
    }
    if (answered) {
      same(input.length, Limits.HYBRID_FIRST_BYTES);
      byte[] key = Arrays.copyOfRange(input, HandshakeState.KEY_BYTES, input.length);
      check(belowModulus(key), "no coefficient reaches the modulus");
      check(new JdkMlKem768().encapsulate(key).isPresent(), "the JDK takes it, too");
    }
  }

  static Stream<byte[]> firstMessages() {
    byte[] tooLarge = HONEST[0].clone();
    Arrays.fill(tooLarge, 32, 64, (byte) 0xff);
    return Stream.of(HONEST[0].clone(), new byte[1216], tooLarge, new byte[32]);
  }

  /// FIPS 203, 7.2: 768 numbers of 12 bits, each below 3329, then 32 bytes of anything.
  private static boolean belowModulus(byte[] key) {
    for (int i = 0; i < 1152; i += 3) {
      int low = (key[i] & 0xff) | (key[i + 1] & 0x0f) << 8;
      int high = (key[i + 1] & 0xff) >> 4 | (key[i + 2] & 0xff) << 4;
      if (low >= 3329 || high >= 3329) {
        return false;
      }
    }
    return true;
  }

  /// The listener's message as the dialer gets it. Nothing that was altered proves anything.
  @MethodSource("secondMessages")
  @FuzzTest
  void initiator(byte[] input) {
    NoiseHandshake initiator =
        NoisePair.initiator(HYBRID, PeerExpectation.any(), List.of(NoisePair.YAMUX));
    initiator.start();
    boolean completed = false;
    try {
      completed = initiator.receive(input) instanceof Step.Done;
    } catch (OverlayException e) {
      // Refused, as it must be unless nothing was altered.
    }
    same(completed, Arrays.equals(input, HONEST[1]));
  }

  static Stream<byte[]> secondMessages() {
    return Stream.of(HONEST[1].clone(), Arrays.copyOf(HONEST[1], 1200));
  }

  private static byte[][] honest() {
    NoisePair pair = new NoisePair(HYBRID, HYBRID);
    pair.responder.start();
    byte[] first = sent(pair.initiator.start());
    return new byte[][] {first, sent(pair.responder.receive(first))};
  }
}
