package io.peerup.node.lan;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.testkit.Decoding;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// What anybody on the local network sends.
class LanFuzzTest {

  private static final PeerId US = Ids.peer(1);
  private static final List<String> NAMES = List.of(LanName.of(Lans.CODE));

  @MethodSource("messages")
  @FuzzTest
  void message(byte[] input) {
    Decoding.of(input, MalformedInput.class, DnsMessage::decode)
        .ifPresent(message -> {
          check(
              message.questions().size() + message.texts().size() <= Limits.RECORDS_MAX,
              "few records");
          message.questions().forEach(name -> check(name.length() <= 2 * 255, "a name"));
        });
  }

  /// The same as an answer and as a question: nobody is dialled but the sender.
  @MethodSource("messages")
  @FuzzTest
  void meaning(byte[] input) {
    LanSearch search = LanSearch.forCode(Lans.CODE, US, Optional.empty(), List.of(Lans.HOME));
    List<LanAddress> found = search.consider(input, Lans.from("192.168.1.7"));
    check(found.size() <= Limits.CANDIDATES_OF_ADDRESS_MAX, "few candidates");
    found.forEach(each ->
        check(each.address().toString().startsWith("/ip4/192.168.1.7/tcp/"), "the sender's"));
    LanAnswers answers = new LanAnswers(US);
    Optional<byte[]> answer =
        answers.answer(
            input, Lans.from("192.168.1.7"), Lans.HOME, () -> NAMES, Lans.LISTENING, Instant.EPOCH);
    answer.ifPresent(bytes -> check(bytes.length < Limits.MESSAGE_BYTES_MAX, "a small answer"));
  }

  static Stream<byte[]> messages() {
    return Stream.of(
        DnsMessage.question(List.of(LanName.of(Lans.CODE))),
        Lans.answer(Lans.text("/ip4/192.168.1.7/tcp/4001", Ids.peer(2))),
        Lans.answer(Lans.text("/ip4/127.0.0.1/tcp/22", Ids.peer(2)), "x", ""));
  }
}
