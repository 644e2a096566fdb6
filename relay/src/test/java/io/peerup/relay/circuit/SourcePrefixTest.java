package io.peerup.relay.circuit;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import org.junit.jupiter.api.Test;

class SourcePrefixTest {

  private static SourcePrefix of(String address) {
    return SourcePrefix.of(Multiaddr.parse(address));
  }

  @Test
  void portsDoNotMatter() {
    assertThat(of("/ip4/192.0.2.1/tcp/1")).isEqualTo(of("/ip4/192.0.2.1/tcp/2"));
  }

  @Test
  void anIpv4OwnerHasOneAddressAndANetworkOf256() {
    assertThat(of("/ip4/192.0.2.1/tcp/1").address())
        .isNotEqualTo(of("/ip4/192.0.2.2/tcp/1").address());
    assertThat(of("/ip4/192.0.2.1/tcp/1").network())
        .isEqualTo(of("/ip4/192.0.2.2/tcp/1").network());
    assertThat(of("/ip4/192.0.2.1/tcp/1").network())
        .isNotEqualTo(of("/ip4/192.0.3.1/tcp/1").network());
  }

  @Test
  void anIpv6OwnerHasA56AndANetworkA48() {
    assertThat(of("/ip6/2001:db8:1:ff00::1/tcp/1").address())
        .isEqualTo(of("/ip6/2001:db8:1:ff01:2::1/tcp/1").address());
    assertThat(of("/ip6/2001:db8:1:fe00::1/tcp/1").address())
        .isNotEqualTo(of("/ip6/2001:db8:1:ff00::1/tcp/1").address());
    assertThat(of("/ip6/2001:db8:1:fe00::1/tcp/1").network())
        .isEqualTo(of("/ip6/2001:db8:1:ff00::1/tcp/1").network());
  }

  @Test
  void addressesWithoutIpShareOneLimit() {
    assertThat(of("/dns4/relay.example.org/tcp/1")).isEqualTo(of("/dns4/other.example.org/tcp/1"));
  }
}
