package io.peerup.nat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Grades reachability from interfaces and from what relays observe over TCP. A pure function: no
/// threads, clock or sockets.
///
/// What this evidence can show is little, and the grader says no more than that. It can show that
/// the machine has no address at all (F), that it holds a public address (A or B, confidence low,
/// because a firewall may still drop what comes in), that a carrier translates (D), or that some
/// NAT is in between. Which kind of NAT it cannot show: TCP connections use a fresh port each, so
/// comparing the ports that two relays saw proves nothing about mapping (RFC 4787 §4.1), and
/// nothing here tests filtering (§5). Those cases are [Grade#UNKNOWN] until a STUN test on the data
/// socket exists.
public final class ReachabilityGrader {

  private ReachabilityGrader() {}

  /// Grades the evidence of one moment.
  ///
  /// @param interfaces addresses of interfaces that are up, without loopback
  /// @param observations what relays saw, at most one per relay
  public static Reachability grade(
      List<InterfaceAddress> interfaces, List<Observation> observations) {
    Evidence evidence = new Evidence();
    interfaces.stream().filter(each -> !each.overlay()).forEach(evidence::add);
    observations.forEach(evidence::add);
    return evidence.verdict(interfaces.isEmpty());
  }

  /// Collects facts, then decides once.
  private static final class Evidence {
    private final List<String> lines = new ArrayList<>();
    private final Set<AddressKind> held = new HashSet<>();
    private final Set<InetAddress> heldAddresses = new HashSet<>();
    private final Set<InetAddress> publicSeen = new HashSet<>();
    private final Set<InetAddress> publicObservers = new HashSet<>();
    private int observers;

    void add(InterfaceAddress each) {
      AddressKind kind = AddressKind.of(each.address());
      if (kind == AddressKind.LINK_LOCAL
          || kind == AddressKind.LOOPBACK
          || kind == AddressKind.OTHER) {
        return;
      }
      held.add(kind);
      heldAddresses.add(each.address());
      lines.add(
          "interface "
              + each.interfaceName()
              + " has "
              + describe(kind)
              + " "
              + each.address().getHostAddress());
    }

    void add(Observation each) {
      observers++;
      AddressKind seenKind = AddressKind.of(each.seen().getAddress());
      boolean isPublic = seenKind == AddressKind.PUBLIC4 || seenKind == AddressKind.PUBLIC6;
      if (isPublic) {
        publicSeen.add(each.seen().getAddress());
        publicObservers.add(each.observerIp());
      }
      boolean same = each.seen().getAddress().equals(each.local().getAddress());
      lines.add(
          "relay "
              + each.observer()
              + " sees us as "
              + each.seen().getAddress().getHostAddress()
              + ":"
              + each.seen().getPort()
              + (same ? ", our own address" : ", translated from " + host(each))
              + (isPublic ? "" : " (not a public address: that relay is on our own network)"));
    }

    Reachability verdict(boolean noInterfaces) {
      boolean translated4 =
          publicSeen.stream()
              .anyMatch(seen ->
                  AddressKind.of(seen) == AddressKind.PUBLIC4 && !heldAddresses.contains(seen));
      if (held.contains(AddressKind.PUBLIC6)) {
        boolean confirmed =
            publicSeen.stream()
                .anyMatch(seen ->
                    AddressKind.of(seen) == AddressKind.PUBLIC6 && heldAddresses.contains(seen));
        if (confirmed) {
          lines.add("nobody has dialled us back yet, so a firewall may still block inbound");
          return result(Grade.A, "Public IPv6, inbound not proven", Confidence.LOW);
        }
        lines.add("an interface has public IPv6, but no relay has seen us use it");
      }
      if (held.contains(AddressKind.PUBLIC4) && !translated4) {
        lines.add("nobody has dialled us back yet, so a firewall may still block inbound");
        return result(Grade.B, "Public IPv4, inbound not proven", Confidence.LOW);
      }
      if (held.contains(AddressKind.CARRIER_NAT) || held.contains(AddressKind.DS_LITE)) {
        return result(
            Grade.D,
            "Carrier-grade NAT",
            translated4 && publicObservers.size() > 1 ? Confidence.MEDIUM : Confidence.LOW);
      }
      if (translated4) {
        lines.add("which kind of NAT is not known: its mapping and filtering have not been tested");
        return result(Grade.UNKNOWN, "Behind a NAT of unknown kind", Confidence.NONE);
      }
      if (held.isEmpty() && observers == 0) {
        lines.add(
            noInterfaces
                ? "no interface is up"
                : "no interface has an address that reaches beyond this machine");
        return result(Grade.F, Grade.F.label(), Confidence.MEDIUM);
      }
      lines.add(
          observers == 0
              ? "no relay has told us how it sees us"
              : "no relay outside our own network has told us how it sees us");
      return result(Grade.UNKNOWN, Grade.UNKNOWN.label(), Confidence.NONE);
    }

    private Reachability result(Grade grade, String label, Confidence confidence) {
      // The deciding sentence was added last; people read the first line first.
      List<String> ordered = new ArrayList<>(lines);
      if (!ordered.isEmpty()) {
        ordered.addFirst(ordered.removeLast());
      }
      return new Reachability(grade, label, confidence, ordered);
    }

    private static String host(Observation each) {
      return each.local().getAddress().getHostAddress();
    }

    private static String describe(AddressKind kind) {
      return switch (kind) {
        case PUBLIC4 -> "public IPv4";
        case PUBLIC6 -> "public IPv6";
        case PRIVATE4 -> "private IPv4 (RFC 1918)";
        case CARRIER_NAT -> "carrier-grade NAT address (RFC 6598)";
        case DS_LITE -> "DS-Lite or 464XLAT address (RFC 7335)";
        case UNIQUE_LOCAL6 -> "unique local IPv6 (RFC 4193)";
        case LINK_LOCAL -> "link-local";
        case LOOPBACK -> "loopback";
        case OTHER -> "unusable";
      };
    }
  }
}
