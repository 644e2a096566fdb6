package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NameExpansionTest {

  private static final PeerId PEER = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
  private static final PeerId OTHER =
      PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());

  private final Map<String, List<InetAddress>> addresses = new HashMap<>();
  private final Map<String, List<String>> texts = new HashMap<>();
  private final List<NameExpansion.Question> asked = new ArrayList<>();

  private void name(String name, String... ips) {
    addresses.put(name, Arrays.stream(ips).map(InetAddress::ofLiteral).toList());
  }

  private void text(String domain, String... entries) {
    texts.put(
        "_dnsaddr." + domain, Arrays.stream(entries).map(entry -> "dnsaddr=" + entry).toList());
  }

  private NameExpansion expand(String... wanted) {
    NameExpansion expansion =
        new NameExpansion(Arrays.stream(wanted).map(Multiaddr::parse).toList());
    for (var questions = expansion.next(); !questions.isEmpty(); questions = expansion.next()) {
      for (NameExpansion.Question question : questions) {
        asked.add(question);
        if (question.text() && texts.containsKey(question.name())) {
          expansion.texts(question.name(), texts.get(question.name()));
        } else if (!question.text() && addresses.containsKey(question.name())) {
          expansion.addresses(question.name(), addresses.get(question.name()));
        } else {
          expansion.failed(question, question.name() + " does not resolve");
        }
      }
    }
    return expansion;
  }

  private static List<String> found(NameExpansion expansion) {
    return expansion.results().keySet().stream().map(Multiaddr::toString).toList();
  }

  @Test
  void aNameStandsForItsAddressesOfTheFamilyAskedForWithWhatFollowsIt() {
    name("a.example.com", "8.8.8.8", "2606:4700::1111");
    NameExpansion both = expand("/dns/a.example.com/udp/7/quic-v1");
    assertThat(found(both))
        .containsExactly("/ip6/2606:4700::1111/udp/7/quic-v1", "/ip4/8.8.8.8/udp/7/quic-v1");
    assertThat(both.results()).containsValue(Multiaddr.parse("/dns/a.example.com/udp/7/quic-v1"));
    assertThat(found(expand("/dns4/a.example.com/tcp/7"))).containsExactly("/ip4/8.8.8.8/tcp/7");
    assertThat(found(expand("/dns6/a.example.com/tcp/7/p2p/" + PEER)))
        .containsExactly("/ip6/2606:4700::1111/tcp/7/p2p/" + PEER);
    name("b.example.com", "8.8.8.8");
    NameExpansion none = expand("/dns6/b.example.com/tcp/7", "/dns/c.example.com/tcp/1");
    assertThat(found(none)).isEmpty();
    assertThat(none.failures())
        .containsExactly(
            "/dns6/b.example.com/tcp/7: no address of that family",
            "c.example.com does not resolve");
  }

  @Test
  void addressesWithoutNamesAndCircuitsAreNotAskedAbout() {
    String circuit = "/dns4/a.example.com/tcp/1/p2p/" + OTHER + "/p2p-circuit";
    assertThat(found(expand("/ip4/8.8.8.8/tcp/1", circuit)))
        .containsExactly("/ip4/8.8.8.8/tcp/1", circuit);
    assertThat(asked).isEmpty();
  }

  @Test
  void ofANameWithManyAddressesTheFirstEightOfEachFamilyAreTried() {
    String[] v4 = IntStream.range(1, 100).mapToObj(i -> "8.8.8." + i).toArray(String[]::new);
    name("four.example.com", v4);
    assertThat(found(expand("/dns/four.example.com/tcp/1")))
        .isEqualTo(
            IntStream.rangeClosed(1, 8).mapToObj(i -> "/ip4/8.8.8." + i + "/tcp/1").toList());
    addresses.put(
        "both.example.com",
        IntStream.range(0, 200)
            .mapToObj(i -> InetAddress.ofLiteral(i < 100 ? "2606::" + i : "9.9.9." + i))
            .toList());
    assertThat(found(expand("/dns/both.example.com/tcp/1")))
        .hasSize(16)
        .filteredOn(address -> address.startsWith("/ip4/"))
        .hasSize(8);
  }

  @Test
  void dnsaddrLeadsFromNameToNameFourTimesAndNotFive() {
    text("a.example.com", "/dnsaddr/b.example.com");
    text("b.example.com", "/dnsaddr/c.example.com");
    text("c.example.com", "/dns4/d.example.com/tcp/1");
    name("d.example.com", "8.8.8.8");
    assertThat(found(expand("/dnsaddr/a.example.com"))).containsExactly("/ip4/8.8.8.8/tcp/1");
    text("z.example.com", "/dnsaddr/a.example.com", "/ip4/9.9.9.9/tcp/1");
    NameExpansion tooDeep = expand("/dnsaddr/z.example.com");
    assertThat(found(tooDeep)).containsExactly("/ip4/9.9.9.9/tcp/1");
    assertThat(tooDeep.failures()).singleElement().asString().contains("1 names left out");
  }

  @Test
  void namesThatLeadInACircleEnd() {
    text("a.example.com", "/dnsaddr/a.example.com", "/dnsaddr/a.example.com");
    assertThat(found(expand("/dnsaddr/a.example.com"))).isEmpty();
    assertThat(asked).hasSizeLessThanOrEqualTo(NameExpansion.DEPTH_MAX);
  }

  @Test
  void aHundredAddressesAreTakenAndNotMore() {
    String[] entries =
        IntStream.range(0, 300).mapToObj(i -> "/ip4/8.8.8.8/tcp/" + (1 + i)).toArray(String[]::new);
    text("many.example.com", entries);
    assertThat(found(expand("/dnsaddr/many.example.com")))
        .isEqualTo(Arrays.asList(entries).subList(0, NameExpansion.RESULTS_MAX));
  }

  @Test
  void thirtyTwoNamesAreAskedAboutAndTheOthersNamedAsLeftOut() {
    String[] names =
        IntStream.rangeClosed(1, NameExpansion.NAMES_MAX + 1)
            .mapToObj(i -> "/dns4/n" + i + ".example.com/tcp/1")
            .toArray(String[]::new);
    assertThat(expand(Arrays.copyOf(names, NameExpansion.NAMES_MAX)).failures())
        .hasSize(NameExpansion.NAMES_MAX)
        .noneMatch(failure -> failure.contains("left out"));
    assertThat(asked).hasSize(NameExpansion.NAMES_MAX);
    asked.clear();
    assertThat(expand(names).failures()).anyMatch(failure -> failure.contains("1 names left out"));
    assertThat(asked).hasSize(NameExpansion.NAMES_MAX);
  }

  @Test
  void whoAsksForAPeerGetsOnlyItsAddresses() {
    text(
        "a.example.com",
        "/ip4/8.8.8.8/tcp/1/p2p/" + PEER,
        "/ip4/8.8.4.4/tcp/1/p2p/" + OTHER,
        "/ip4/9.9.9.9/tcp/1",
        "/dnsaddr/b.example.com/p2p/" + PEER,
        "/dnsaddr/c.example.com/p2p/" + OTHER);
    text("b.example.com", "/ip4/1.1.1.1/tcp/1/p2p/" + PEER, "/ip4/1.0.0.1/tcp/1/p2p/" + OTHER);
    assertThat(found(expand("/dnsaddr/a.example.com/p2p/" + PEER)))
        .containsExactly("/ip4/8.8.8.8/tcp/1/p2p/" + PEER, "/ip4/1.1.1.1/tcp/1/p2p/" + PEER);
    assertThat(asked)
        .extracting(NameExpansion.Question::name)
        .doesNotContain("_dnsaddr.c.example.com");
  }

  @Test
  void otherRecordsAndAddressesThatWeCannotReadAreLeftOut() {
    texts.put(
        "_dnsaddr.a.example.com",
        List.of(
            "v=spf1 -all", "dnsaddr=nonsense", "dnsaddr=/new/thing", "dnsaddr=/ip4/8.8.8.8/tcp/1"));
    assertThat(found(expand("/dnsaddr/a.example.com"))).containsExactly("/ip4/8.8.8.8/tcp/1");
    texts.put("_dnsaddr.b.example.com", List.of("v=spf1 -all"));
    assertThat(expand("/dnsaddr/b.example.com").failures())
        .containsExactly("/dnsaddr/b.example.com: its records have no address that fits");
  }

  @Test
  void aPublicNameNeverStandsForThisMachineAndALocalOneMay() {
    name(
        "evil.example.com",
        "127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "224.0.0.1",
        "::1",
        "192.168.1.1");
    NameExpansion evil = expand("/dns/evil.example.com/tcp/1");
    assertThat(found(evil)).containsExactly("/ip4/192.168.1.1/tcp/1");
    assertThat(evil.failures())
        .hasSize(5)
        .allMatch(each -> each.endsWith("a public name that stands for this machine"));
    text("evil.example.com", "/ip4/127.0.0.1/tcp/1", "/dns4/localhost/tcp/1");
    name("localhost", "127.0.0.1");
    assertThat(found(expand("/dnsaddr/evil.example.com"))).isEmpty();
    assertThat(found(expand("/dns4/localhost/tcp/1"))).containsExactly("/ip4/127.0.0.1/tcp/1");
  }
}
