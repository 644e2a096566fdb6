package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SocketAddressesTest {

  /// IPv6 and IPv4 in turns.
  private static final InetAddress[] RESOLVED =
      IntStream.range(0, 1000)
          .mapToObj(i -> i % 2 == 0 ? "2001:db8::" + (i % 1000) : "192.0.2." + i % 256)
          .map(InetAddress::ofLiteral)
          .toArray(InetAddress[]::new);

  @Test
  void ofANameWithManyAddressesTheFirstEightAreTried() {
    assertThat(SocketAddresses.chosen(RESOLVED, "dns"))
        .isEqualTo(Arrays.asList(RESOLVED).subList(0, SocketAddresses.RESOLVED_MAX));
    assertThat(SocketAddresses.chosen(Arrays.copyOf(RESOLVED, 8), "dns")).hasSize(8);
  }

  @Test
  void aNameOfOneFamilyIsTriedAtAddressesOfThatFamilyOnly() {
    assertThat(SocketAddresses.chosen(RESOLVED, "dns4"))
        .hasSize(SocketAddresses.RESOLVED_MAX)
        .allMatch(ip -> ip.getAddress().length == 4);
    assertThat(SocketAddresses.chosen(RESOLVED, "dns6"))
        .hasSize(SocketAddresses.RESOLVED_MAX)
        .allMatch(ip -> ip.getAddress().length == 16);
  }
}
