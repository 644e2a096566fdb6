package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.rendezvous.Selector;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class LanAnswersTest {

  private static final PeerId SELF = Ids.peer(1);
  private static final byte[] QUESTION = question(LanName.of(Lans.CODE));

  private final LanAnswers answers = new LanAnswers(SELF);
  private Instant now = Instant.EPOCH;
  private Supplier<Collection<String>> open = () -> List.of(LanName.of(Lans.CODE));

  private static byte[] question(String name) {
    return DnsMessage.question(List.of(name));
  }

  private Optional<byte[]> ask(byte[] message, InetSocketAddress from) {
    return answers.answer(message, from, Lans.HOME, open, Lans.LISTENING, now);
  }

  private Optional<byte[]> ask(byte[] message) {
    return ask(message, Lans.from("192.168.1.9"));
  }

  @Test
  void whoAsksForAnOpenInviteLearnsWhoWaitsAndWhereOnThisNetworkAndNothingElse() {
    DnsMessage answer = DnsMessage.decode(ask(QUESTION).orElseThrow());
    assertThat(answer)
        .isEqualTo(
            new DnsMessage(
                true,
                List.of(),
                List.of(
                    new DnsMessage.Text(
                        LanName.of(Lans.CODE),
                        List.of("dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/" + SELF)))));
  }

  @Test
  void theNameIsAHashThatShowsNoSymbolOfTheCode() {
    String name = LanName.of(Lans.CODE);
    assertThat(name).matches("[0-9a-f]{32}\\._peerup-pair\\._tcp\\.local");
    assertThat(new String(QUESTION, StandardCharsets.ISO_8859_1)).doesNotContain("EJWJ");
    assertThat(LanName.of(Selector.ofText(Selector.TYPED, "EJWJ7KR"))).isNotEqualTo(name);
    assertThat(LanName.of(Selector.ofText(Selector.SPOKEN, "4711")))
        .isEqualTo("71c9dc3c12697d1ff2b5d3a28c042500._peerup-pair._tcp.local");
  }

  @Test
  void nobodyCanListWhatThereIs() {
    for (String name :
        List.of(
            "_peerup-pair._tcp.local",
            "_services._dns-sd._udp.local",
            "_p2p._udp.local",
            "0".repeat(32) + "._peerup-pair._tcp.local")) {
      assertThat(ask(question(name))).as(name).isEmpty();
    }
  }

  @Test
  void anInviteThatIsNotOpenIsNotAnsweredFor() {
    open = List::of;
    assertThat(ask(QUESTION)).isEmpty();
  }

  @Test
  void nobodyOutsideTheNetworkIsAnswered() {
    for (String from :
        List.of("192.168.2.9", "8.8.8.8", "127.0.0.1", "10.8.0.3", "fd00::9", "::1")) {
      assertThat(ask(QUESTION, Lans.from(from))).as(from).isEmpty();
    }
    assertThat(ask(QUESTION, new InetSocketAddress(Lans.ip("192.168.1.9"), 5354)))
        .as("a question that is none of multicast DNS")
        .isEmpty();
  }

  @Test
  void anAnswerIsNotAQuestion() {
    assertThat(ask(Lans.answer("dnsaddr=/ip4/192.168.1.9/tcp/1"))).isEmpty();
  }

  @Test
  void tenThousandQuestionsInASecondHaveOneAnswer() {
    int sent = 0;
    for (int i = 0; i < 10_000; i++) {
      sent += ask(QUESTION).isPresent() ? 1 : 0;
    }
    assertThat(sent).isEqualTo(1);
    now = now.plus(Limits.REPEAT).minusMillis(1);
    assertThat(ask(QUESTION)).isEmpty();
    now = now.plusMillis(1);
    assertThat(ask(QUESTION)).isPresent();
  }

  @Test
  void theInvitesAreLookedUpForQuestionsThatMeanUsOnly() {
    AtomicInteger lookups = new AtomicInteger();
    open =
        () -> {
          lookups.incrementAndGet();
          return List.of(LanName.of(Lans.CODE));
        };
    for (int i = 0; i < 1000; i++) {
      ask(question("printer" + i + "._ipp._tcp.local"));
      ask(new byte[i]);
    }
    assertThat(lookups).hasValue(0);
    assertThat(ask(QUESTION)).isPresent();
    assertThat(lookups).hasValue(1);
  }

  @Test
  void moreAddressesThanTheLimitAreNotTold() {
    List<Multiaddr> many =
        java.util.stream.IntStream.rangeClosed(1, Limits.ADDRESSES_MAX + 1)
            .mapToObj(port -> Multiaddr.parse("/ip4/192.168.1.5/tcp/" + port))
            .toList();
    byte[] answer =
        answers
            .answer(QUESTION, Lans.from("192.168.1.9"), Lans.HOME, open, many, now)
            .orElseThrow();
    assertThat(DnsMessage.decode(answer).texts().getFirst().strings())
        .hasSize(Limits.ADDRESSES_MAX);
  }

  @Test
  void whoAsksForAPeerLearnsWhereItIsAndNotWhoItIs() {
    PeerId asker = Ids.peer(2);
    now = Instant.parse("2026-11-21T12:30:00Z");
    open = () -> LanName.around(asker, SELF, LanName.hour(now));
    String name = LanName.of(asker, SELF, now);
    assertThat(DnsMessage.decode(ask(question(name)).orElseThrow()).texts())
        .containsExactly(new DnsMessage.Text(name, List.of("dnsaddr=/ip4/192.168.1.5/tcp/4001")));
  }

  @Test
  void aPeersNameIsOfTheTwoAndTheHourAndAClockMayBeAnHourOff() {
    PeerId asker = Ids.peer(2);
    now = Instant.parse("2026-11-21T12:30:00Z");
    open = () -> LanName.around(asker, SELF, LanName.hour(now));
    for (int hours = -1; hours <= 1; hours++) {
      String name = LanName.of(asker, SELF, now.plus(Duration.ofHours(hours)));
      assertThat(ask(question(name))).as("%d hours", hours).isPresent();
    }
    for (String name :
        List.of(
            LanName.of(asker, SELF, now.plus(Duration.ofHours(2))),
            LanName.of(asker, SELF, now.minus(Duration.ofHours(2))),
            LanName.of(SELF, asker, now),
            LanName.of(Ids.peer(3), SELF, now),
            LanName.of(asker, Ids.peer(3), now))) {
      assertThat(ask(question(name))).isEmpty();
    }
  }
}
