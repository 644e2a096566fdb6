package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// Where a stranger comes from, as coarsely as one subscriber is: an IPv4 address or an IPv6 /56.
///
/// Loopback is its own kind: everything on this machine comes from there, also what a local proxy
/// forwards, so limits per source would hit the wrong ones. They do not apply to it; the limits in
/// total do.
///
/// @param text e.g. `192.0.2.1/32`, `20010db8000001/56`, `127.0.0.1/32`
public record SourcePrefix(String text) {

  private static final int IPV6_PREFIX_BYTES = 7;
  private static final String IPV6_LOOPBACK = "loopback/128";
  private static final Pattern FORM =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}/32|[0-9a-f]{14}/56|loopback/128");

  public SourcePrefix {
    if (!FORM.matcher(text).matches()) {
      throw new MalformedInput("not a source prefix");
    }
  }

  /// The prefix of an address. An IPv4-mapped IPv6 address counts as the IPv4 one.
  public static SourcePrefix of(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return new SourcePrefix(address.getHostAddress() + "/32");
    }
    if (address.isLoopbackAddress()) {
      return new SourcePrefix(IPV6_LOOPBACK);
    }
    return new SourcePrefix(
        HexFormat.of().formatHex(Arrays.copyOf(bytes, IPV6_PREFIX_BYTES)) + "/56");
  }

  /// True for the addresses of this very machine.
  public boolean isLoopback() {
    return text.startsWith("127.") || text.equals(IPV6_LOOPBACK);
  }

  @Override
  public String toString() {
    return text;
  }
}
