package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.control.Printable;

/// Where a service really is: a host and a port as this node sees them. Fixed by its owner; no peer
/// chooses it.
///
/// @param host an IP address or host name, without brackets
/// @param port 1 to 65535
public record Target(String host, int port) {

  private static final int HOST_LENGTH_MAX = 253; // RFC 1035 §2.3.4

  /// Parses `host:port`, `[v6]:port` or a bare port (on 127.0.0.1). @throws Failure `bad-target`
  public static Target parse(String text) {
    String host;
    String portText;
    int bracket = text.indexOf(']');
    int colon = text.lastIndexOf(':');
    if (text.startsWith("[") && bracket > 1 && colon == bracket + 1) {
      host = text.substring(1, bracket);
      portText = text.substring(colon + 1);
    } else if (colon > 0 && text.indexOf(':') == colon && !text.startsWith("[")) {
      host = text.substring(0, colon);
      portText = text.substring(colon + 1);
    } else if (colon < 0) {
      host = "127.0.0.1";
      portText = text;
    } else {
      throw bad(text);
    }
    boolean plain =
        host.length() <= HOST_LENGTH_MAX
            && host.chars().allMatch(c -> Character.isLetterOrDigit(c) || ".-_:%".indexOf(c) >= 0);
    if (!plain || !portText.matches("[0-9]{1,5}")) {
      throw bad(text);
    }
    int port = Integer.parseInt(portText);
    if (port < 1 || port > 65535) {
      throw bad(text);
    }
    return new Target(host, port);
  }

  private static Failure bad(String text) {
    return new Failure(
        "bad-target",
        "`" + Printable.of(text) + "` is not an address",
        "write host:port, such as 127.0.0.1:8000 or [::1]:8000");
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
