package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.sent;
import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseFuzzTest {

  private static final int HANDSHAKES = 1_000;
  private static final byte[] STATIC_KEY = NoisePair.seed(60);
  private static final byte[] PAYLOAD_HASH = NoisePair.seed(61);
  private static final List<String> OFFERED = List.of("/noise-mlkem768-hfs/0.2.0", "/noise");
  private static final int BODY_BYTES_MAX = 600;

  private final SeededRandom random = SeededRandom.of(NoiseFuzzTest.class);

  @Test
  void alteredMessagesNeverCompleteAHandshakeAndNeverEscapeTheErrorFamily() {
    for (int round = 0; round < HANDSHAKES; round++) {
      NoisePair pair = new NoisePair();
      pair.responder.start();
      byte[] message = sent(pair.initiator.start());
      int victim = 1 + random.nextInt(3);
      boolean failed = false;
      try {
        message = sent(pair.responder.receive(victim == 1 ? altered(message) : message));
        Step.Done dialed =
            (Step.Done) pair.initiator.receive(victim == 2 ? altered(message) : message);
        message = dialed.message();
        pair.responder.receive(victim == 3 ? altered(message) : message);
      } catch (OverlayException e) {
        failed = true;
      }
      assertThat(failed).as("message %d altered", victim).isTrue();
    }
  }

  /// The first byte says where chunks end.
  @MethodSource("streams")
  @FuzzTest
  void framer(byte[] input) {
    Decoding.of(input, ProtocolViolation.class, bytes -> bodies(bytes, bytes.length))
        .ifPresent(whole -> {
          int chunk = input.length == 0 ? 1 : 1 + (input[0] & 15);
          byte[] cut = bodies(input, chunk);
          same(cut, whole);
          check(cut.length <= input.length, "frames are made of what came");
        });
  }

  /// All whole frames, written again.
  private static byte[] bodies(byte[] in, int chunk) {
    NoiseFramer framer = new NoiseFramer(BODY_BYTES_MAX);
    byte[] out = new byte[in.length];
    int filled = 0;
    int at = 0;
    while (at < in.length) {
      int used = framer.consume(in, at, Math.min(chunk, in.length - at));
      check(used > 0, "a framer that is not complete takes bytes");
      at += used;
      check(framer.body().length <= BODY_BYTES_MAX, "no more than a frame is held");
      if (framer.complete()) {
        byte[] frame = NoiseFramer.frame(framer.bodyCopy());
        System.arraycopy(frame, 0, out, filled, frame.length);
        filled += frame.length;
        framer.next();
      }
    }
    return Arrays.copyOf(out, filled);
  }

  static Stream<byte[]> streams() {
    return Stream.concat(
        Stream.of(new byte[] {0, 3, 1, 2, 3, 0, 0, 0, 1, 9}, new byte[] {2, 88, 0}),
        published().map(NoiseFramer::frame));
  }

  /// What still verifies has the identity and its signature untouched.
  @MethodSource("payloads")
  @FuzzTest
  void identityPayload(byte[] input) {
    Decoding.of(
            input,
            ProtocolViolation.class,
            payload -> IdentityPayload.verify(payload, STATIC_KEY, PAYLOAD_HASH))
        .ifPresent(payload -> {
          same(PeerId.of(payload.key()), NoisePair.idOf(NoisePair.LISTENER));
          check(payload.muxers().size() <= Limits.MUXERS_MAX, "as many as allowed");
          check(
              payload.offered().isEmpty() || payload.offered().equals(OFFERED),
              "only offers that were signed");
        });
  }

  static Stream<byte[]> payloads() {
    return Stream.concat(
        Stream.of(
            NoisePair.payload(NoisePair.LISTENER, STATIC_KEY, List.of(NoisePair.YAMUX)),
            NoisePair.payload(NoisePair.LISTENER, STATIC_KEY, List.of()),
            offering()),
        Vectors.seeds("libp2p/noise-payload.json", "payloadNoExt", "payloadWithYamuxExt"));
  }

  private static byte[] offering() {
    return IdentityPayload.create(
        NoisePair.LISTENER.publicKey(),
        NoisePair.LISTENER.sign(IdentityPayload.signedBytes(STATIC_KEY)),
        List.of(NoisePair.YAMUX),
        Optional.of(NoisePair.LISTENER_KEYS.offer(PAYLOAD_HASH, OFFERED)));
  }

  /// A record after the handshake: none but the one that was sent decrypts.
  @MethodSource("records")
  @FuzzTest
  void record(byte[] input) {
    byte[] out = new byte[input.length];
    boolean authentic =
        Decoding.of(
                input,
                ProtocolViolation.class,
                bytes -> new NoiseCipher(STATIC_KEY, false).decrypt(bytes, 0, bytes.length, out, 0))
            .isPresent();
    same(authentic, Arrays.equals(input, sealed()));
  }

  static Stream<byte[]> records() {
    return Stream.of(sealed());
  }

  private static byte[] sealed() {
    byte[] out = new byte[3 + Limits.TAG_BYTES];
    new NoiseCipher(STATIC_KEY, true).encrypt(new byte[] {1, 2, 3}, 0, 3, out, 0);
    return out;
  }

  /// The listener's message as the dialer gets it. Nothing that was altered proves anything.
  @MethodSource("secondMessages")
  @FuzzTest
  void initiator(byte[] input) {
    NoiseHandshake initiator = NoisePair.initiator(PeerExpectation.any(), List.of(NoisePair.YAMUX));
    initiator.start();
    receive(initiator, input, message(2));
  }

  static Stream<byte[]> secondMessages() {
    return Stream.concat(Stream.of(message(2)), published());
  }

  /// The dialer's last message as the listener gets it.
  @MethodSource("thirdMessages")
  @FuzzTest
  void responder(byte[] input) {
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of(NoisePair.YAMUX));
    responder.start();
    responder.receive(message(1));
    receive(responder, input, message(3));
  }

  static Stream<byte[]> thirdMessages() {
    return Stream.concat(Stream.of(message(3)), published());
  }

  /// The messages of another implementation, all XX handshakes among them.
  private static Stream<byte[]> published() {
    return Vectors.seeds("noise/cacophony_25519_ChaChaPoly_SHA256.json", "ciphertext");
  }

  private static void receive(NoiseHandshake handshake, byte[] input, byte[] honest) {
    boolean completed = false;
    try {
      completed = handshake.receive(input) instanceof Step.Done;
    } catch (OverlayException e) {
      // Refused, as it must be unless nothing was altered.
    }
    same(completed, Arrays.equals(input, honest));
  }

  /// The first message as the listener gets it: any 32 bytes are lawful, the proof comes later.
  @MethodSource("firstMessages")
  @FuzzTest
  void firstMessage(byte[] input) {
    NoiseHandshake responder = NoisePair.responder(PeerExpectation.any(), List.of());
    responder.start();
    boolean answered = false;
    try {
      answered = responder.receive(input) instanceof Step.Send;
    } catch (ProtocolViolation e) {
      // A key whose product with any other is zero (RFC 7748 §6.1) is refused as well.
    }
    check(!answered || input.length == 32, "only a bare key is answered");
  }

  static Stream<byte[]> firstMessages() {
    return Stream.concat(
        Stream.of(message(1), new byte[31]), Vectors.seeds("cpace/x25519_low_order.json", "u"));
  }

  /// The messages of two honest sides, always the same because their keys are.
  private static byte[] message(int number) {
    return HONEST[number - 1].clone();
  }

  private static final byte[][] HONEST = honest();

  private static byte[][] honest() {
    NoisePair pair = new NoisePair();
    pair.responder.start();
    byte[] first = sent(pair.initiator.start());
    byte[] second = sent(pair.responder.receive(first));
    byte[] third = NoisePair.done(pair.initiator.receive(second)).message();
    return new byte[][] {first, second, third};
  }

  private byte[] altered(byte[] message) {
    byte[] out =
        switch (random.nextInt(4)) {
          case 0 -> Arrays.copyOf(message, random.nextInt(message.length));
          case 1 -> Arrays.copyOf(message, message.length + 1 + random.nextInt(40));
          default -> message.clone();
        };
    for (int i = random.nextInt(4); i > 0 && out.length > 0; i--) {
      out[random.nextInt(out.length)] ^= (byte) (1 + random.nextInt(255));
    }
    if (Arrays.equals(out, message)) {
      out[random.nextInt(out.length)] ^= (byte) (1 + random.nextInt(255));
    }
    return out;
  }
}
