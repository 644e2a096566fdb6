package io.peerup.nat;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReachabilityGraderTest {

  @Test
  void noInterfaceAndNoObserverIsOffline() {
    Reachability result = ReachabilityGrader.grade(List.of(), List.of());
    assertThat(result.grade()).isEqualTo(Grade.F);
    assertThat(result.evidence()).containsExactly("no interface is up");
  }

  @Test
  void linkLocalAddressesAloneAreOffline() {
    assertThat(grade(List.of(iface("eth0", "fe80::1")), List.of())).isEqualTo(Grade.F);
  }

  @Test
  void aPrivateAddressWithoutObserversIsUnknownAndNotGuessed() {
    Reachability result =
        ReachabilityGrader.grade(List.of(iface("eth0", "192.168.1.2")), List.of());
    assertThat(result.grade()).isEqualTo(Grade.UNKNOWN);
    assertThat(result.confidence()).isEqualTo(Confidence.NONE);
    assertThat(result.evidence().getFirst()).isEqualTo("no relay has told us how it sees us");
  }

  @Test
  void observersOnOurOwnNetworkDecideNothing() {
    assertThat(
            grade(
                List.of(iface("eth0", "192.168.1.2")),
                List.of(seen("r1", "192.168.1.9", "192.168.1.2", "192.168.1.2"))))
        .isEqualTo(Grade.UNKNOWN);
  }

  @Test
  void aTranslatedAddressIsANatOfUnknownKindEvenWhenManyObserversAgree() {
    Reachability result =
        ReachabilityGrader.grade(
            List.of(iface("eth0", "192.168.1.2")),
            List.of(
                seen("r1", "45.33.1.1", "192.168.1.2", "45.9.9.9"),
                seen("r2", "45.44.1.1", "192.168.1.2", "45.9.9.9")));
    assertThat(result.grade()).isEqualTo(Grade.UNKNOWN);
    assertThat(result.label()).isEqualTo("Behind a NAT of unknown kind");
  }

  @Test
  void publicIpv4HeldAndSeenIsBWithLowConfidence() {
    Reachability result =
        ReachabilityGrader.grade(
            List.of(iface("eth0", "45.1.2.3")),
            List.of(seen("r1", "45.33.1.1", "45.1.2.3", "45.1.2.3")));
    assertThat(result.grade()).isEqualTo(Grade.B);
    assertThat(result.confidence()).isEqualTo(Confidence.LOW);
  }

  @Test
  void publicIpv4ThatIsTranslatedOnTheWayOutIsNotB() {
    assertThat(
            grade(
                List.of(iface("eth0", "45.1.2.3")),
                List.of(seen("r1", "45.33.1.1", "45.1.2.3", "45.9.9.9"))))
        .isEqualTo(Grade.UNKNOWN);
  }

  @Test
  void publicIpv6SeenByARelayIsA() {
    assertThat(
            grade(
                List.of(iface("eth0", "2a01:4f8::5")),
                List.of(seen("r1", "2a01:4f9::1", "2a01:4f8::5", "2a01:4f8::5"))))
        .isEqualTo(Grade.A);
  }

  @Test
  void publicIpv6ThatNobodySawIsNotA() {
    assertThat(grade(List.of(iface("eth0", "2a01:4f8::5")), List.of())).isEqualTo(Grade.UNKNOWN);
  }

  @Test
  void anOverlayInterfaceIsIgnored() {
    assertThat(
            grade(List.of(new InterfaceAddress("tailscale0", ip("100.100.1.1"), true)), List.of()))
        .isEqualTo(Grade.F);
  }

  @Test
  void anAddressBetweenCarrierAndCustomerIsD() {
    assertThat(grade(List.of(iface("wwan0", "100.64.3.3")), List.of())).isEqualTo(Grade.D);
  }

  @Test
  void interfaceNamesOfOverlaysAreKnown() {
    assertThat(List.of("wg0", "tun3", "docker0", "br-12ab", "veth77"))
        .allMatch(InterfaceScan::isOverlay);
    assertThat(List.of("eth0", "wlan0", "en0", "bridge0")).noneMatch(InterfaceScan::isOverlay);
  }

  @Test
  void evidenceIsCutAtItsLimit() {
    List<InterfaceAddress> many = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      many.add(iface("eth" + i, "192.168.1." + i));
    }
    assertThat(ReachabilityGrader.grade(many, List.of()).evidence())
        .hasSize(Reachability.EVIDENCE_MAX);
  }

  @Test
  void ofAMachinesAddressesAsManyAsTheLimitAreLookedAtAndNotOneMore() {
    List<InetAddress> one = List.of(InetAddress.ofLiteral("192.0.2.1"));
    List<InterfaceAddress> found = new ArrayList<>();
    for (int i = 0; i < InterfaceScan.ADDRESSES_MAX; i++) {
      InterfaceScan.addAll(found, "eth" + i, one);
    }
    assertThat(found).hasSize(InterfaceScan.ADDRESSES_MAX);
    InterfaceScan.addAll(found, "eth9999", one);
    assertThat(found).hasSize(InterfaceScan.ADDRESSES_MAX);
    assertThat(found.getLast().toString()).doesNotContain("eth9999");
  }

  @Test
  void thisMachineCanBeScanned() {
    assertThat(InterfaceScan.now()).hasSizeLessThanOrEqualTo(InterfaceScan.ADDRESSES_MAX);
  }

  private static Grade grade(List<InterfaceAddress> interfaces, List<Observation> observations) {
    return ReachabilityGrader.grade(interfaces, observations).grade();
  }

  private static InterfaceAddress iface(String name, String address) {
    return new InterfaceAddress(name, ip(address), false);
  }

  private static Observation seen(String observer, String observerIp, String local, String seen) {
    return new Observation(
        observer,
        ip(observerIp),
        new InetSocketAddress(ip(local), 40001),
        new InetSocketAddress(ip(seen), 50001));
  }

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
