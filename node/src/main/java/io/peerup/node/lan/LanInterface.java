package io.peerup.node.lan;

import io.peerup.libp2p.IpRanges;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;

/// One local network of this device: an interface, our address there, and which addresses are our
/// neighbours'.
///
/// @param name the interface
/// @param address ours, a private IPv4 address
/// @param prefixBits how many leading bits all neighbours share
record LanInterface(String name, Inet4Address address, int prefixBits) {

  /// True if somebody with this address is on this network: a private address within its prefix.
  boolean contains(InetAddress other) {
    return other instanceof Inet4Address
        && isPrivate(other)
        && (bits(other) ^ bits(address)) >>> (Integer.SIZE - prefixBits) == 0;
  }

  private static int bits(InetAddress ip) {
    byte[] b = ip.getAddress();
    return (b[0] & 0xff) << 24 | (b[1] & 0xff) << 16 | (b[2] & 0xff) << 8 | (b[3] & 0xff);
  }

  /// Neither the internet's nor this machine's own, nor one that means many.
  private static boolean isPrivate(InetAddress ip) {
    byte[] raw = ip.getAddress();
    return (ip.isSiteLocalAddress() || ip.isLinkLocalAddress())
        && !IpRanges.isPublic(raw)
        && !IpRanges.isLoopback(raw);
  }

  /// The local networks of this machine now: interfaces that are up and know multicast, each with a
  /// private IPv4 address; no tunnels, no loopback.
  static List<LanInterface> all() {
    List<LanInterface> found = new ArrayList<>();
    try {
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        if (each.isUp()
            && each.supportsMulticast()
            && !each.isLoopback()
            && !each.isPointToPoint()) {
          add(each, found);
        }
      }
    } catch (SocketException e) {
      // An interface went while we looked; the next look finds what is left.
    }
    return found.stream().limit(Limits.NETWORKS_MAX).toList();
  }

  private static void add(NetworkInterface at, List<LanInterface> found) {
    for (InterfaceAddress each : at.getInterfaceAddresses()) {
      int bits = each.getNetworkPrefixLength();
      if (each.getAddress() instanceof Inet4Address ours && isPrivate(ours) && isNetwork(bits)) {
        found.add(new LanInterface(at.getName(), ours, bits));
      }
    }
  }

  /// One with room for neighbours, and not the whole internet.
  private static boolean isNetwork(int bits) {
    return bits >= 8 && bits < Integer.SIZE;
  }
}
