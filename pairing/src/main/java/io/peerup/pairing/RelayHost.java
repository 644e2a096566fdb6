package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.IpLiteral;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where a code says the relay listens: an IP address or a DNS name, and a TCP port (1…65535).
public sealed interface RelayHost {

  /// TCP port.
  int port();

  /// `/ip4|ip6|dns/<host>/tcp/<port>`.
  Multiaddr multiaddr();

  /// An IPv4 or IPv6 address.
  ///
  /// @param address not the unspecified one
  /// @param port TCP port
  record Ip(InetAddress address, int port) implements RelayHost {
    public Ip {
      checkPort(port);
      if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
        throw new MalformedInput(
            address.getHostAddress() + " is not an address that a device can dial",
            "give the address at which devices reach the relay");
      }
    }

    @Override
    public Multiaddr multiaddr() {
      return Multiaddr.ofTcp(new InetSocketAddress(address, port));
    }
  }

  /// A DNS name, resolved by the joiner.
  ///
  /// @param name lower case, letters, digits and hyphens, at most 253 characters
  /// @param port TCP port
  record Dns(String name, int port) implements RelayHost {
    private static final Pattern NAME =
        Pattern.compile(
            "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

    public Dns {
      checkPort(port);
      if (name.length() > Limits.HOST_CHARS_MAX || !NAME.matcher(name).matches()) {
        throw new MalformedInput("not a DNS name of lower-case letters, digits and hyphens");
      }
    }

    @Override
    public Multiaddr multiaddr() {
      return Multiaddr.parse("/dns/" + name + "/tcp/" + port);
    }
  }

  /// The relay's host in an address such as `/ip4/192.0.2.1/tcp/7777`; what comes behind (`/p2p/…`)
  /// is not looked at. Throws [MalformedInput] if it is not an IP address or DNS name with a TCP
  /// port.
  static RelayHost of(Multiaddr address) {
    var parts = address.components();
    if (parts.size() < 2 || !parts.get(1).protocol().equals("tcp")) {
      throw unusable(address);
    }
    int port = Integer.parseInt(parts.get(1).value());
    String host = parts.get(0).value();
    return switch (parts.get(0).protocol()) {
      case "ip4", "ip6" ->
          new Ip(address.socketAddress().orElseThrow(() -> unusable(address)).getAddress(), port);
      case "dns", "dns4", "dns6" -> new Dns(host.toLowerCase(Locale.ROOT), port);
      default -> throw unusable(address);
    };
  }

  /// A host as people write it behind a code: `192.0.2.1`, `relay.example.net:7777`,
  /// `[2001:db8::1]:7777`. Throws [MalformedInput].
  static RelayHost parse(String text, int defaultPort) {
    int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
    int colon = text.indexOf(':', Math.max(0, bracket));
    String host = colon < 0 ? text : text.substring(0, colon);
    String port = colon < 0 ? String.valueOf(defaultPort) : text.substring(colon + 1);
    if (!port.matches("[0-9]{1,5}") || host.isEmpty()) {
      throw new MalformedInput(
          "behind the @ stands no relay that can be dialled",
          "write it like 192.0.2.1, relay.example.net:7777 or [2001:db8::1]:7777");
    }
    int number = Integer.parseInt(port);
    if (bracket > 0) {
      if (bracket != host.length() - 1) {
        throw new MalformedInput("there is something behind the ']' that is no port");
      }
      return new Ip(address(IpLiteral.parse6(host.substring(1, bracket))), number);
    }
    return host.matches("[0-9.]+")
        ? new Ip(address(IpLiteral.parse4(host)), number)
        : new Dns(host.toLowerCase(Locale.ROOT), number);
  }

  /// As people write it behind a code: what [#parse] reads. The port is left out if it is
  /// `defaultPort`.
  default String text(int defaultPort) {
    String host =
        switch (this) {
          case Ip ip when ip.address() instanceof Inet6Address ->
              "[" + ip.address().getHostAddress() + "]";
          case Ip ip -> ip.address().getHostAddress();
          case Dns dns -> dns.name();
        };
    return port() == defaultPort ? host : host + ":" + port();
  }

  /// The two bits that say in a code which form follows.
  default int type() {
    return switch (this) {
      case Ip ip -> ip.address().getAddress().length == 4 ? 0 : 1;
      case Dns _ -> 2;
    };
  }

  /// The form that [#type] announces: 4 or 16 address bytes, or a length-prefixed name; then the
  /// port.
  default byte[] encode() {
    ByteWriter out = new ByteWriter();
    switch (this) {
      case Ip ip -> out.bytes(ip.address().getAddress());
      case Dns dns -> out.lengthPrefixed(dns.name().getBytes(StandardCharsets.US_ASCII));
    }
    return out.u16(port()).toByteArray();
  }

  /// Reads what [#encode] wrote. Throws [MalformedInput].
  static RelayHost decode(int type, ByteReader in) {
    return switch (type) {
      case 0 -> new Ip(address(in.bytes(4)), in.u16());
      case 1 -> ip6(in.bytes(16), in.u16());
      case 2 -> new Dns(name(in.lengthPrefixed(Limits.HOST_CHARS_MAX)), in.u16());
      default -> throw new MalformedInput("address type " + type + " is not known");
    };
  }

  private static Ip ip6(byte[] bytes, int port) {
    InetAddress address = address(bytes);
    if (address.getAddress().length != bytes.length) {
      throw new MalformedInput("an IPv4 address written as an IPv6 one");
    }
    return new Ip(address, port);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("internal error: 4 and 16 bytes are addresses", e);
    }
  }

  private static String name(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static void checkPort(int port) {
    if (port < 1 || port > 65535) {
      throw new MalformedInput("port " + port + " is not between 1 and 65535");
    }
  }

  private static MalformedInput unusable(Multiaddr address) {
    return new MalformedInput(
        address + " cannot be put into a code", "use an IP address or DNS name with a TCP port");
  }
}
