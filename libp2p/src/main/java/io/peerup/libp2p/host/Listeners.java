package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.transport.TcpTransport;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The sockets a host listens on and the addresses they stand for. Thread-safe.
final class Listeners implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

  private final TcpTransport transport;
  private final TcpTransport.Acceptor acceptor;
  private final List<TcpTransport.Listener> bound = new ArrayList<>();

  Listeners(TcpTransport transport, TcpTransport.Acceptor acceptor) {
    this.transport = transport;
    this.acceptor = acceptor;
  }

  /// Binds all, or throws [Refused]. IPv6 wildcards on a machine without IPv6 are left out as long
  /// as something else is bound.
  synchronized void listenAll(List<Multiaddr> addresses) {
    // The IPv6 wildcard socket takes IPv4 too; bound first, it serves an equal IPv4 port as well.
    List<Multiaddr> order = new ArrayList<>(addresses);
    order.sort((one, other) -> Boolean.compare(other.has("ip6"), one.has("ip6")));
    List<Refused> missing = new ArrayList<>();
    for (Multiaddr address : order) {
      try {
        listen(address);
      } catch (Refused e) {
        boolean noIpv6 =
            e.getCause() instanceof SocketException cause
                && String.valueOf(cause.getMessage()).contains("family")
                && address.has("ip6");
        if (!noIpv6) {
          throw e;
        }
        LOG.info("this machine has no IPv6, not listening on {}", address);
        missing.add(e);
      }
    }
    if (bound.isEmpty() && !missing.isEmpty()) {
      throw missing.getFirst();
    }
  }

  /// Binds one more.
  synchronized Multiaddr listen(Multiaddr address) {
    InetSocketAddress wanted =
        TcpAddresses.isPlainTcp(address) ? address.socketAddress().orElse(null) : null;
    if (wanted == null) {
      throw new Refused(
          "cannot listen on " + address + ": not of the form /ip4|ip6/<address>/tcp/<port>");
    }
    if (coveredByDualStack(wanted)) {
      bound.add(new TcpTransport.Listener(wanted, () -> {}));
      return address.withoutPeer();
    }
    try {
      TcpTransport.Listener listener = transport.listen(wanted, acceptor);
      bound.add(listener);
      return Multiaddr.ofTcp(listener.address());
    } catch (IOException e) {
      throw new Refused(
          "cannot listen on " + address + ": " + e.getMessage(),
          "another program may use this port; choose another one, or 0 for any free one",
          0,
          e);
    }
  }

  private boolean coveredByDualStack(InetSocketAddress wanted) {
    return wanted.getPort() != 0
        && wanted.getAddress() instanceof Inet4Address v4
        && v4.isAnyLocalAddress()
        && bound.stream()
            .map(TcpTransport.Listener::address)
            .anyMatch(other ->
                other.getPort() == wanted.getPort()
                    && other.getAddress() instanceof Inet6Address v6
                    && v6.isAnyLocalAddress());
  }

  /// Where others may reach us, wildcards replaced by the addresses of the interfaces that are up.
  synchronized List<Multiaddr> addresses() {
    LinkedHashSet<Multiaddr> out = new LinkedHashSet<>();
    for (TcpTransport.Listener listener : bound) {
      InetAddress at = listener.address().getAddress();
      if (!at.isAnyLocalAddress()) {
        out.add(Multiaddr.ofTcp(listener.address()));
        continue;
      }
      for (InetAddress own : interfaceAddresses()) {
        if ((own instanceof Inet4Address) == (at instanceof Inet4Address)) {
          out.add(Multiaddr.ofTcp(new InetSocketAddress(own, listener.address().getPort())));
        }
      }
    }
    return List.copyOf(out);
  }

  /// Link-local IPv6 addresses are left out: they mean nothing without a zone.
  private static List<InetAddress> interfaceAddresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(Listeners::isUp)
          .flatMap(NetworkInterface::inetAddresses)
          .filter(address -> !(address instanceof Inet6Address && address.isLinkLocalAddress()))
          .toList();
    } catch (SocketException e) {
      LOG.debug("cannot list the network interfaces", e);
      return List.of();
    }
  }

  private static boolean isUp(NetworkInterface candidate) {
    try {
      return candidate.isUp();
    } catch (SocketException e) {
      return false;
    }
  }

  @Override
  public synchronized void close() {
    bound.forEach(listener -> listener.stop().run());
    bound.clear();
  }
}
