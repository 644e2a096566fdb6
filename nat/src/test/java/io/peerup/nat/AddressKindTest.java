package io.peerup.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressKindTest {

  @ParameterizedTest
  @CsvSource({
    "45.33.1.1, PUBLIC4",
    "8.8.8.8, PUBLIC4",
    "9.255.255.255, PUBLIC4",
    "10.0.0.0, PRIVATE4",
    "10.255.255.255, PRIVATE4",
    "11.0.0.0, PUBLIC4",
    "172.15.255.255, PUBLIC4",
    "172.16.0.0, PRIVATE4",
    "172.31.255.255, PRIVATE4",
    "172.32.0.0, PUBLIC4",
    "192.168.0.1, PRIVATE4",
    "192.169.0.1, PUBLIC4",
    "100.63.255.255, PUBLIC4",
    "100.64.0.0, CARRIER_NAT",
    "100.127.255.255, CARRIER_NAT",
    "100.128.0.0, PUBLIC4",
    "192.0.0.7, DS_LITE",
    "192.0.0.8, OTHER",
    "169.254.1.1, LINK_LOCAL",
    "127.0.0.1, LOOPBACK",
    "192.0.2.1, OTHER",
    "198.51.100.1, OTHER",
    "203.0.113.1, OTHER",
    "198.18.0.1, OTHER",
    "0.0.0.0, OTHER",
    "224.0.0.1, OTHER",
    "255.255.255.255, OTHER",
    "2a01:4f8::1, PUBLIC6",
    "2001:db8::1, OTHER",
    "2001:0::1, OTHER",
    "2001:200::1, PUBLIC6",
    "2002::1, OTHER",
    "3fff:fff::1, OTHER",
    "3fff:1000::1, PUBLIC6",
    "fc00::1, UNIQUE_LOCAL6",
    "fdff::1, UNIQUE_LOCAL6",
    "fe80::1, LINK_LOCAL",
    "febf::1, LINK_LOCAL",
    "fec0::1, OTHER",
    "::1, LOOPBACK",
    "::, OTHER",
    "ff02::fb, OTHER",
  })
  void eachRangeIsKnownAtItsEdges(String address, AddressKind expected)
      throws UnknownHostException {
    assertThat(AddressKind.of(InetAddress.getByName(address))).isEqualTo(expected);
  }
}
