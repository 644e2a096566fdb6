package io.peerup.libp2p.multistream;

import static io.peerup.libp2p.multistream.Feeding.concat;
import static io.peerup.libp2p.multistream.Feeding.hex;
import static io.peerup.libp2p.multistream.Feeding.tokens;
import static io.peerup.libp2p.multistream.Feeding.unhex;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MultistreamFuzzTest {

  private static final String HEADER = "/multistream/1.0.0";
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

  @Test
  void theOutcomeNeverDependsOnWhereChunksEndEvenForHostileBytes() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] in = hostile();
      Feeding responded = feedResponder(in, rest -> rest);
      assertThat(feedResponder(in, _ -> 1)).as(hex(in)).isEqualTo(responded);
      assertThat(feedResponder(in, this::randomChunk)).as(hex(in)).isEqualTo(responded);
      Feeding initiated = feedInitiator(in, rest -> rest);
      assertThat(feedInitiator(in, _ -> 1).end()).as(hex(in)).isEqualTo(initiated.end());
      assertThat(feedInitiator(in, this::randomChunk).used())
          .as(hex(in))
          .isEqualTo(initiated.used());
    }
  }

  private Feeding feedResponder(byte[] in, IntUnaryOperator chunk) {
    MultistreamResponder responder = new MultistreamResponder(Set.of("/a", "/b")::contains);
    Feeding result = Feeding.of(responder::consume, responder::step, in, chunk);
    // What was sent before a violation may depend on chunks; nobody will read it.
    return result.end().equals("violation") ? new Feeding(-1, "", "violation") : result;
  }

  private Feeding feedInitiator(byte[] in, IntUnaryOperator chunk) {
    MultistreamInitiator initiator = new MultistreamInitiator(List.of("/x", "/a", "/b"), false);
    initiator.start();
    return Feeding.of(initiator::consume, initiator::step, in, chunk);
  }

  /// A plausible exchange with some bytes changed, cut or repeated.
  private byte[] hostile() {
    byte[] in = tokens(HEADER);
    for (int i = random.nextInt(5); i > 0; i--) {
      String[] words = {
        "/a", "/b", "/x", "na", "ls", HEADER, "/" + "y".repeat(random.nextInt(1023))
      };
      in = concat(in, tokens(words[random.nextInt(words.length)]));
    }
    in = concat(in, random.bytes(random.nextInt(20)));
    for (int i = random.nextInt(3); i > 0; i--) {
      in[random.nextInt(in.length)] = (byte) random.nextInt(256);
    }
    return in;
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
