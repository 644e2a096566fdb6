package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.testkit.SeededRandom;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanSearchTest {

  private static final PeerId SELF = Ids.peer(1);
  private static final PeerId HOME = Ids.peer(2);
  private static final String THERE = "192.168.1.7";

  private final LanSearch search = search(Optional.empty());

  private static LanSearch search(Optional<PeerId> inviter) {
    return LanSearch.forCode(Lans.CODE, SELF, inviter, List.of(Lans.HOME));
  }

  private static String there(int port, PeerId peer) {
    return Lans.text("/ip4/" + THERE + "/tcp/" + port, peer);
  }

  @Test
  void whoAnswersForTheCodeIsWorthADialOnce() {
    byte[] answer = Lans.answer(there(4001, HOME));
    assertThat(search.consider(answer, Lans.from(THERE)))
        .containsExactly(new LanAddress(HOME, Multiaddr.parse("/ip4/192.168.1.7/tcp/4001")));
    assertThat(search.consider(answer, Lans.from(THERE))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/127.0.0.1/tcp/22", // our own machine
        "/ip4/192.168.1.5/tcp/22", // our own address
        "/ip4/192.168.1.1/tcp/80", // the router next door
        "/ip4/8.8.8.8/tcp/443", // the internet
        "/ip4/169.254.169.254/tcp/80", // what a cloud tells its machines
        "/ip4/0.0.0.0/tcp/22",
        "/ip4/224.0.0.251/tcp/5353",
        "/ip6/::1/tcp/22",
        "/ip6/::ffff:192.168.1.7/tcp/22",
        "/dns4/localhost/tcp/22",
        "/dns/evil.example/tcp/80",
        "/ip4/192.168.1.7/udp/4001",
        "/ip4/192.168.1.7/tcp/0",
        "/ip4/192.168.1.7/tcp/4001/ws",
        "/ip4/192.168.1.7",
        "/ip4/192.168.1.7/tcp/4001/p2p-circuit"
      })
  void nobodySendsUsAnywhereButToItself(String address) {
    assertThat(search.consider(Lans.answer(Lans.text(address, HOME)), Lans.from(THERE))).isEmpty();
  }

  @Test
  void aRelayedAddressIsNotDialledEitherWhoeverIsNamedFirst() {
    String circuit =
        "dnsaddr=/ip4/192.168.1.7/tcp/4001/p2p/" + HOME + "/p2p-circuit/p2p/" + Ids.peer(3);
    assertThat(search.consider(Lans.answer(circuit), Lans.from(THERE))).isEmpty();
  }

  @Test
  void answersFromOutsideTheNetworkOrOfAnotherPortAreNotHeard() {
    for (String from : List.of("192.168.2.7", "8.8.8.8", "127.0.0.1", "::1", "fe80::7")) {
      InetSocketAddress sender = Lans.from(from);
      String own = Multiaddr.ofTcp(new InetSocketAddress(sender.getAddress(), 4001)).toString();
      assertThat(search.consider(Lans.answer(Lans.text(own, HOME)), sender)).as(from).isEmpty();
    }
    assertThat(
            search.consider(
                Lans.answer(there(4001, HOME)), new InetSocketAddress(Lans.ip(THERE), 40000)))
        .isEmpty();
  }

  @Test
  void weDoNotFindOurselvesNorAnybodyButWhomTheCodeNames() {
    assertThat(search.consider(Lans.answer(there(4001, SELF)), Lans.from(THERE))).isEmpty();
    LanSearch named = search(Optional.of(HOME));
    assertThat(named.consider(Lans.answer(there(4001, Ids.peer(3))), Lans.from(THERE))).isEmpty();
    assertThat(named.consider(Lans.answer(there(4001, HOME)), Lans.from(THERE))).hasSize(1);
  }

  @Test
  void answersToOtherQuestionsAreNotHeard() {
    byte[] other = DnsMessage.answer("a._peerup-pair._tcp.local", List.of(there(4001, HOME)));
    assertThat(search.consider(other, Lans.from(THERE))).isEmpty();
    assertThat(search.consider(search.question(), Lans.from(THERE))).isEmpty();
  }

  @Test
  void oneNeighbourHasTwoTriesAndAllTogetherEightHoweverManyAnswersTheySend() {
    List<LanAddress> found = new ArrayList<>();
    for (int host = 10; host < 30; host++) {
      String ip = "192.168.1." + host;
      int before = found.size();
      for (int port = 1; port < 500; port++) {
        found.addAll(
            search.consider(
                Lans.answer(Lans.text("/ip4/" + ip + "/tcp/" + port, HOME)), Lans.from(ip)));
      }
      assertThat(found.size() - before).isLessThanOrEqualTo(Limits.CANDIDATES_OF_ADDRESS_MAX);
    }
    assertThat(found).hasSize(Limits.CANDIDATES_MAX);
  }

  @Test
  void ofOneAnswerFourAddressesAreLookedAt() {
    byte[] answer =
        Lans.answer("a", "b", "c", Lans.text("/ip4/192.168.1.1/tcp/80", HOME), there(4001, HOME));
    assertThat(search.consider(answer, Lans.from(THERE))).isEmpty();
  }

  @Test
  void fiveThousandHostileMessagesLeadNowhereAndTheRightOneIsStillFound() {
    RandomGenerator random = SeededRandom.fixed(7);
    byte[] right = Lans.answer(there(4001, HOME));
    int led = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] message;
      if (i % 2 == 0) {
        message = new byte[random.nextInt(200)];
        random.nextBytes(message);
      } else {
        message = right.clone();
        message[random.nextInt(message.length)] ^= (byte) (1 + random.nextInt(255));
      }
      // From another neighbour: what it says of 192.168.1.7 is not believed.
      led += search.consider(message, Lans.from("192.168.1.66")).size();
    }
    assertThat(led).isZero();
    assertThat(search.consider(right, Lans.from(THERE))).hasSize(1);
  }

  @Test
  void aPeerIsFoundByANameForTheTwoAndTheHourAndItsAnswerNeedNotSayWhoItIs() {
    Instant now = Instant.parse("2026-11-21T12:59:59Z");
    LanSearch seek = LanSearch.forPeers(List.of(HOME), SELF, now, List.of(Lans.HOME));
    String name = LanName.of(SELF, HOME, now);
    assertThat(DnsMessage.decode(seek.question()).questions()).containsExactly(name);
    String bare = "dnsaddr=/ip4/192.168.1.7/tcp/4001";
    assertThat(seek.consider(DnsMessage.answer(name, List.of(bare)), Lans.from(THERE)))
        .containsExactly(new LanAddress(HOME, Multiaddr.parse("/ip4/192.168.1.7/tcp/4001")));
    for (String text :
        List.of(
            "dnsaddr=/ip4/192.168.1.1/tcp/80",
            "dnsaddr=/ip4/127.0.0.1/tcp/22",
            "dnsaddr=/ip4/192.168.1.7/tcp/4002/p2p/" + HOME,
            "dnsaddr=/ip4/192.168.1.7/tcp/4002/p2p/" + Ids.peer(9) + "/p2p-circuit")) {
      assertThat(seek.consider(DnsMessage.answer(name, List.of(text)), Lans.from(THERE)))
          .as(text)
          .isEmpty();
    }
  }

  @Test
  void oneQuestionNamesSixteenPeersAndFitsAMessage() {
    List<PeerId> many = IntStream.rangeClosed(10, 40).mapToObj(Ids::peer).toList();
    LanSearch seek = LanSearch.forPeers(many, SELF, Instant.EPOCH, List.of(Lans.HOME));
    assertThat(DnsMessage.decode(seek.question()).questions()).hasSize(Limits.PEERS_MAX);
  }
}
