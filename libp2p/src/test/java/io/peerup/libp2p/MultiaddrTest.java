package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.peerup.libp2p.Multiaddr.Component;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MultiaddrTest {

  private static final String A = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";
  private static final String B = "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq";
  private static final PeerId PEER_A = PeerId.parse(A);
  private static final PeerId PEER_B = PeerId.parse(B);
  private static final Multiaddr TCP = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
  private static final Multiaddr CIRCUIT =
      Multiaddr.parse("/ip4/192.0.2.1/tcp/4001/p2p/" + A + "/p2p-circuit/p2p/" + B);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/0.0.0.0/tcp/0",
        "/ip4/255.255.255.255/udp/65535",
        "/ip6/::/tcp/1",
        "/ip6zone/en0/ip6/fe80::1/udp/1/quic",
        "/ip4/10.0.0.0/ipcidr/8",
        "/dns4/موقع.وزارة-الاتصالات.مصر",
        "/dns6/a_b.example.org./tcp/1",
        "/ip4/192.0.2.1/tcp/1/noise",
        "/ip4/192.0.2.1/tcp/443/https",
        "/ip4/192.0.2.1/udp/1/webrtc-direct",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234",
        "/memory/a-name",
        "/unix/var/run/socket",
        "/unix/a/",
        "/unix//a",
        "/unix/ip4/192.0.2.1",
        "/ip4/192.0.2.1/tcp/80/http-path/%FF%00/p2p-circuit",
        "/ip4/192.0.2.1/udp/9/quic-v1/webtransport/certhash/uEgA/certhash/uEgNhYmM",
        "/p2p-circuit"
      })
  void textComesBackFromItsBytes(String text) {
    Multiaddr address = Multiaddr.parse(text);
    assertThat(address).hasToString(text);
    Multiaddr again = Multiaddr.fromBytes(address.bytes());
    assertThat(again).isEqualTo(address).hasSameHashCodeAs(address).hasToString(text);
    assertThat(again.components()).isEqualTo(address.components());
  }

  @ParameterizedTest
  @CsvSource({
    "/ip6/2001:0DB8:0:0::1/tcp/1, /ip6/2001:db8::1/tcp/1",
    "/http-path/a%2fb%7E~, /http-path/a%2Fb~~",
    "/ipfs/" + A + ", /p2p/" + A,
    "/p2p/bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6, /p2p/" + A,
    "/certhash/bciaa, /certhash/uEgA"
  })
  void otherFormsBecomeTheCanonicalOne(String text, String canonical) {
    assertThat(Multiaddr.parse(text)).hasToString(canonical);
    assertThat(Multiaddr.parse(text)).isEqualTo(Multiaddr.parse(canonical));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "//",
        "ip4/192.0.2.1",
        "/ip4",
        "/ip4/",
        "/ip4/192.0.2.1/",
        "/ip4/192.0.2.1//tcp/1",
        "/ip4/192.0.2.256",
        "/ip4/localhost",
        "/ip4/192.0.2.1/tcp",
        "/ip4/192.0.2.1/tcp/",
        "/ip4/192.0.2.1/tcp/65536",
        "/ip4/192.0.2.1/tcp/-1",
        "/ip4/192.0.2.1/tcp/+1",
        "/ip4/192.0.2.1/tcp/01",
        "/ip4/192.0.2.1/tcp/1٠",
        "/ip4/192.0.2.1/tcp/99999999999",
        "/ip4/192.0.2.0/ipcidr/256",
        "/ip6/fe80::1%eth0",
        "/ip6zone//ip6/::1",
        "/IP4/192.0.2.1",
        "/tcpx/1",
        "/dns4/",
        "/dns4/a b",
        "/dns4/a\u001b[31m",
        "/dns4/a\u202eb",
        "/dns4/a%2fb",
        "/sni/a\nb",
        "/memory/",
        "/unix",
        "/unix/",
        "/unix/a\u0000b",
        "/unix/a\ud800b",
        "/http-path",
        "/http-path/",
        "/http-path/%",
        "/http-path/%2",
        "/http-path/%2/tcp/1",
        "/http-path/%zz",
        "/http-path/a b",
        "/http-path/ä",
        "/p2p",
        "/p2p/",
        "/p2p/peer",
        "/p2p-circuit/",
        "/certhash/b",
        "/certhash/uEg",
        "/certhash/uEgNhYm",
        "/certhash/uEgNhYmNk",
        "/certhash/xyz",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyy:1",
        "/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyy1:1"
      })
  void malformedTextIsRefused(String text) {
    assertThatThrownBy(() -> Multiaddr.parse(text)).isInstanceOf(MalformedInput.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "04c00002", // cut
        "0400", // cut
        "06", // no port
        "7f", // unknown code
        "ffffffffffffffff7f", // unknown code of 63 bits
        "8400c0000201", // code not minimal
        "3500", // empty name
        "350561", // longer than the address
        "3501ff", // not UTF-8
        "35012f", // a slash in a name
        "350120", // a space in a name
        "3580808080808080808001", // length of 64 bits
        "35ffffffff07", // length of 2^31-1
        "a50300", // empty peer id
        "a5030100", // no peer id
        "9003022f6104c0000201", // behind a path
        "900300", // empty path
        "9003012f", // path of a slash only
        "d20300", // empty certificate hash
        "e10300" // empty HTTP path
      })
  void malformedBytesAreRefused(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    assertThatThrownBy(() -> Multiaddr.fromBytes(bytes)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void refusalSaysWhichPartIsWrong() {
    assertRefused(() -> Multiaddr.parse("/ip4/192.0.2.1/tcp/x"), "tcp in an address: not a number");
    assertRefused(() -> Multiaddr.parse("/ip4/192.0.2.1/tpc/1"), "unknown protocol: tpc");
    assertRefused(() -> Multiaddr.parse("/ip4/192.0.2.1/tcp"), "before the value of tcp");
    // What a stranger wrote is shown only if it cannot play tricks with the terminal.
    assertThatThrownBy(() -> Multiaddr.parse("/\u001b[31m/1"))
        .hasMessage("address names an unknown protocol");
  }

  @Test
  void sixteenComponentsAreTakenAndSeventeenAreRefused() {
    Multiaddr most = Multiaddr.parse("/ws".repeat(16));
    assertThat(Multiaddr.fromBytes(most.bytes()).components()).hasSize(16);
    assertRefused(() -> Multiaddr.parse("/ws".repeat(17)), "16 components");
    byte[] seventeen = HexFormat.of().parseHex("dd03".repeat(17));
    assertRefused(() -> Multiaddr.fromBytes(seventeen), "16 components");
    assertRefused(() -> most.plus(TCP), "18 components");
  }

  @Test
  void addressOf1024BytesIsTakenAndOf1025IsRefused() {
    // Code of two bytes, length of two bytes, path of 1020.
    String most = "/unix/" + "a".repeat(1019);
    assertThat(Multiaddr.parse(most).bytes()).hasSize(1024);
    assertThat(Multiaddr.fromBytes(Multiaddr.parse(most).bytes())).hasToString(most);
    assertRefused(() -> Multiaddr.parse(most + "a"), "1025 bytes");
    assertRefused(() -> Multiaddr.fromBytes(new byte[1025]), "1025 bytes");
    String encoded = "/http-path/" + "%00".repeat(1020);
    assertThat(Multiaddr.fromBytes(Multiaddr.parse(encoded).bytes())).hasToString(encoded);
    assertRefused(() -> Multiaddr.parse("/dns/" + "a".repeat(254)), "254 characters");
    Multiaddr.parse("/dns/" + "a".repeat(253));
  }

  @Test
  void aMebibyteOfTextIsRefusedBeforeAnyWork() {
    String huge = "/p2p/" + "1".repeat(1 << 20);
    assertTimeout(
        Duration.ofMillis(500), () -> assertRefused(() -> Multiaddr.parse(huge), "too long"));
  }

  @Test
  void componentsAndValuesAreFound() {
    assertThat(CIRCUIT.components())
        .containsExactly(
            new Component("ip4", "192.0.2.1"),
            new Component("tcp", "4001"),
            new Component("p2p", A),
            new Component("p2p-circuit", ""),
            new Component("p2p", B));
    assertThat(CIRCUIT.value("p2p")).contains(A);
    assertThat(CIRCUIT.value("udp")).isEmpty();
    assertThat(CIRCUIT.has("p2p-circuit")).isTrue();
    assertThat(CIRCUIT.has("quic")).isFalse();
  }

  @Test
  void trailingPeerIsAddedReadAndTakenAway() {
    assertThat(TCP.withPeer(PEER_A)).hasToString("/ip4/192.0.2.1/tcp/4001/p2p/" + A);
    assertThat(TCP.withPeer(PEER_A).peer()).contains(PEER_A);
    assertThat(TCP.withPeer(PEER_A).withoutPeer()).isEqualTo(TCP);
    assertThat(TCP.peer()).isEmpty();
    assertThat(TCP.withoutPeer()).isEqualTo(TCP);
    assertThat(CIRCUIT.peer()).contains(PEER_B);
    Multiaddr nothing = Multiaddr.parse("/p2p/" + A).withoutPeer();
    assertThat(nothing.components()).isEmpty();
    assertThat(nothing).hasToString("/");
    assertThat(nothing.plus(TCP)).isEqualTo(TCP);
    assertThat(nothing.isPublic()).isFalse();
    assertThat(nothing.isLoopback()).isFalse();
    assertThat(nothing.socketAddress()).isEmpty();
  }

  @Test
  void circuitIsTakenApart() {
    assertThat(CIRCUIT.isCircuit()).isTrue();
    assertThat(CIRCUIT.relayPart()).contains(TCP.withPeer(PEER_A));
    assertThat(CIRCUIT.circuitTarget()).contains(Multiaddr.parse("/p2p/" + B));
    assertThat(TCP.isCircuit()).isFalse();
    assertThat(TCP.relayPart()).isEmpty();
    assertThat(TCP.circuitTarget()).isEmpty();
    Multiaddr bare = Multiaddr.parse("/p2p-circuit");
    assertThat(bare.relayPart()).isEmpty();
    assertThat(bare.circuitTarget()).isEmpty();
    assertThat(TCP.withPeer(PEER_A).plus(bare).circuitTarget()).isEmpty();
  }

  @Test
  void nothingFollowsAPath() {
    assertRefused(() -> Multiaddr.parse("/unix/a").plus(TCP), "follow a path");
  }

  @Test
  void socketAddressesGoBothWays() throws UnknownHostException {
    InetSocketAddress v4 = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 4001);
    assertThat(Multiaddr.ofTcp(v4)).isEqualTo(TCP);
    assertThat(TCP.socketAddress()).contains(v4);
    InetSocketAddress v6 = new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 65535);
    assertThat(Multiaddr.ofTcp(v6)).hasToString("/ip6/2001:db8::1/tcp/65535");
    assertThat(Multiaddr.ofTcp(v6).socketAddress()).contains(v6);
    assertThat(Multiaddr.parse("/ip4/192.0.2.1/udp/4001/quic-v1").socketAddress()).contains(v4);
    assertThat(Multiaddr.parse("/ip4/192.0.2.1").socketAddress()).isEmpty();
    assertThat(Multiaddr.parse("/ip4/192.0.2.1/ws").socketAddress()).isEmpty();
    assertThat(Multiaddr.parse("/dns4/localhost/tcp/1").socketAddress()).isEmpty();
    assertThatThrownBy(() -> Multiaddr.ofTcp(InetSocketAddress.createUnresolved("example.com", 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bytesAreCopied() {
    byte[] bytes = TCP.bytes();
    bytes[1] = 0;
    assertThat(TCP).hasToString("/ip4/192.0.2.1/tcp/4001");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/1.1.1.1/tcp/1",
        "/ip4/9.255.255.255",
        "/ip4/11.0.0.0",
        "/ip4/100.63.255.255",
        "/ip4/100.128.0.0",
        "/ip4/126.255.255.255",
        "/ip4/128.0.0.0",
        "/ip4/172.15.255.255",
        "/ip4/172.32.0.0",
        "/ip4/169.253.255.255",
        "/ip4/192.167.255.255",
        "/ip4/192.169.0.0",
        "/ip4/198.17.255.255",
        "/ip4/198.20.0.0",
        "/ip4/223.255.255.255",
        "/ip6/2000::",
        "/ip6/2001:200::1",
        "/ip6/2606:4700::1111",
        "/ip6/3ffe:ffff::1",
        "/ip6/64:ff9b::1.1.1.1",
        "/ip6/2002:101:101::1",
        "/dns4/relay.example.org/tcp/1",
        "/dnsaddr/bootstrap.libp2p.io",
        "/ip4/1.1.1.1/tcp/1/p2p/" + A + "/p2p-circuit"
      })
  void reachableAddressIsPublic(String text) {
    assertThat(Multiaddr.parse(text).isPublic()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/ip4/0.0.0.0",
        "/ip4/10.0.0.0",
        "/ip4/10.255.255.255",
        "/ip4/100.64.0.0",
        "/ip4/100.127.255.255",
        "/ip4/127.0.0.1",
        "/ip4/169.254.0.1",
        "/ip4/172.16.0.0",
        "/ip4/172.31.255.255",
        "/ip4/192.0.0.1",
        "/ip4/192.0.2.1",
        "/ip4/192.168.255.255",
        "/ip4/198.18.0.1",
        "/ip4/198.19.255.255",
        "/ip4/198.51.100.1",
        "/ip4/203.0.113.1",
        "/ip4/224.0.0.1",
        "/ip4/239.255.255.255",
        "/ip4/240.0.0.1",
        "/ip4/255.255.255.255",
        "/ip6/::",
        "/ip6/::1",
        "/ip6/::ffff:1.1.1.1",
        "/ip6/::ffff:10.0.0.1",
        "/ip6/::ffff:127.0.0.1",
        "/ip6/::1.1.1.1",
        "/ip6/64:ff9b::10.0.0.1",
        "/ip6/64:ff9b::127.0.0.1",
        "/ip6/64:ff9b:1::1.1.1.1",
        "/ip6/2002:a00:1::1",
        "/ip6/2002:7f00:1::1",
        "/ip6/2001::1",
        "/ip6/2001:1ff::1",
        "/ip6/2001:db8::1",
        "/ip6/3fff::1",
        "/ip6/4000::1",
        "/ip6/1fff:ffff::1",
        "/ip6/fc00::1",
        "/ip6/fdff::1",
        "/ip6/fe80::1",
        "/ip6/ff02::1",
        "/ip6zone/eth0/ip6/2606:4700::1111",
        "/dns4/localhost",
        "/dns/LOCALHOST",
        "/dns4/a.localhost",
        "/dns4/printer.local",
        "/dns4/printer.local.",
        "/dns4/router.home.arpa",
        "/dns4/box.internal",
        "/dns4/single",
        "/dns4/127.0.0.1",
        "/dns4/127.1",
        "/dns4/1.0x7f",
        "/dns4/a..",
        "/p2p/" + A,
        "/p2p-circuit",
        "/memory/1",
        "/unix/a"
      })
  void otherAddressIsNotPublic(String text) {
    assertThat(Multiaddr.parse(text).isPublic()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/1, true",
    "/ip4/127.255.255.255/tcp/1, true",
    "/ip6/::1/tcp/1, true",
    "/ip6/::ffff:127.0.0.1/tcp/1, true",
    "/ip4/128.0.0.1/tcp/1, false",
    "/ip6/::2/tcp/1, false",
    "/ip6/::ffff:10.0.0.1/tcp/1, false",
    "/dns4/localhost/tcp/1, false",
    "/p2p-circuit, false"
  })
  void onlyLoopbackAddressesAreLoopback(String text, boolean loopback) {
    assertThat(Multiaddr.parse(text).isLoopback()).isEqualTo(loopback);
  }

  private static void assertRefused(ThrowingCallable call, String why) {
    assertThatThrownBy(call).isInstanceOf(MalformedInput.class).hasMessageContaining(why);
  }
}
