package io.peerup.cli;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.RelayHost;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Addresses as people type them, checked before anything is created or sent.
final class Addresses {

  /// Where a relay listens unless it is told otherwise.
  private static final int RELAY_PORT = 7777;

  private Addresses() {}

  /// What is wrong with an address to listen on, if anything.
  static Optional<String> checkListen(String text) {
    try {
      Multiaddr address = Multiaddr.parse(text);
      return address.socketAddress().isPresent()
              && (address.has("tcp") || address.isQuic())
              && !address.isCircuit()
          ? Optional.empty()
          : Optional.of(
              "write /ip4|ip6/<address>/tcp/<port> or …/udp/<port>/quic-v1, such as"
                  + " /ip4/0.0.0.0/tcp/7777");
    } catch (MalformedInput e) {
      return Optional.of(e.getMessage() + ", such as /ip4/0.0.0.0/tcp/7777");
    }
  }

  /// @throws Failure `bad-peer-id`
  static void checkPeerId(String text) {
    try {
      PeerId.parse(text);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-peer-id",
          "`" + Printable.of(text) + "` is not a peer id: " + e.getMessage(),
          "a peer id looks like 12D3KooW…; the device tells its own: peerup whoami",
          e);
    }
  }

  /// The one of these addresses that codes should name: TCP, and public before private before
  /// loopback, IPv4 first among equals, because its codes are shorter.
  static Optional<RelayHost> best(List<Multiaddr> listening) {
    return listening.stream()
        .filter(each -> each.socketAddress().isPresent() && each.has("tcp"))
        .min(Comparator.comparingInt(Addresses::distance))
        .map(RelayHost::of);
  }

  private static int distance(Multiaddr each) {
    int reach = each.isPublic() ? 0 : each.isLoopback() ? 4 : 2;
    return reach + (each.has("ip4") ? 0 : 1);
  }

  /// `HOST`, `HOST:PORT`, an IPv6 address with or without `[…]` and port, or a multiaddr. Without a
  /// port it is the one that the relay listens on.
  ///
  /// @throws MalformedInput when it is none of these, or cannot be put into a code
  static RelayHost named(String text, List<Multiaddr> listening) {
    if (text.startsWith("/")) {
      return RelayHost.of(Multiaddr.parse(text));
    }
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.lastIndexOf(':');
    boolean port = bracket > 0 ? colon == bracket + 1 : colon >= 0 && text.indexOf(':') == colon;
    String host = port ? text.substring(0, colon) : text;
    if (bracket > 0 && bracket != host.length() - 1) {
      throw new MalformedInput("there is something behind the ']' that is no port");
    }
    return RelayHost.of(
        multiaddr(
            bracket > 0 ? host.substring(1, bracket) : host,
            port ? text.substring(colon + 1) : String.valueOf(portOf(listening))));
  }

  private static int portOf(List<Multiaddr> listening) {
    return listening.stream()
        .flatMap(each -> each.value("tcp").stream())
        .map(Integer::parseInt)
        .findFirst()
        .orElse(RELAY_PORT);
  }

  private static Multiaddr multiaddr(String host, String port) {
    // A host that holds a slash would be read as more than one part.
    if (host.contains("/") || port.contains("/")) {
      throw new MalformedInput("there is a '/' in it");
    }
    String protocol = host.matches("[0-9.]+") ? "ip4" : host.contains(":") ? "ip6" : "dns";
    return Multiaddr.parse("/" + protocol + "/" + host + "/tcp/" + port);
  }
}
