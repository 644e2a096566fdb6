package io.peerup.libp2p.host;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Turns addresses with names into addresses without: a machine that says which names it wants to
/// know about and takes what they stand for, level by level, since a `/dnsaddr` may lead to further
/// names. Bounded whatever the answers are. Not thread-safe.
final class NameExpansion {

  /// How many names may lead to one another, the first included (as go-libp2p).
  static final int DEPTH_MAX = 4;

  /// Addresses that the names of one dial may stand for together (as go-libp2p).
  static final int RESULTS_MAX = 100;

  /// Names asked about for one dial: more than a peer has, and few enough that nobody makes us a
  /// tool against a name server.
  static final int NAMES_MAX = 32;

  /// Addresses of one name and family that are tried: a zone may list hundreds.
  static final int FAMILY_MAX = 8;

  private static final Set<String> HOSTS = Set.of("dns", "dns4", "dns6");
  private static final String DNSADDR = "dnsaddr";
  private static final String ENTRY = "dnsaddr=";

  /// An address on its way to one without a name.
  private record Item(Multiaddr origin, Multiaddr address, boolean fromPublicName, int depth) {}

  private final Map<Multiaddr, Multiaddr> results = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();
  private List<Item> waiting = new ArrayList<>();
  private List<Item> current = List.of();
  private int asked;

  NameExpansion(Collection<Multiaddr> addresses) {
    addresses.forEach(address -> take(new Item(address, address, false, 1)));
  }

  /// True if the address begins with a name.
  static boolean isNamed(Multiaddr address) {
    String first = address.components().isEmpty() ? "" : host(address).protocol();
    return !address.isCircuit() && (HOSTS.contains(first) || first.equals(DNSADDR));
  }

  /// A name to ask about.
  ///
  /// @param name what to ask for
  /// @param text true for its TXT records, false for its addresses
  record Question(String name, boolean text) {}

  /// What to ask next, all at once; empty when everything is known.
  List<Question> next() {
    int room = NAMES_MAX - asked;
    List<Item> now =
        waiting.stream().filter(item -> item.depth() <= DEPTH_MAX).limit(room).toList();
    if (now.size() < waiting.size()) {
      failures.add(
          (waiting.size() - now.size())
              + " names left out: at most "
              + NAMES_MAX
              + " are asked about, "
              + DEPTH_MAX
              + " behind one another");
    }
    current = now;
    asked += current.size();
    waiting = new ArrayList<>();
    return current.stream().map(NameExpansion::question).distinct().toList();
  }

  /// The addresses of a name asked for.
  void addresses(String name, List<InetAddress> found) {
    for (Item item : current) {
      if (question(item).equals(new Question(name, false))) {
        List<InetAddress> chosen = chosen(found, host(item.address()).protocol());
        if (chosen.isEmpty()) {
          failures.add(item.origin() + ": no address of that family");
        }
        boolean isPublic = item.fromPublicName() || item.address().isPublic();
        for (InetAddress ip : chosen) {
          take(new Item(item.origin(), withIp(item.address(), ip), isPublic, item.depth()));
        }
      }
    }
  }

  /// The TXT records of a name asked for.
  void texts(String name, List<String> records) {
    for (Item item : current) {
      if (question(item).equals(new Question(name, true))) {
        int before = results.size() + waiting.size();
        records.stream()
            .filter(record -> record.startsWith(ENTRY))
            .forEach(record -> entry(item, record.substring(ENTRY.length())));
        if (results.size() + waiting.size() == before) {
          failures.add(item.origin() + ": its records have no address that fits");
        }
      }
    }
  }

  /// There was no answer about a name.
  void failed(Question question, String why) {
    if (current.stream().anyMatch(item -> question(item).equals(question))) {
      failures.add(why);
    }
  }

  /// What was found, each with the address that it is found from.
  Map<Multiaddr, Multiaddr> results() {
    return results;
  }

  /// What was not, in words.
  List<String> failures() {
    return failures;
  }

  private void entry(Item item, String text) {
    try {
      Multiaddr found = Multiaddr.parse(text);
      // Of a query that ends in /p2p/X only answers that end in /p2p/X count.
      if (found.toString().endsWith(rest(item.address()))) {
        take(
            new Item(
                item.origin(),
                found,
                item.fromPublicName() || item.address().isPublic(),
                item.depth() + 1));
      }
    } catch (MalformedInput e) {
      // Other programs' entries may have parts that we do not know.
    }
  }

  private void take(Item item) {
    if (results.size() + waiting.size() >= RESULTS_MAX) {
      return;
    }
    Multiaddr address = item.address();
    if (isNamed(address)) {
      waiting.add(item);
    } else if (item.fromPublicName() && isThisMachine(address)) {
      failures.add(item.origin() + ": a public name that stands for this machine");
    } else {
      results.putIfAbsent(address, item.origin());
    }
  }

  /// Whoever owns a name does not make us knock at our own doors with it (DNS rebinding).
  private static boolean isThisMachine(Multiaddr address) {
    return address.isLoopback()
        || address
            .socketAddress()
            .map(InetSocketAddress::getAddress)
            .filter(
                ip -> ip.isAnyLocalAddress() || ip.isMulticastAddress() || ip.isLinkLocalAddress())
            .isPresent();
  }

  private static Multiaddr.Component host(Multiaddr address) {
    return address.components().getFirst();
  }

  private static Question question(Item item) {
    Multiaddr.Component host = host(item.address());
    return host.protocol().equals(DNSADDR)
        ? new Question("_dnsaddr." + host.value(), true)
        : new Question(host.value(), false);
  }

  /// What is tried of the addresses that a name of this protocol has: of both families, so that a
  /// name with many of one does not hide the other.
  private static List<InetAddress> chosen(List<InetAddress> found, String protocol) {
    List<InetAddress> out = new ArrayList<>();
    for (boolean v4 : new boolean[] {false, true}) {
      if (!protocol.equals(v4 ? "dns6" : "dns4")) {
        found.stream()
            .filter(ip -> ip instanceof Inet4Address == v4)
            .limit(FAMILY_MAX)
            .forEach(out::add);
      }
    }
    return out;
  }

  /// The address with this one instead of its name.
  private static Multiaddr withIp(Multiaddr address, InetAddress ip) {
    String literal = ip.getHostAddress().replaceFirst("%.*$", "");
    return Multiaddr.parse(
        (ip instanceof Inet4Address ? "/ip4/" : "/ip6/") + literal + rest(address));
  }

  /// What follows the name, as text.
  private static String rest(Multiaddr address) {
    Multiaddr.Component host = host(address);
    return address.toString().substring(host.protocol().length() + host.value().length() + 2);
  }
}
