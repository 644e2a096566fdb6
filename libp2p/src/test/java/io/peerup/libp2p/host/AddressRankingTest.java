package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressRankingTest {

  private static final PeerId RELAY =
      PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());

  @Test
  void nearComesBeforeFarDirectBeforeRelayedIpv6BeforeIpv4() {
    Multiaddr lan = Multiaddr.parse("/ip4/192.168.1.2/tcp/1");
    Multiaddr public4 = Multiaddr.parse("/ip4/8.8.8.8/tcp/1");
    Multiaddr public6 = Multiaddr.parse("/ip6/2606:4700::1111/tcp/1");
    Multiaddr relayed = public4.withPeer(RELAY).plus(Multiaddr.parse("/p2p-circuit"));
    List<AddressRanking.Attempt> ranked =
        AddressRanking.rank(List.of(relayed, public4, public6, lan, public4));
    assertThat(ranked)
        .containsExactly(
            new AddressRanking.Attempt(lan, Duration.ZERO),
            new AddressRanking.Attempt(public6, Duration.ofMillis(250)),
            new AddressRanking.Attempt(public4, Duration.ofMillis(250)),
            new AddressRanking.Attempt(relayed, Duration.ofMillis(500)));
  }

  @Test
  void quicComesBeforeTcpWhichWaitsOnePauseForIt() {
    Multiaddr tcp4 = Multiaddr.parse("/ip4/8.8.8.8/tcp/1");
    Multiaddr tcp6 = Multiaddr.parse("/ip6/2606:4700::1111/tcp/1");
    Multiaddr quic4 = Multiaddr.parse("/ip4/8.8.8.8/udp/1/quic-v1");
    Multiaddr quic6 = Multiaddr.parse("/ip6/2606:4700::1111/udp/1/quic-v1");
    Duration pause = Duration.ofMillis(250);
    assertThat(AddressRanking.rank(List.of(tcp4, quic4)))
        .containsExactly(
            new AddressRanking.Attempt(quic4, Duration.ZERO),
            new AddressRanking.Attempt(tcp4, pause));
    assertThat(AddressRanking.rank(List.of(tcp4, tcp6, quic4, quic6)))
        .containsExactly(
            new AddressRanking.Attempt(quic6, Duration.ZERO),
            new AddressRanking.Attempt(quic4, pause),
            new AddressRanking.Attempt(tcp6, Duration.ZERO),
            new AddressRanking.Attempt(tcp4, pause));
  }

  @Test
  void aRelayedAddressAloneIsTriedAtOnce() {
    Multiaddr relayed =
        Multiaddr.parse("/ip4/8.8.8.8/tcp/1").withPeer(RELAY).plus(Multiaddr.parse("/p2p-circuit"));
    assertThat(AddressRanking.rank(List.of(relayed)))
        .containsExactly(new AddressRanking.Attempt(relayed, Duration.ZERO));
  }

  @Test
  void privateAddressesFollowEachOtherQuickly() {
    assertThat(
            AddressRanking.rank(
                List.of(
                    Multiaddr.parse("/ip4/10.0.0.1/tcp/1"),
                    Multiaddr.parse("/ip4/10.0.0.2/tcp/1"))))
        .extracting(AddressRanking.Attempt::gap)
        .containsExactly(Duration.ZERO, Duration.ofMillis(30));
  }
}
