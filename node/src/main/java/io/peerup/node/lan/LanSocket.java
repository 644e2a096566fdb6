package io.peerup.node.lan;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The socket of multicast DNS, shared with whatever else on this machine speaks it. Blocks; for
/// one virtual thread, closed by any.
final class LanSocket implements AutoCloseable {

  static final int PORT = 5353;

  private static final InetSocketAddress GROUP = new InetSocketAddress(group(), PORT);

  /// RFC 6762, section 11.
  private static final int IP_TTL = 255;

  /// @param bytes at most [Limits#MESSAGE_BYTES_MAX]
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Received(byte[] bytes, InetSocketAddress from) {}

  private final DatagramChannel channel;
  private final DatagramSocket socket;

  private LanSocket(DatagramChannel channel) {
    this.channel = channel;
    this.socket = channel.socket();
  }

  /// Binds the port and joins the group on these networks. Throws [IOException] if the port is
  /// taken by somebody who does not share it, or none of the networks is there.
  static LanSocket open(List<LanInterface> networks) throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.setOption(StandardSocketOptions.IP_MULTICAST_TTL, IP_TTL);
      channel.bind(new InetSocketAddress(PORT));
      for (String name : networks.stream().map(LanInterface::name).distinct().toList()) {
        channel.join(GROUP.getAddress(), interfaceOf(name));
      }
      return new LanSocket(channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static NetworkInterface interfaceOf(String name) throws IOException {
    NetworkInterface found = NetworkInterface.getByName(name);
    if (found == null) {
      throw new IOException("the network interface " + name + " is gone");
    }
    return found;
  }

  /// The next message, or empty if none came in time or it was too large.
  Optional<Received> receive(Duration most) throws IOException {
    DatagramPacket packet =
        new DatagramPacket(new byte[Limits.MESSAGE_BYTES_MAX + 1], Limits.MESSAGE_BYTES_MAX + 1);
    socket.setSoTimeout((int) Math.max(1, most.toMillis()));
    try {
      socket.receive(packet);
    } catch (SocketTimeoutException e) {
      return Optional.empty();
    }
    return packet.getLength() <= Limits.MESSAGE_BYTES_MAX
            && packet.getSocketAddress() instanceof InetSocketAddress from
        ? Optional.of(new Received(Arrays.copyOf(packet.getData(), packet.getLength()), from))
        : Optional.empty();
  }

  /// Sends to everybody on this network.
  void send(byte[] message, LanInterface network) throws IOException {
    channel.setOption(StandardSocketOptions.IP_MULTICAST_IF, interfaceOf(network.name()));
    socket.send(new DatagramPacket(message, message.length, GROUP));
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetAddress group() {
    try {
      return Inet4Address.getByAddress(new byte[] {(byte) 224, 0, 0, (byte) 251});
    } catch (UnknownHostException e) {
      throw new IllegalStateException("internal error: an address of four bytes", e);
    }
  }
}
