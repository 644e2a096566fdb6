package io.peerup.relay.circuit;

import static io.peerup.relay.circuit.TestPeers.key;
import static io.peerup.relay.circuit.TestPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.relay.circuit.wire.CircuitLimit;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.ReservationGrant;
import io.peerup.relay.circuit.wire.Voucher;
import io.peerup.relay.circuit.wire.VoucherBytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReservationCheckTest {

  private static final int RELAY = 1;
  private static final int SELF = 2;
  private static final int STRANGER = 3;
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant LATER = NOW.plusSeconds(3600);
  private static final Multiaddr REACHED_AT = Multiaddr.parse("/ip4/198.51.100.7/tcp/7777");

  private static Reservation accept(
      Instant expires, List<Multiaddr> addresses, Optional<byte[]> voucher) {
    HopMessage.Status answer =
        new HopMessage.Status(
            100,
            Optional.of(new ReservationGrant(expires, addresses, voucher.map(VoucherBytes::new))),
            Optional.empty());
    return ReservationCheck.accept(answer, peer(RELAY), Optional.of(REACHED_AT), peer(SELF), NOW);
  }

  private static byte[] voucher(int signer, PeerId relay, PeerId holder) {
    return Envelopes.seal(key(signer), new Voucher(relay, holder, LATER));
  }

  @Test
  void aGrantWithoutVoucherIsGood() {
    Reservation reservation = accept(LATER, List.of(), Optional.empty());
    assertThat(reservation.relay()).isEqualTo(peer(RELAY));
    assertThat(reservation.expires()).isEqualTo(LATER);
    assertThat(reservation.limit()).isEqualTo(CircuitLimit.NONE);
  }

  @Test
  void aGrantWithTheRightVoucherIsGood() {
    byte[] right = voucher(RELAY, peer(RELAY), peer(SELF));
    assertThat(accept(LATER, List.of(), Optional.of(right)).relay()).isEqualTo(peer(RELAY));
  }

  @Test
  void aVoucherOfAnotherSignerRelayOrHolderIsRefused() {
    for (byte[] wrong :
        List.of(
            voucher(STRANGER, peer(RELAY), peer(SELF)),
            voucher(RELAY, peer(STRANGER), peer(SELF)),
            voucher(RELAY, peer(RELAY), peer(STRANGER)),
            new byte[] {1, 2, 3},
            new byte[0])) {
      assertThatThrownBy(() -> accept(LATER, List.of(), Optional.of(wrong)))
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void aVoucherWithOneChangedBitIsRefused() {
    byte[] right = voucher(RELAY, peer(RELAY), peer(SELF));
    right[right.length - 1] ^= 1;
    assertThatThrownBy(() -> accept(LATER, List.of(), Optional.of(right)))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void aReservationThatHasEndedIsRefusedAndOneThatEndsInASecondIsNot() {
    assertThatThrownBy(() -> accept(NOW, List.of(), Optional.empty()))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("ended");
    assertThat(accept(NOW.plusSeconds(1), List.of(), Optional.empty()).expires())
        .isEqualTo(NOW.plusSeconds(1));
  }

  @Test
  void okWithoutReservationIsRefused() {
    HopMessage.Status answer = new HopMessage.Status(100, Optional.empty(), Optional.empty());
    assertThatThrownBy(() ->
            ReservationCheck.accept(answer, peer(RELAY), Optional.of(REACHED_AT), peer(SELF), NOW))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void theAddressThatWeReachedTheRelayAtIsAlwaysAmongThem() {
    Multiaddr other = Multiaddr.parse("/ip4/10.0.0.1/tcp/7777");
    assertThat(accept(LATER, List.of(other), Optional.empty()).relayAddresses())
        .containsExactly(other.withPeer(peer(RELAY)), REACHED_AT.withPeer(peer(RELAY)));
    assertThat(accept(LATER, List.of(), Optional.empty()).circuitAddresses())
        .containsExactly(Multiaddr.parse(REACHED_AT + "/p2p/" + peer(RELAY) + "/p2p-circuit"));
  }

  @Test
  void addressesOfOthersAndCircuitsAreDropped() {
    Multiaddr foreign = Multiaddr.parse("/ip4/10.0.0.1/tcp/1").withPeer(peer(STRANGER));
    Multiaddr circuit = Multiaddr.parse("/ip4/10.0.0.1/tcp/1/p2p/" + peer(RELAY) + "/p2p-circuit");
    Multiaddr bare = Multiaddr.parse("/p2p/" + peer(RELAY));
    assertThat(accept(LATER, List.of(foreign, circuit, bare), Optional.empty()).relayAddresses())
        .containsExactly(REACHED_AT.withPeer(peer(RELAY)));
  }

  @Test
  void sixteenAddressesAreTakenAndNotSeventeen() {
    List<Multiaddr> many = new ArrayList<>();
    for (int i = 1; i <= 40; i++) {
      many.add(Multiaddr.parse("/ip4/10.0.0." + i + "/tcp/7777"));
    }
    assertThat(accept(LATER, many, Optional.empty()).relayAddresses())
        .hasSize(Limits.RELAY_ADDRESSES_MAX + 1)
        .endsWith(REACHED_AT.withPeer(peer(RELAY)));
  }
}
