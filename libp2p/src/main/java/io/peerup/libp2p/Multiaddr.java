package io.peerup.libp2p;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// A self-describing network address (multiformats/multiaddr). Immutable, in canonical form; equal
/// when the bytes are equal. At most 1024 bytes and 16 components.
public final class Multiaddr {

  private Multiaddr() {}

  /// One protocol of an address with its value as text ("" where it has none).
  ///
  /// @param protocol the name, e.g. `ip4`
  /// @param value the value in text form
  public record Component(String protocol, String value) {}

  /// Parses the text form, e.g. `/ip4/192.0.2.1/tcp/7777`. Throws [MalformedInput].
  public static Multiaddr parse(String text) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// Parses the binary form. Throws [MalformedInput], also for unknown codes: skip that address.
  public static Multiaddr fromBytes(byte[] bytes) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// `/ip4|ip6/<address>/tcp/<port>`.
  public static Multiaddr ofTcp(InetSocketAddress address) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  public byte[] bytes() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  public List<Component> components() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// The value of the first component of this protocol, or empty.
  public Optional<String> value(String protocol) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  public boolean has(String protocol) {
    return value(protocol).isPresent();
  }

  /// This address with another appended.
  public Multiaddr plus(Multiaddr suffix) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// This address and `/p2p/<peer>`.
  public Multiaddr withPeer(PeerId peer) {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// This address without a trailing `/p2p/<any>`.
  public Multiaddr withoutPeer() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// The peer of a trailing `/p2p/<peer>`, or empty.
  public Optional<PeerId> peer() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// True if it contains `/p2p-circuit`.
  public boolean isCircuit() {
    return has("p2p-circuit");
  }

  /// What comes before `/p2p-circuit` (the relay's address with its `/p2p`), or empty.
  public Optional<Multiaddr> relayPart() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// What comes after `/p2p-circuit` (`/p2p/<target>`), or empty if nothing does.
  public Optional<Multiaddr> circuitTarget() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// The socket address of a leading `/ip4|ip6/…/tcp|udp/<port>`, or empty for names and others.
  public Optional<InetSocketAddress> socketAddress() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// True if the leading IP address is globally routable (not private, link-local, documentation or
  /// reserved); names count as public unless local by form (`localhost`, `.local`, …).
  public boolean isPublic() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  /// True if the leading IP address is a loopback one.
  public boolean isLoopback() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }

  @Override
  public String toString() {
    throw new UnsupportedOperationException("written by the multiaddr change");
  }
}
