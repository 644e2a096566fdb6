package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.rendezvous.Limits;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousMessages.Close;
import io.peerup.pairing.rendezvous.RendezvousMessages.Find;
import io.peerup.pairing.rendezvous.RendezvousMessages.Open;
import io.peerup.pairing.rendezvous.RendezvousMessages.Vouch;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitClient.Offers;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.group.UniformProtocol;
import io.peerup.relay.rendezvous.RendezvousClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Strangers find members by codes, reach them through the relay, and are let in by their word.
class RendezvousIT {

  private static final String ECHO = "/peerup/test-echo/1";
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Selector CODE = Selector.ofText(Selector.TYPED, "EJWJ7KQ");
  private static final Multiaddr CIRCUIT = Multiaddr.parse("/p2p-circuit");

  @TempDir Path directory;

  private final MovedClock clock = new MovedClock();
  private final List<TestMember> open = new ArrayList<>();
  private final List<CircuitClient> clients = new ArrayList<>();
  private TestRelay relay;
  private TestMember home;

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"), clock);
    home = member(1);
  }

  @AfterEach
  void stop() {
    open.forEach(TestMember::close);
    relay.close();
  }

  private TestMember device(int number) {
    TestMember device = new TestMember(number);
    open.add(device);
    CircuitClient client = CircuitClient.install(device.host(), Offers.FROM_OUR_RELAYS, clock);
    device.host().handle(ECHO, RendezvousIT::echo);
    clients.add(client);
    return device;
  }

  /// A member with a reservation.
  private TestMember member(int number) {
    TestMember member = device(number);
    relay.authorize(member.id());
    clients.getLast().reserve(member.connect(relay), SOON);
    return member;
  }

  private static void echo(Stream stream) {
    stream.deadline(SOON);
    stream.writeFrame(stream.readFrame(1 << 20));
  }

  private static String echo(Connection connection, String text) {
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(text.getBytes(UTF_8));
      return new String(stream.readFrame(1 << 20), UTF_8);
    }
  }

  private RendezvousClient client(TestMember device) {
    List<Connection> known = device.host().connections(relay.id());
    return new RendezvousClient(known.isEmpty() ? device.connect(relay) : known.getFirst(), SOON);
  }

  private void waitsForCode() {
    assertThat(client(home).open(Optional.of(CODE), TTL)).isPresent();
  }

  private Connection circuit(TestMember from, PeerId to) {
    return from.host()
        .connect(relay.address().plus(CIRCUIT).withPeer(to), PeerExpectation.exactly(to), SOON);
  }

  private Connection toRelay(TestMember device) {
    return device.host().connections(relay.id()).getFirst();
  }

  /// Either the gater resets the request, or the relay says why.
  private void isDenied(TestMember from, PeerId to) {
    assertThatThrownBy(() -> circuit(from, to))
        .isInstanceOf(OverlayException.class)
        .isNotInstanceOf(DeadlineExceeded.class)
        .satisfies(e -> {
          if (e instanceof Refused refused && refused.status() != 0) {
            assertThat(refused.status()).isEqualTo(RelayStatus.PERMISSION_DENIED.code());
          }
        });
  }

  private boolean isTurnedAway(TestMember device) {
    try {
      Connection connection = device.connect(relay);
      await().atMost(Duration.ofSeconds(1)).until(() -> !connection.isOpen());
      return true;
    } catch (OverlayException e) {
      return true;
    }
  }

  @Test
  void whoKnowsTheCodeSpeaksWithTheMemberThroughALimitedCircuit() {
    waitsForCode();
    TestMember stranger = device(2);
    assertThat(client(stranger).find(CODE)).contains(home.id());
    Connection circuit = circuit(stranger, home.id());
    assertThat(circuit.limited()).isTrue();
    assertThat(echo(circuit, "hello")).isEqualTo("hello");
    Connection atHome = home.host().connections(stranger.id()).getFirst();
    assertThat(atHome.limited()).isTrue();
    assertThat(atHome.relay()).contains(relay.id());
  }

  @Test
  void aStrangersCircuitIsCutAt128Kib() {
    waitsForCode();
    TestMember stranger = device(2);
    client(stranger).find(CODE);
    Connection circuit = circuit(stranger, home.id());
    assertThat(echo(circuit, "x".repeat(100_000))).hasSize(100_000);
    assertThatThrownBy(() -> echo(circuit, "x".repeat(100_000)))
        .isInstanceOf(OverlayException.class);
    await().atMost(SOON).until(() -> !circuit.isOpen());
  }

  @Test
  void withoutATicketAStrangerHasNoCircuitAndWithOneNoReservation() {
    waitsForCode();
    TestMember stranger = device(2);
    stranger.connect(relay);
    isDenied(stranger, home.id());
    client(stranger).find(CODE);
    assertThatThrownBy(() -> clients.getLast().reserve(toRelay(stranger), SOON))
        .isInstanceOfSatisfying(
            Refused.class,
            e -> assertThat(e.status()).isEqualTo(RelayStatus.PERMISSION_DENIED.code()));
    assertThat(echo(circuit(stranger, home.id()), "hello")).isEqualTo("hello");
  }

  @Test
  void aTicketOpensOneCircuitToOneMember() {
    TestMember other = member(3);
    waitsForCode();
    TestMember stranger = device(2);
    RendezvousClient client = client(stranger);
    client.find(CODE);
    isDenied(stranger, other.id());
    Connection first = circuit(stranger, home.id());
    isDenied(stranger, home.id());
    assertThat(client.find(CODE)).as("a second ticket").contains(home.id());
    isDenied(stranger, home.id());
    assertThat(echo(first, "still here")).isEqualTo("still here");
    first.close();
    await().atMost(SOON).until(() -> relay.info().getAsJsonArray("circuits").isEmpty());
    assertThat(echo(circuit(stranger, home.id()), "again")).isEqualTo("again");
  }

  @Test
  void aTicketIsOverAfterThirtySeconds() {
    waitsForCode();
    TestMember stranger = device(2);
    client(stranger).find(CODE);
    clock.advance(Limits.TICKET_TIME);
    await().atMost(SOON).until(() -> !toRelayIsOpen(stranger));
    stranger.connect(relay);
    isDenied(stranger, home.id());
    assertThat(client(stranger).find(CODE)).contains(home.id());
    assertThat(echo(circuit(stranger, home.id()), "hello")).isEqualTo("hello");
  }

  @Test
  void aVisitLastsAsLongAsTheCircuitAndAMinuteMoreAtMost() {
    waitsForCode();
    TestMember stranger = device(2);
    client(stranger).find(CODE);
    Connection circuit = circuit(stranger, home.id());
    clock.advance(Duration.ofSeconds(50));
    await().atMost(SOON).during(Duration.ofSeconds(1)).until(circuit::isOpen);
    assertThat(echo(circuit, "hello")).isEqualTo("hello");
    clock.advance(Duration.ofSeconds(25));
    await().atMost(SOON).until(() -> !circuit.isOpen() && !toRelayIsOpen(stranger));
  }

  @Test
  void aVisitEndsAMomentAfterItsCircuit() {
    waitsForCode();
    TestMember stranger = device(2);
    client(stranger).find(CODE);
    Connection circuit = circuit(stranger, home.id());
    clock.advance(Duration.ofSeconds(20));
    circuit.close();
    await().atMost(SOON).until(() -> relay.info().getAsJsonArray("circuits").isEmpty());
    clock.advance(Duration.ofSeconds(3));
    await().atMost(SOON).until(() -> !toRelayIsOpen(stranger));
  }

  private boolean toRelayIsOpen(TestMember device) {
    return device.host().connections(relay.id()).stream().anyMatch(Connection::isOpen);
  }

  @Test
  void strangersAreLetInWhileAnInviteIsOpen() {
    TestMember stranger = device(2);
    assertThat(isTurnedAway(stranger)).isTrue();
    waitsForCode();
    assertThat(client(stranger).find(CODE)).isPresent();
    stranger.disconnect();
    assertThat(client(home).close(CODE)).isTrue();
    assertThat(isTurnedAway(stranger)).as("closed").isTrue();
    waitsForCode();
    assertThat(client(stranger).find(CODE)).isPresent();
    stranger.disconnect();
    clock.advance(TTL);
    assertThat(isTurnedAway(stranger)).as("over").isTrue();
  }

  @Test
  void aStrangerMaySpeakTheThreeProtocolsAndNoOtherThatTheRelayServes() {
    waitsForCode();
    List<String> served = home.host().identify(toRelay(home), SOON).protocols();
    assertThat(served).containsAll(TestRelay.FOR_STRANGERS).contains(CircuitRelay.HOP);
    Connection connection = device(2).connect(relay);
    for (String protocol :
        List.of(CircuitRelay.STOP, PairMessages.NOTIFY_PROTOCOL, MailboxMessages.NOTICE_PROTOCOL)) {
      assertThat(served).as("what members serve").doesNotContain(protocol);
      isRefused(connection, protocol);
    }
    for (String protocol : served) {
      if (TestRelay.FOR_STRANGERS.contains(protocol)) {
        assertThat(UniformProtocol.ask(connection, protocol, new byte[] {7}, 64, SOON))
            .as(protocol)
            .startsWith(1, 0);
      } else {
        isRefused(connection, protocol);
      }
    }
  }

  private static void isRefused(Connection connection, String protocol) {
    assertThatThrownBy(() -> UniformProtocol.ask(connection, protocol, new byte[32], 64, SOON))
        .as(protocol)
        .isInstanceOf(OverlayException.class);
  }

  @Test
  void everyRefusalHasTheSameBytes() {
    waitsForCode();
    TestMember other = member(3);
    Connection stranger = device(2).connect(relay);
    Connection member = toRelay(other);
    Selector unknown = Selector.ofText(Selector.TYPED, "AAAAAAA");
    List<byte[]> answers = new ArrayList<>();
    for (RendezvousMessages.Request request :
        List.of(
            new Find(unknown),
            new Open(Optional.of(unknown), TTL),
            new Close(CODE),
            new Vouch(home.id()))) {
      answers.add(ask(stranger, RendezvousMessages.encode(request)));
    }
    for (RendezvousMessages.Request request :
        List.of(
            new Open(Optional.of(CODE), TTL),
            new Open(Optional.of(unknown), Limits.TTL_MAX.plusSeconds(1)),
            new Close(CODE),
            new Close(unknown),
            new Find(unknown))) {
      answers.add(ask(member, RendezvousMessages.encode(request)));
    }
    answers.add(ask(toRelay(home), RendezvousMessages.encode(new Find(CODE))));
    answers.add(ask(stranger, new byte[0]));
    answers.add(ask(stranger, new byte[] {1, 9}));
    assertThat(answers).allSatisfy(a -> assertThat(a).isEqualTo(RendezvousMessages.failed()));
  }

  private static byte[] ask(Connection connection, byte[] request) {
    return UniformProtocol.ask(
        connection, RendezvousMessages.PROTOCOL, request, Limits.FRAME_BYTES_MAX, SOON);
  }

  @Test
  void tenLookupsAMinuteFromOneAddressAndNotEleven() {
    waitsForCode();
    RendezvousClient client = client(device(2));
    for (int i = 0; i < Limits.FINDS_PER_SOURCE_MAX; i++) {
      assertThat(client.find(Selector.ofText(Selector.SPOKEN, "" + (2000 + i)))).isEmpty();
    }
    assertThat(client.find(CODE)).as("the eleventh").isEmpty();
    clock.advance(Limits.FINDS_WINDOW);
    assertThat(client(device(3)).find(CODE)).contains(home.id());
  }

  @Test
  void aNameplateIsAllottedAndItsLookupsAreCounted() {
    RendezvousMessages.Opened opened = client(home).open(Optional.empty(), TTL).orElseThrow();
    assertThat(opened.selector().kind()).isEqualTo(Selector.SPOKEN);
    TestMember stranger = device(2);
    RendezvousClient client = client(stranger);
    assertThat(client.find(opened.selector())).contains(home.id());
    assertThat(client(member(3)).find(opened.selector())).as("one at a time").isEmpty();
  }

  @Test
  void whoIsRemovedWaitsNoMore() {
    waitsForCode();
    relay.deauthorize(home.id());
    assertThat(isTurnedAway(device(2))).isTrue();
  }

  @Test
  void whoeverAMemberVouchesForIsAMemberOnTheSameConnection() throws IOException {
    waitsForCode();
    TestMember stranger = device(2);
    CircuitClient circuits = clients.getLast();
    Connection connection = stranger.connect(relay);
    assertThat(client(stranger).vouch(stranger.id())).as("for itself").isFalse();
    assertThat(client(home).vouch(stranger.id())).isTrue();
    assertThat(client(home).vouch(stranger.id())).as("again").isTrue();
    assertThat(circuits.reserve(connection, SOON).relay()).isEqualTo(relay.id());
    clock.advance(Duration.ofMinutes(2));
    await().atMost(SOON).during(Duration.ofSeconds(1)).until(connection::isOpen);
    assertThat(relay.info().get("visitors").getAsInt()).isZero();
    assertThat(Files.readString(relay.home().authorizedKeys()))
        .contains(stranger.id() + " tier=invite by=" + home.id());
    List<String> audit = Files.readAllLines(relay.home().log().resolveSibling("audit.log"), UTF_8);
    assertThat(audit.stream().filter(line -> line.contains(" vouch ")))
        .singleElement()
        .asString()
        .endsWith(" vouch peer=" + stranger.id() + " by=" + home.id() + " outcome=admitted");
    relay.deauthorize(home.id());
    relay.restart();
    stranger.disconnect();
    Connection later = stranger.connect(relay);
    await().atMost(SOON).during(Duration.ofSeconds(1)).until(later::isOpen);
  }
}
