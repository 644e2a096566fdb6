package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DialingTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final PeerId PEER = somebody();
  private static final Multiaddr V4 = Multiaddr.parse("/ip4/8.8.8.8/tcp/1");
  private static final Multiaddr V6 = Multiaddr.parse("/ip6/2606:4700::1111/tcp/1");

  private final Set<Multiaddr> tried = ConcurrentHashMap.newKeySet();
  private final AtomicLong minutes = new AtomicLong();
  private final Dialing dialing =
      new Dialing(
          somebody(),
          ConnectionGater.open(),
          HostLimits.DEFAULTS,
          new Connections(),
          new PeerBook(),
          (address, expectation, timeout) -> {
            tried.add(address);
            throw new PeerUnreachable("nobody there");
          },
          new Names(dns(), System::nanoTime),
          () -> Duration.ofMinutes(minutes.get()).toNanos());

  private static PeerId somebody() {
    return PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
  }

  private static NameService dns() {
    return new NameService() {
      @Override
      public List<InetAddress> addresses(String name) {
        if (!name.equals("known.example.com")) {
          throw new PeerUnreachable("the name " + name + " does not resolve");
        }
        return List.of(InetAddress.ofLiteral("8.8.8.8"), InetAddress.ofLiteral("2606:4700::1111"));
      }

      @Override
      public List<String> texts(String name) {
        return List.of(
            "dnsaddr=/dns/known.example.com/tcp/1/p2p/" + PEER,
            "dnsaddr=/ip4/9.9.9.9/tcp/1/p2p/" + somebody());
      }
    };
  }

  private void dial(Multiaddr... addresses) {
    minutes.incrementAndGet(); // past the back-off
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(somebody(), List.of(addresses), SOON))
        .isInstanceOf(OverlayException.class);
  }

  @Test
  void namesAreDialledAtTheirAddressesOfBothFamiliesAndThoseThatFailAreNamed() {
    List<Multiaddr> addresses =
        List.of(
            Multiaddr.parse("/dns/known.example.com/tcp/1"),
            Multiaddr.parse("/dns/unknown.example.com/tcp/1"));
    assertThatThrownBy(() -> dialing.connect(PEER, addresses, SOON))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining("the name unknown.example.com does not resolve; cannot reach");
    assertThat(tried).containsExactlyInAnyOrder(V4, V6);
    assertThatThrownBy(() -> dialing.connect(PEER, addresses.subList(1, 2), SOON))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining("the name unknown.example.com does not resolve");
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(addresses.getFirst(), PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactlyInAnyOrder(V4, V6);
  }

  @Test
  void aDnsaddrIsDialledAtThePeersOwnAddresses() {
    Multiaddr dnsaddr = Multiaddr.parse("/dnsaddr/example.com");
    assertThatThrownBy(() -> dialing.connect(PEER, List.of(dnsaddr), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactlyInAnyOrder(V4, V6);
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(dnsaddr.withPeer(PEER), PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactlyInAnyOrder(V4, V6);
  }

  @Test
  void anotherNetworkForgetsTheFailuresOfAnAddress() {
    PeerId peer = somebody();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i <= DialBackoff.BURST; i++) {
        tried.clear();
        assertThatThrownBy(() -> dialing.connect(peer, List.of(V4), SOON))
            .isInstanceOf(PeerUnreachable.class);
        assertThat(tried.contains(V4)).as("dial %d", i).isEqualTo(i < DialBackoff.BURST);
      }
      dialing.forgetFailures();
    }
  }

  @Test
  void dialsThatLeadNowhereEndThoseOfTheirKindButNotOnesThatSomebodyNames() {
    for (int i = 0; i < BlackHole.WINDOW; i++) {
      dial(V6, V4);
      assertThat(tried).containsExactlyInAnyOrder(V6, V4);
    }
    dial(V6, V4);
    assertThat(tried).containsExactly(V4);
    dialing.forgetFailures();
    dial(V6, V4);
    assertThat(tried).containsExactlyInAnyOrder(V6, V4);
    for (int i = 1; i < BlackHole.WINDOW; i++) {
      dial(V6, V4);
    }
    dial(V6, V4);
    assertThat(tried).containsExactly(V4);
    dial(V6);
    assertThat(tried).containsExactly(V6);
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(V6, PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactly(V6);
  }
}
