package io.peerup.relay.circuit;

import static io.peerup.relay.circuit.TestHosts.SOON;
import static io.peerup.relay.circuit.TestHosts.addressOf;
import static io.peerup.relay.circuit.TestHosts.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.wire.ProtoWriter;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.ReservationGrant;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import io.peerup.relay.circuit.wire.Voucher;
import io.peerup.relay.circuit.wire.VoucherBytes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Relays, targets and dialers that lie or send nonsense.
class LiarsIT {

  private static final Instant FAR = Instant.ofEpochSecond(4_000_000_000L);

  private final TestHosts hosts = new TestHosts();
  private final Host relay = hosts.host(1);
  private final Host target = hosts.host(2);
  private final Host dialer = hosts.dialer(3);
  private final Host other = hosts.host(4);

  @AfterEach
  void close() {
    hosts.close();
  }

  private static CircuitClient client(Host host) {
    return CircuitClient.install(
        host, CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
  }

  private Connection toRelay(Host from) {
    return from.connect(relay.id(), List.of(addressOf(relay)), SOON);
  }

  /// A relay that gives everybody a reservation and connects callers as the two functions say.
  private void lyingRelay(UnaryOperator<PeerId> connectTo, UnaryOperator<PeerId> announceAs) {
    relay.handle(
        CircuitRelay.HOP,
        stream -> {
          HopMessage message = HopCodec.decode(stream.readFrame(4096));
          if (message instanceof HopMessage.Connect(PeerId wanted)) {
            Stream stop =
                relay
                    .connections(connectTo.apply(wanted))
                    .getFirst()
                    .openStream(List.of(CircuitRelay.STOP), SOON);
            PeerId source = announceAs.apply(stream.connection().remotePeer());
            stop.writeFrame(StopCodec.encode(new StopMessage.Connect(source, Optional.empty())));
            assertThat(StopCodec.decode(stop.readFrame(4096)))
                .isEqualTo(StopMessage.Status.of(RelayStatus.OK));
            stream.writeFrame(HopCodec.encode(HopMessage.Status.of(RelayStatus.OK)));
            relay.splice(stream, stop, SpliceLimits.NONE, (_, _) -> {});
          } else {
            stream.writeFrame(
                HopCodec.encode(
                    new HopMessage.Status(
                        100,
                        Optional.of(
                            new ReservationGrant(FAR, List.of(addressOf(relay)), Optional.empty())),
                        Optional.empty())));
          }
        });
  }

  @Test
  void theSameRelayConnectsPeersAsLongAsItDoesNotLie() {
    lyingRelay(id -> id, id -> id);
    client(target).reserve(toRelay(target), SOON);
    client(dialer);
    Connection connection =
        dialer.connect(through(relay, target), PeerExpectation.exactly(target.id()), SOON);
    assertThat(dialer.ping(connection, SOON)).isPositive();
  }

  @Test
  void aRelayThatConnectsToSomebodyElseIsFoundOut() {
    lyingRelay(_ -> other.id(), id -> id);
    client(target).reserve(toRelay(target), SOON);
    client(other).reserve(toRelay(other), SOON);
    client(dialer);
    assertThatThrownBy(() ->
            dialer.connect(through(relay, target), PeerExpectation.exactly(target.id()), SOON))
        .isInstanceOf(OverlayException.class);
    assertThat(dialer.connections(target.id())).isEmpty();
    await().atMost(SOON).until(() -> dialer.connections(other.id()).isEmpty());
  }

  @Test
  void evenADialerThatExpectsAnybodyGetsNobodyButTheTarget() {
    lyingRelay(_ -> other.id(), id -> id);
    client(other).reserve(toRelay(other), SOON);
    client(dialer);
    assertThatThrownBy(() -> dialer.connect(through(relay, target), PeerExpectation.any(), SOON))
        .isInstanceOf(OverlayException.class);
    assertThat(dialer.connections(other.id())).isEmpty();
  }

  @Test
  void aRelayThatAnnouncesSomebodyElseToTheTargetIsFoundOut() {
    lyingRelay(id -> id, _ -> other.id());
    client(target).reserve(toRelay(target), SOON);
    client(dialer);
    assertThatThrownBy(() ->
            dialer
                .connect(through(relay, target), PeerExpectation.exactly(target.id()), SOON)
                .openStream(List.of("/test/none/1"), Duration.ofSeconds(5)))
        .isInstanceOf(OverlayException.class);
    assertThat(target.connections(dialer.id())).isEmpty();
    assertThat(target.connections(other.id())).isEmpty();
  }

  @Test
  void anOfferFromARelayWhereWeHaveNoReservationIsRefused() {
    client(target);
    Connection connection = target.connect(relay.id(), List.of(addressOf(relay)), SOON);
    assertThat(connection.isOpen()).isTrue();
    assertThat(offerFrom(relay)).isEqualTo(RelayStatus.PERMISSION_DENIED.code());
  }

  @Test
  void anOfferFromAnybodyIsTakenInTheToolboxMode() {
    CircuitClient.install(target, CircuitClient.Offers.FROM_ANYBODY, InstantSource.system());
    toRelay(target);
    assertThat(offerFrom(relay)).isEqualTo(RelayStatus.OK.code());
  }

  private int offerFrom(Host from) {
    await().atMost(SOON).until(() -> !from.connections(target.id()).isEmpty());
    Stream stop =
        from.connections(target.id()).getFirst().openStream(List.of(CircuitRelay.STOP), SOON);
    stop.deadline(SOON);
    stop.writeFrame(StopCodec.encode(new StopMessage.Connect(other.id(), Optional.empty())));
    return ((StopMessage.Status) StopCodec.decode(stop.readFrame(4096))).code();
  }

  private void relayAnswers(byte[] answer) {
    relay.handle(
        CircuitRelay.HOP,
        stream -> {
          stream.readFrame(4096);
          stream.writeFrame(answer);
        });
  }

  @Test
  void aVoucherForSomebodyElseMakesTheWholeReservationWorthless() {
    byte[] voucher = Envelopes.seal(TestPeers.key(1), new Voucher(relay.id(), other.id(), FAR));
    relayAnswers(
        HopCodec.encode(
            new HopMessage.Status(
                100,
                Optional.of(
                    new ReservationGrant(FAR, List.of(), Optional.of(new VoucherBytes(voucher)))),
                Optional.empty())));
    CircuitClient client = client(target);
    assertThatThrownBy(() -> client.reserve(toRelay(target), SOON))
        .isInstanceOf(ProtocolViolation.class);
    assertThat(client.reservations()).isEmpty();
  }

  @Test
  void numbersThatAnotherStackEncodesWronglyAreAnErrorAndNoCrash() {
    // js loses bytes of numbers from 2^31 on: here a number that does not end.
    relayAnswers(
        new ProtoWriter()
            .uint(1, 2)
            .bytes(3, new byte[] {0x08, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80})
            .uint(5, 100)
            .toByteArray());
    assertThatThrownBy(() -> client(target).reserve(toRelay(target), SOON))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining(relay.id().toString());
  }

  @Test
  void nonsenseIsAnsweredWithItsStatusAndAFrameThatIsTooLongWithAReset() {
    hosts.own(
        new CircuitRelay(relay, TestPeers.key(1), RelayPolicy.members(), InstantSource.system()));
    assertThat(ask(new byte[] {1, 2, 3})).isEqualTo(RelayStatus.MALFORMED_MESSAGE.code());
    assertThat(ask(new byte[0])).isEqualTo(RelayStatus.MALFORMED_MESSAGE.code());
    assertThat(ask(HopCodec.encode(HopMessage.Status.of(RelayStatus.OK))))
        .isEqualTo(RelayStatus.UNEXPECTED_MESSAGE.code());
    assertThat(ask(HopCodec.encode(new HopMessage.Connect(target.id()))))
        .isEqualTo(RelayStatus.NO_RESERVATION.code());
    assertThat(ask(HopCodec.encode(new HopMessage.Connect(dialer.id()))))
        .isEqualTo(RelayStatus.PERMISSION_DENIED.code());
    assertThatThrownBy(() -> ask(new byte[Limits.MESSAGE_BYTES_MAX + 1]))
        .isInstanceOf(StreamReset.class);
    assertThat(ask(padded(Limits.MESSAGE_BYTES_MAX)))
        .as("a request of exactly the limit")
        .isEqualTo(RelayStatus.NO_RESERVATION.code());
  }

  private byte[] padded(int length) {
    byte[] request = HopCodec.encode(new HopMessage.Connect(target.id()));
    int padding = length - request.length - 4;
    byte[] out =
        new io.peerup.libp2p.wire.ByteWriter()
            .bytes(request)
            .bytes(new ProtoWriter().bytes(99, new byte[padding]).toByteArray())
            .toByteArray();
    assertThat(out).hasSize(length);
    return out;
  }

  private int ask(byte[] request) {
    try (Stream hop = toRelay(dialer).openStream(List.of(CircuitRelay.HOP), SOON)) {
      hop.deadline(SOON);
      hop.writeFrame(request);
      return ((HopMessage.Status) HopCodec.decode(hop.readFrame(4096))).code();
    }
  }
}
