package io.peerup.libp2p;

import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A self-describing network address (multiformats/multiaddr). Immutable, in canonical form; equal
/// when the bytes are equal. At most 1024 bytes and 16 components.
///
/// Never asks a name server. What is parsed has at least one component; only taking one apart can
/// leave an address without any, whose text is `/`.
public final class Multiaddr {

  private final List<Part> parts;
  private final byte[] bytes;

  private Multiaddr(List<Part> parts) {
    ByteWriter out = new ByteWriter();
    parts.forEach(part -> part.write(out));
    this.parts = List.copyOf(parts);
    this.bytes = out.toByteArray();
    if (parts.size() > Limits.MULTIADDR_COMPONENTS_MAX
        || bytes.length > Limits.MULTIADDR_BYTES_MAX) {
      throw new MalformedInput(
          String.format(
              "address of %d components and %d bytes, at most %d and %d",
              parts.size(),
              bytes.length,
              Limits.MULTIADDR_COMPONENTS_MAX,
              Limits.MULTIADDR_BYTES_MAX));
    }
  }

  /// One protocol of an address with its value as text ("" where it has none).
  ///
  /// @param protocol the name, e.g. `ip4`
  /// @param value the value in text form
  public record Component(String protocol, String value) {}

  /// Parses the text form, e.g. `/ip4/192.0.2.1/tcp/7777`. Throws [MalformedInput].
  public static Multiaddr parse(String text) {
    if (text.length() > Limits.MULTIADDR_CHARS_MAX) {
      throw new MalformedInput("address of " + text.length() + " characters is too long");
    }
    if (!text.startsWith("/")) {
      throw new MalformedInput(
          "address does not start with '/'", "write it like /ip4/192.0.2.1/tcp/7777");
    }
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      if (parts.size() == Limits.MULTIADDR_COMPONENTS_MAX) {
        throw new MalformedInput("address has more than 16 components");
      }
      int nameEnd = wordEnd(text, at);
      AddressProtocol protocol = AddressProtocol.named(text.substring(at + 1, nameEnd));
      int valueEnd = nameEnd;
      String value = "";
      if (protocol.value() == AddressValue.PATH) {
        valueEnd = text.length();
        value = text.substring(nameEnd);
      } else if (!protocol.value().isNone()) {
        if (nameEnd == text.length()) {
          throw new MalformedInput("address ends before the value of " + protocol.label());
        }
        valueEnd = wordEnd(text, nameEnd);
        value = text.substring(nameEnd + 1, valueEnd);
      }
      parts.add(Part.of(protocol, read(protocol, value)));
      at = valueEnd;
    }
    return new Multiaddr(parts);
  }

  /// Parses the binary form. Throws [MalformedInput], also for unknown codes: skip that address.
  public static Multiaddr fromBytes(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > Limits.MULTIADDR_BYTES_MAX) {
      throw new MalformedInput(
          "address of " + bytes.length + " bytes, allowed are 1 to " + Limits.MULTIADDR_BYTES_MAX);
    }
    List<Part> parts = new ArrayList<>();
    ByteReader in = new ByteReader(bytes);
    while (in.hasRemaining()) {
      if (parts.size() == Limits.MULTIADDR_COMPONENTS_MAX) {
        throw new MalformedInput("address has more than 16 components");
      }
      AddressProtocol protocol = AddressProtocol.coded(in.varint(Long.MAX_VALUE));
      AddressValue form = protocol.value();
      byte[] value =
          form.isVariable() ? in.lengthPrefixed(Limits.MULTIADDR_BYTES_MAX) : in.bytes(form.size());
      parts.add(Part.of(protocol, value));
      if (form == AddressValue.PATH && in.hasRemaining()) {
        // The text form could not tell such an address from a longer path.
        throw new MalformedInput("address goes on behind a path");
      }
    }
    return new Multiaddr(parts);
  }

  /// `/ip4|ip6/<address>/tcp/<port>`; the zone of an IPv6 address is left out.
  public static Multiaddr ofTcp(InetSocketAddress address) {
    return new Multiaddr(ofSocket(address, AddressProtocol.TCP));
  }

  /// `/ip4|ip6/<address>/udp/<port>/quic-v1`; the zone of an IPv6 address is left out.
  public static Multiaddr ofQuic(InetSocketAddress address) {
    List<Part> parts = new ArrayList<>(ofSocket(address, AddressProtocol.UDP));
    parts.add(Part.of(AddressProtocol.QUIC_V1, new byte[0]));
    return new Multiaddr(parts);
  }

  /// True for `/ip4|ip6|dns|dns4|dns6/<host>/udp/<port>/quic-v1` and longer, but not for
  /// WebTransport, which is another protocol above QUIC.
  public boolean isQuic() {
    return parts.size() > 2
        && parts.get(1).protocol() == AddressProtocol.UDP
        && parts.get(2).protocol() == AddressProtocol.QUIC_V1
        && !has("webtransport");
  }

  private static List<Part> ofSocket(InetSocketAddress address, AddressProtocol transport) {
    InetAddress ip = address.getAddress();
    if (ip == null) {
      throw new IllegalArgumentException("unresolved address " + address);
    }
    byte[] raw = ip.getAddress();
    AddressProtocol family = raw.length == 4 ? AddressProtocol.IP4 : AddressProtocol.IP6;
    int port = address.getPort();
    byte[] rawPort = {(byte) (port >>> 8), (byte) port};
    return List.of(Part.of(family, raw), Part.of(transport, rawPort));
  }

  /// The binary form. A fresh copy.
  public byte[] bytes() {
    return bytes.clone();
  }

  public List<Component> components() {
    return parts.stream().map(Part::component).toList();
  }

  /// The value of the first component of this protocol, or empty.
  public Optional<String> value(String protocol) {
    return parts.stream()
        .map(Part::component)
        .filter(component -> component.protocol().equals(protocol))
        .map(Component::value)
        .findFirst();
  }

  public boolean has(String protocol) {
    return value(protocol).isPresent();
  }

  /// This address with another appended. Throws [MalformedInput] if the result is too long, or if
  /// this one ends in a path.
  public Multiaddr plus(Multiaddr suffix) {
    List<Part> joined = new ArrayList<>(parts);
    joined.addAll(suffix.parts);
    if (!parts.isEmpty()
        && !suffix.parts.isEmpty()
        && parts.getLast().protocol() == AddressProtocol.UNIX) {
      throw new MalformedInput("nothing can follow a path in an address");
    }
    return new Multiaddr(joined);
  }

  /// This address and `/p2p/<peer>`.
  public Multiaddr withPeer(PeerId peer) {
    return plus(new Multiaddr(List.of(Part.of(peer))));
  }

  /// This address without a trailing `/p2p/<any>`.
  public Multiaddr withoutPeer() {
    return endsInPeer() ? slice(0, parts.size() - 1) : this;
  }

  /// The peer of a trailing `/p2p/<peer>`, or empty.
  public Optional<PeerId> peer() {
    return endsInPeer() ? Optional.of(PeerId.fromBytes(parts.getLast().value())) : Optional.empty();
  }

  /// True if it contains `/p2p-circuit`.
  public boolean isCircuit() {
    return circuitAt() >= 0;
  }

  /// What comes before the first `/p2p-circuit` (the relay's address with its `/p2p`), or empty if
  /// nothing does or this is no circuit.
  public Optional<Multiaddr> relayPart() {
    int at = circuitAt();
    return at > 0 ? Optional.of(slice(0, at)) : Optional.empty();
  }

  /// What comes after the first `/p2p-circuit` (`/p2p/<target>`), or empty if nothing does.
  public Optional<Multiaddr> circuitTarget() {
    int at = circuitAt();
    boolean present = at >= 0 && at + 1 < parts.size();
    return present ? Optional.of(slice(at + 1, parts.size())) : Optional.empty();
  }

  /// The socket address of a leading `/ip4|ip6/…/tcp|udp/<port>`, or empty for names and others.
  public Optional<InetSocketAddress> socketAddress() {
    if (parts.size() < 2 || leadingIp().isEmpty()) {
      return Optional.empty();
    }
    Part second = parts.get(1);
    if (second.protocol().value() != AddressValue.PORT) {
      return Optional.empty();
    }
    try {
      InetAddress ip = InetAddress.getByAddress(parts.getFirst().value());
      return Optional.of(new InetSocketAddress(ip, Integer.parseInt(second.component().value())));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("internal error: IP address of a wrong length", e);
    }
  }

  /// True if the leading IP address is globally routable (not private, link-local, documentation or
  /// reserved); names count as public unless local by form (`localhost`, `.local`, no dot at all, a
  /// number at the end).
  public boolean isPublic() {
    if (parts.isEmpty()) {
      return false;
    }
    Part first = parts.getFirst();
    return switch (first.protocol()) {
      case IP4, IP6 -> IpRanges.isPublic(first.value());
      case DNS, DNS4, DNS6, DNSADDR -> LocalNames.isPublic(first.component().value());
      default -> false;
    };
  }

  /// True if the leading IP address is a loopback one.
  public boolean isLoopback() {
    return leadingIp().filter(IpRanges::isLoopback).isPresent();
  }

  private Optional<byte[]> leadingIp() {
    if (parts.isEmpty()) {
      return Optional.empty();
    }
    Part first = parts.getFirst();
    return switch (first.protocol()) {
      case IP4, IP6 -> Optional.of(first.value());
      default -> Optional.empty();
    };
  }

  private boolean endsInPeer() {
    return !parts.isEmpty() && parts.getLast().protocol() == AddressProtocol.P2P;
  }

  private int circuitAt() {
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).protocol() == AddressProtocol.P2P_CIRCUIT) {
        return i;
      }
    }
    return -1;
  }

  private Multiaddr slice(int from, int to) {
    return new Multiaddr(parts.subList(from, to));
  }

  private static byte[] read(AddressProtocol protocol, String value) {
    try {
      return protocol.value().toBytes(value);
    } catch (MalformedInput e) {
      throw new MalformedInput(protocol.label() + " in an address: " + e.getMessage(), e);
    }
  }

  /// The end of the word behind the slash at `slash`.
  private static int wordEnd(String text, int slash) {
    int end = text.indexOf('/', slash + 1);
    return end < 0 ? text.length() : end;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multiaddr that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    if (parts.isEmpty()) {
      return "/";
    }
    StringBuilder out = new StringBuilder();
    parts.forEach(part -> part.write(out));
    return out.toString();
  }

  /// A component in all its forms, checked; `peer` only for `p2p`, because checking a peer id takes
  /// long enough to do it once.
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Part(
      AddressProtocol protocol, byte[] value, Component component, @Nullable PeerId peer) {

    static Part of(AddressProtocol protocol, byte[] bytes) {
      if (protocol == AddressProtocol.P2P) {
        return of(PeerId.fromBytes(bytes));
      }
      byte[] value = protocol.value().normalized(bytes);
      String text = protocol.value().toText(value);
      return new Part(protocol, value, new Component(protocol.label(), text), null);
    }

    static Part of(PeerId peer) {
      AddressProtocol p2p = AddressProtocol.P2P;
      return new Part(p2p, peer.bytes(), new Component(p2p.label(), peer.toString()), peer);
    }

    void write(ByteWriter out) {
      out.varint(protocol.code());
      if (protocol.value().isVariable()) {
        out.lengthPrefixed(value);
      } else {
        out.bytes(value);
      }
    }

    void write(StringBuilder out) {
      out.append('/').append(protocol.label());
      String text = component.value();
      if (!text.isEmpty() && protocol.value() != AddressValue.PATH) {
        out.append('/');
      }
      out.append(text);
    }
  }
}
