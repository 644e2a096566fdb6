package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

  private static List<Multiaddr> addresses(String... texts) {
    return Stream.of(texts).map(Multiaddr::parse).toList();
  }

  private static String best(String... listening) {
    return Addresses.best(addresses(listening)).orElseThrow().multiaddr().toString();
  }

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7,                      /ip4/192.0.2.7/tcp/7790",
    "192.0.2.7:80,                   /ip4/192.0.2.7/tcp/80",
    "2001:db8::7,                    /ip6/2001:db8::7/tcp/7790",
    "[2001:db8::7],                  /ip6/2001:db8::7/tcp/7790",
    "[2001:db8::7]:80,               /ip6/2001:db8::7/tcp/80",
    "relay.example.net,              /dns/relay.example.net/tcp/7790",
    "relay.example.net:80,           /dns/relay.example.net/tcp/80",
    "Relay.Example.NET,              /dns/relay.example.net/tcp/7790",
    "/ip4/192.0.2.7/tcp/80,          /ip4/192.0.2.7/tcp/80",
    "/dns4/relay.example.net/tcp/80, /dns/relay.example.net/tcp/80"
  })
  void everyFormOfAnAddressIsUnderstood(String typed, String code) {
    List<Multiaddr> listening = addresses("/ip4/127.0.0.1/tcp/7790");
    assertThat(Addresses.named(typed, listening).multiaddr().toString()).isEqualTo(code);
  }

  @Test
  void withoutAnyListeningAddressThePortIsTheDefaultOne() {
    assertThat(Addresses.named("192.0.2.7", List.of()).port()).isEqualTo(7777);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "foo bar",
        "host:",
        "host:x",
        "host:0",
        "host:65536",
        "host:99999",
        "192.0.2.300",
        "0.0.0.0",
        "[::]:80",
        "[2001:db8::7",
        "[2001:db8::7]x",
        "a/tcp/1/b",
        "/ip4/192.0.2.7",
        "/ip4/192.0.2.7/udp/1"
      })
  void whatNoDeviceCouldDialIsRefused(String typed) {
    assertThatThrownBy(() -> Addresses.named(typed, List.of())).isInstanceOf(MalformedInput.class);
  }

  @Test
  void codesNameTheMostPublicAddressAndAmongEqualsTheShorterOne() {
    String loopback4 = "/ip4/127.0.0.1/tcp/1";
    String loopback6 = "/ip6/::1/tcp/1";
    String private4 = "/ip4/192.168.1.2/tcp/1";
    String private6 = "/ip6/fd00::2/tcp/1";
    String public4 = "/ip4/8.8.8.8/tcp/1";
    String public6 = "/ip6/2001:4860::1/tcp/1";
    assertThat(best(loopback6, loopback4)).isEqualTo(loopback4);
    assertThat(best(loopback4, private6)).isEqualTo(private6);
    assertThat(best(loopback4, private6, private4)).isEqualTo(private4);
    assertThat(best(private4, public6)).isEqualTo(public6);
    assertThat(best(private4, public6, public4)).isEqualTo(public4);
    assertThat(Addresses.best(List.of())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ip4/0.0.0.0/tcp/7777", "/ip6/::/tcp/0", "/ip4/127.0.0.1/tcp/1"})
  void aRelayCanListenOnIpAndTcp(String typed) {
    assertThat(Addresses.checkListen(typed)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "foo",
        "127.0.0.1:7777",
        "/ip4/127.0.0.1",
        "/dns/a.example/tcp/1",
        "/ip4/1.2.3.4/udp/1"
      })
  void elsewhereARelayCannotListen(String typed) {
    assertThat(Addresses.checkListen(typed))
        .hasValueSatisfying(problem -> assertThat(problem).contains("/tcp/"));
  }

  @Test
  void whatIsNoPeerIdIsNamedBeforeAnyoneIsAsked() {
    Addresses.checkPeerId("12D3KooWB6oNa53zht4qBYfRW49APLUfoRJArNFrgdCY8EV8soYD");
    assertThatThrownBy(() -> Addresses.checkPeerId("lap\u001btop"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo("bad-peer-id");
              assertThat(failure.message()).contains("`lap<U+001B>top`");
              assertThat(failure.hint()).contains("peerup whoami");
            });
  }

  @Test
  void aCodeNamesAnAddressOfTcpEvenIfOneOfQuicIsNearer() {
    assertThat(
            best(
                "/ip4/45.33.1.1/udp/7777/quic-v1",
                "/ip4/127.0.0.1/tcp/7777",
                "/ip4/10.0.0.1/tcp/7777"))
        .isEqualTo("/ip4/10.0.0.1/tcp/7777");
    assertThat(Addresses.best(addresses("/ip4/45.33.1.1/udp/7777/quic-v1"))).isEmpty();
  }
}
