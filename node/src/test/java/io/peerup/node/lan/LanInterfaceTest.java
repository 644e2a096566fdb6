package io.peerup.node.lan;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.util.List;
import org.junit.jupiter.api.Test;

class LanInterfaceTest {

  private static LanInterface at(String ip, int bits) {
    return new LanInterface("eth0", (Inet4Address) Lans.ip(ip), bits);
  }

  @Test
  void neighboursAreThePrivateAddressesOfThePrefixAndNobodyElse() {
    LanInterface small = at("10.1.2.130", 25);
    assertThat(small.contains(Lans.ip("10.1.2.128"))).isTrue();
    assertThat(small.contains(Lans.ip("10.1.2.255"))).isTrue();
    assertThat(small.contains(Lans.ip("10.1.2.127"))).isFalse();
    assertThat(small.contains(Lans.ip("11.1.2.130"))).isFalse();
    assertThat(at("169.254.9.9", 16).contains(Lans.ip("169.254.1.1"))).isTrue();
    LanInterface large = at("172.31.255.1", 8);
    assertThat(large.contains(Lans.ip("172.16.0.1"))).isTrue();
    assertThat(large.contains(Lans.ip("172.32.0.1"))).as("public, though in the prefix").isFalse();
  }

  @Test
  void noIpv6AddressIsANeighbour() {
    for (String ip : List.of("fd00::1", "fe80::1", "::1", "2001:db8::1")) {
      assertThat(at("192.168.1.5", 24).contains(Lans.ip(ip))).isFalse();
    }
  }

  @Test
  void ofThisMachineOnlyPrivateNetworksAreUsedAndFewOfThem() {
    assertThat(LanInterface.all())
        .hasSizeLessThanOrEqualTo(Limits.NETWORKS_MAX)
        .allSatisfy(each -> {
          assertThat(each.contains(each.address())).isTrue();
          assertThat(each.address().isLoopbackAddress()).isFalse();
        });
  }
}
