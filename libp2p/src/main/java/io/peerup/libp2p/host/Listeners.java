package io.peerup.libp2p.host;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.transport.QuicEndpoint;
import io.peerup.libp2p.transport.QuicTransport;
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

  private final TcpTransport tcp;
  private final QuicTransport quic;
  private final Connector acceptor;
  private final List<Bound> bound = new ArrayList<>();

  /// @param stop accepts no more
  private record Bound(InetSocketAddress at, boolean isQuic, Runnable stop) {

    Multiaddr address(InetSocketAddress shown) {
      return isQuic ? Multiaddr.ofQuic(shown) : Multiaddr.ofTcp(shown);
    }
  }

  Listeners(TcpTransport tcp, QuicTransport quic, Connector acceptor) {
    this.tcp = tcp;
    this.quic = quic;
    this.acceptor = acceptor;
  }

  /// Binds all, or throws [Refused]. IPv6 wildcards on a machine without IPv6, and QUIC on one
  /// without its native library, are left out as long as something else is bound.
  synchronized void listenAll(List<Multiaddr> addresses) {
    // The IPv6 wildcard socket takes IPv4 too; bound first, it serves an equal IPv4 port as well.
    List<Multiaddr> order = new ArrayList<>(addresses);
    order.sort((one, other) -> Boolean.compare(other.has("ip6"), one.has("ip6")));
    List<Refused> missing = new ArrayList<>();
    boolean noQuic =
        order.stream().anyMatch(SocketAddresses::isQuic) && QuicTransport.missing().isPresent();
    for (Multiaddr address : order) {
      if (noQuic && SocketAddresses.isQuic(address)) {
        missing.add(noQuic("cannot listen on " + address, QuicTransport.missing().get()));
        continue;
      }
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
    if (noQuic) { // once, however many addresses it concerns
      LOG.warn(
          "this machine has no QUIC, listening on TCP only: {}", QuicTransport.missing().get());
    }
  }

  /// Binds one more.
  synchronized Multiaddr listen(Multiaddr address) {
    boolean isQuic = SocketAddresses.isQuic(address);
    InetSocketAddress wanted =
        isQuic || SocketAddresses.isPlainTcp(address) ? address.socketAddress().orElse(null) : null;
    if (wanted == null) {
      throw new Refused(
          "cannot listen on "
              + address
              + ": not of the form /ip4|ip6/<address>/tcp/<port> or …/udp/<port>/quic-v1");
    }
    if (isQuic) {
      QuicTransport.missing()
          .ifPresent(reason -> {
            throw noQuic("cannot listen on " + address, reason);
          });
    }
    if (coveredByDualStack(wanted, isQuic)) {
      bound.add(new Bound(wanted, isQuic, () -> {}));
      return address.withoutPeer();
    }
    try {
      Bound now = isQuic ? bindQuic(wanted) : bindTcp(wanted);
      bound.add(now);
      return now.address(now.at());
    } catch (IOException e) {
      throw new Refused(
          "cannot listen on " + address + ": " + e.getMessage(),
          "another program may use this port; choose another one, or 0 for any free one",
          0,
          e);
    }
  }

  private Bound bindTcp(InetSocketAddress wanted) throws IOException {
    TcpTransport.Listener listener = tcp.listen(wanted, acceptor);
    return new Bound(listener.address(), false, listener.stop());
  }

  private Bound bindQuic(InetSocketAddress wanted) throws IOException {
    QuicEndpoint endpoint = quic.listen(wanted, acceptor);
    return new Bound(endpoint.local(), true, endpoint::deafen);
  }

  static Refused noQuic(String what, String reason) {
    return new Refused(
        what + ": QUIC does not work here: " + reason,
        "QUIC needs the native library of netty-codec-native-quic for this platform; TCP works"
            + " without",
        0,
        null);
  }

  private boolean coveredByDualStack(InetSocketAddress wanted, boolean isQuic) {
    return wanted.getPort() != 0
        && wanted.getAddress() instanceof Inet4Address v4
        && v4.isAnyLocalAddress()
        && bound.stream()
            .filter(other -> other.isQuic() == isQuic)
            .map(Bound::at)
            .anyMatch(other ->
                other.getPort() == wanted.getPort()
                    && other.getAddress() instanceof Inet6Address v6
                    && v6.isAnyLocalAddress());
  }

  /// Where others may reach us, wildcards replaced by the addresses of the interfaces that are up.
  synchronized List<Multiaddr> addresses() {
    LinkedHashSet<Multiaddr> out = new LinkedHashSet<>();
    for (Bound listener : bound) {
      InetAddress at = listener.at().getAddress();
      if (!at.isAnyLocalAddress()) {
        out.add(listener.address(listener.at()));
        continue;
      }
      for (InetAddress own : interfaceAddresses()) {
        if ((own instanceof Inet4Address) == (at instanceof Inet4Address)) {
          out.add(listener.address(new InetSocketAddress(own, listener.at().getPort())));
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
