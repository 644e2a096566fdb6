package io.peerup.libp2p.multistream;

import static io.peerup.libp2p.multistream.Feeding.concat;
import static io.peerup.libp2p.multistream.Feeding.tokens;
import static io.peerup.libp2p.multistream.Feeding.unhex;
import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

class MultistreamFuzzTest {

  private static final String HEADER = "/multistream/1.0.0";
  private static final Set<String> SUPPORTED = Set.of("/a", "/b");
  private static final List<String> PROPOSED = List.of("/x", "/a", "/b");
  private static final int ROUNDS = 3_000;

  private final SeededRandom random = SeededRandom.of(MultistreamFuzzTest.class);

  @Test
  void bothSidesAgreeOnTheFirstSupportedProposalWhereverChunksEnd() {
    for (int round = 0; round < ROUNDS; round++) {
      List<String> proposals = names(1 + random.nextInt(5));
      Set<String> supported =
          proposals.stream().filter(_ -> random.nextInt(3) == 0).collect(Collectors.toSet());
      MultistreamInitiator initiator = new MultistreamInitiator(proposals, false);
      MultistreamResponder responder = new MultistreamResponder(supported::contains);

      byte[] toResponder = initiator.start();
      String end = "need more";
      while (end.equals("need more")) {
        Feeding answer =
            Feeding.of(responder::consume, responder::step, toResponder, this::randomChunk);
        Feeding next =
            Feeding.of(
                initiator::consume, initiator::step, unhex(answer.sent()), this::randomChunk);
        end = next.end();
        toResponder = unhex(next.sent());
        if (end.startsWith("agreed")) {
          assertThat(answer.end()).isEqualTo(end);
        }
      }
      Optional<String> expected = proposals.stream().filter(supported::contains).findFirst();
      assertThat(end).isEqualTo(expected.map(name -> "agreed " + name).orElse("none supported"));
    }
  }

  /// The first byte says where chunks end; the outcome must not depend on it.
  @MethodSource("dialogues")
  @FuzzTest
  void responder(byte[] input) {
    byte[] in = behindTheFirst(input);
    Optional<Feeding> whole = Decoding.of(in, ProtocolViolation.class, this::respond);
    Feeding cut = respond(in, chunks(input));
    same(cut, whole.orElseThrow());
    if (cut.end().startsWith("agreed")) {
      check(SUPPORTED.contains(cut.end().substring(7)), "only what is supported is agreed");
    }
  }

  @MethodSource("dialogues")
  @FuzzTest
  void initiator(byte[] input) {
    byte[] in = behindTheFirst(input);
    Optional<Feeding> whole = Decoding.of(in, ProtocolViolation.class, this::initiate);
    Feeding cut = initiate(in, chunks(input));
    // What was sent may differ: proposals that are already answered need not be made.
    same(cut.end(), whole.orElseThrow().end());
    same(cut.used(), whole.orElseThrow().used());
    if (cut.end().startsWith("agreed")) {
      check(PROPOSED.contains(cut.end().substring(7)), "only what was proposed is agreed");
    }
  }

  static Stream<byte[]> dialogues() {
    byte[] chunk = {5};
    Stream<byte[]> own =
        Stream.of(
            tokens(HEADER, "/x", "ls", "/a"),
            tokens(HEADER, "na", "/a"),
            tokens(HEADER, "na", "na", "na"),
            tokens(HEADER, "/" + "y".repeat(200), "/b"));
    Stream<byte[]> js = Vectors.seeds("libp2p/js-plaintext-yamux-ping-capture.json", "chunks");
    return Stream.concat(own, js).map(dialogue -> concat(chunk, dialogue));
  }

  private Feeding respond(byte[] in) {
    return respond(in, rest -> rest);
  }

  private Feeding respond(byte[] in, IntUnaryOperator chunk) {
    MultistreamResponder responder = new MultistreamResponder(SUPPORTED::contains);
    return comparable(Feeding.of(responder::consume, responder::step, in, chunk));
  }

  private Feeding initiate(byte[] in) {
    return initiate(in, rest -> rest);
  }

  private Feeding initiate(byte[] in, IntUnaryOperator chunk) {
    MultistreamInitiator initiator = new MultistreamInitiator(PROPOSED, false);
    initiator.start();
    return comparable(Feeding.of(initiator::consume, initiator::step, in, chunk));
  }

  /// What was sent before a violation may depend on chunks; nobody will read it.
  private static Feeding comparable(Feeding fed) {
    return fed.end().equals("violation") ? new Feeding(-1, "", "violation") : fed;
  }

  private static byte[] behindTheFirst(byte[] input) {
    return input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
  }

  private static IntUnaryOperator chunks(byte[] input) {
    int size = input.length == 0 ? 1 : 1 + (input[0] & 31);
    return rest -> Math.min(rest, size);
  }

  private List<String> names(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "/" + i + "/" + "é".repeat(random.nextInt(100)))
        .toList();
  }

  private int randomChunk(int rest) {
    return 1 + random.nextInt(Math.max(1, Math.min(rest, 40)));
  }
}
