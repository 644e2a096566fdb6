package io.peerup.libp2p.host;

import io.peerup.libp2p.PeerUnreachable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.InitialDirContext;

/// Names as this machine resolves them: addresses as every program here gets them (also from
/// `/etc/hosts`), TXT records from the name servers that the system is set to. The JDK's DNS
/// provider asks for the latter: it is there, speaks UDP and TCP with random ids and ports, and
/// only strings are read from its answers.
final class SystemNames implements NameService {

  /// How long the first question for TXT records waits; the second waits twice as long.
  static final int TEXT_TIMEOUT_MILLIS = 1500;

  private static final String TEXT = "TXT";

  private final String servers;

  SystemNames() {
    this("dns:");
  }

  /// @param servers a URL of the JDK's DNS provider
  SystemNames(String servers) {
    this.servers = servers;
  }

  @Override
  public List<InetAddress> addresses(String name) {
    try {
      return List.of(InetAddress.getAllByName(name));
    } catch (UnknownHostException e) {
      throw unresolved(name, e);
    }
  }

  /// Reads attributes, which of DNS are strings; an object is never looked up.
  @Override
  @SuppressWarnings({"BanJNDI", "JdkObsolete"}) // its settings are a Hashtable
  public List<String> texts(String name) {
    Hashtable<String, String> settings = new Hashtable<>();
    settings.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    settings.put(Context.PROVIDER_URL, servers);
    settings.put("com.sun.jndi.dns.timeout.initial", String.valueOf(TEXT_TIMEOUT_MILLIS));
    settings.put("com.sun.jndi.dns.timeout.retries", "2");
    try {
      InitialDirContext dns = new InitialDirContext(settings);
      try {
        Attribute found = dns.getAttributes(name, new String[] {TEXT}).get(TEXT);
        List<String> texts = new ArrayList<>();
        for (int i = 0; found != null && i < found.size(); i++) {
          texts.add(joined(String.valueOf(found.get(i))));
        }
        return texts;
      } finally {
        dns.close();
      }
    } catch (NamingException e) {
      throw unresolved(name, e);
    }
  }

  /// The provider gives the strings of a record with spaces between them, quoted where they have
  /// spaces or quotes themselves.
  static String joined(String record) {
    StringBuilder out = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < record.length(); i++) {
      char c = record.charAt(i);
      if (quoted && c == '\\' && i + 1 < record.length()) {
        out.append(record.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (quoted || c != ' ') {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static PeerUnreachable unresolved(String name, Exception cause) {
    return new PeerUnreachable(
        "the name " + name + " does not resolve",
        "check the spelling and this machine's DNS",
        cause);
  }
}
