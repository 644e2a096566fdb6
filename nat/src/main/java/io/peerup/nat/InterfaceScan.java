package io.peerup.nat;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Asks the machine for its addresses. Blocks for some milliseconds; runs on a virtual thread.
public final class InterfaceScan {

  /// Interface names of other overlays, tunnels, bridges and containers: their addresses say
  /// nothing about how the outside reaches this machine.
  private static final List<String> OVERLAY_PREFIXES =
      List.of("tun", "tap", "utun", "wg", "tailscale", "zt", "docker", "veth", "virbr", "br-");

  /// Most addresses looked at: a machine with more has them from virtual interfaces.
  static final int ADDRESSES_MAX = 256;

  private InterfaceScan() {}

  /// Addresses of interfaces that are up and not loopback, in the system's order.
  public static List<InterfaceAddress> now() {
    List<InterfaceAddress> found = new ArrayList<>();
    try {
      for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (network.isUp() && !network.isLoopback()) {
          addAll(found, network.getName(), Collections.list(network.getInetAddresses()));
        }
      }
    } catch (SocketException e) {
      // An interface that vanished while we looked: what was found so far is still true.
      return List.copyOf(found);
    }
    return List.copyOf(found);
  }

  /// As many as are still looked at.
  static void addAll(List<InterfaceAddress> found, String name, List<InetAddress> addresses) {
    addresses.stream()
        .limit(ADDRESSES_MAX - found.size())
        .map(address -> new InterfaceAddress(name, withoutScope(address), isOverlay(name)))
        .forEach(found::add);
  }

  static boolean isOverlay(String interfaceName) {
    String name = interfaceName.toLowerCase(Locale.ROOT);
    return OVERLAY_PREFIXES.stream().anyMatch(name::startsWith);
  }

  private static InetAddress withoutScope(InetAddress address) {
    try {
      return InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("internal error: an interface address has a wrong length", e);
    }
  }
}
