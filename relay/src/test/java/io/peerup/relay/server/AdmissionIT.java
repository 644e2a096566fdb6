package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.TestHosts;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.relay.group.Joiner;
import io.peerup.relay.group.UniformProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// Who may be at a relay, for how long, and what they may ask.
class AdmissionIT {

  private static final Duration A_SECOND = Duration.ofSeconds(1);

  @TempDir Path directory;

  private TestRelay relay;
  private final List<TestMember> open = new ArrayList<>();

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"));
  }

  @AfterEach
  void stop() {
    open.forEach(TestMember::close);
    relay.close();
  }

  private TestMember device(int number) {
    TestMember device = new TestMember(number);
    open.add(device);
    return device;
  }

  /// True if the relay lets this device in and leaves it alone for a moment.
  private boolean staysConnected(TestMember device) {
    try {
      Connection connection = device.connect(relay);
      await()
          .pollInterval(Duration.ofMillis(50))
          .atMost(SOON)
          .during(Duration.ofMillis(700))
          .until(connection::isOpen);
      return true;
    } catch (OverlayException | org.awaitility.core.ConditionTimeoutException e) {
      return false;
    }
  }

  private boolean isTurnedAway(TestMember device) {
    try {
      Connection connection = device.connect(relay);
      await().atMost(A_SECOND).until(() -> !connection.isOpen());
      return true;
    } catch (OverlayException e) {
      return true;
    }
  }

  @Test
  void strangersAreTurnedAwayUnlessAGroupIsOpen() {
    TestMember stranger = device(1);
    assertThat(isTurnedAway(stranger)).isTrue();
    relay.pair(1);
    assertThat(staysConnected(stranger)).isTrue();
    stranger.disconnect();
    String group = relay.onlyGroup().get("group").getAsString();
    relay.call("DELETE", "/v1/groups/" + group, null);
    assertThat(isTurnedAway(stranger)).isTrue();
  }

  @Test
  void aStrangerThatIsBlockedIsShownOutWithinASecondAndItsCodeIsNotSpent() {
    GroupCode code = relay.pair(1).getFirst();
    TestMember stranger = device(1);
    Connection connection = stranger.connect(code);
    JsonObject body = new JsonObject();
    body.addProperty("peer", stranger.id().toString());
    await().atMost(SOON).until(() -> relay.info().get("visitors").getAsInt() == 1);
    long since = System.nanoTime();
    relay.call("POST", "/v1/trust/block", body);
    await().pollInterval(Duration.ofMillis(5)).atMost(SOON).until(() -> !connection.isOpen());
    assertThat(Duration.ofNanos(System.nanoTime() - since)).isLessThan(Duration.ofSeconds(1));
    assertThatThrownBy(() -> stranger.join(code, "home")).isInstanceOf(OverlayException.class);
    assertThat(relay.members()).isEmpty();
    relay.call("POST", "/v1/trust/unblock", body);
    assertThat(stranger.join(code, "home")).isTrue();
  }

  @Test
  void aStrangerMaySpeakTheProtocolsForStrangersAndNoOtherThatTheRelayServes() {
    GroupCode code = relay.pair(1).getFirst();
    TestMember member = device(2);
    relay.authorize(member.id());
    List<String> served =
        member.host().identify(member.connect(relay), SOON).protocols().stream()
            .filter(protocol -> !TestRelay.FOR_STRANGERS.contains(protocol))
            .toList();
    assertThat(served).contains(CircuitRelay.HOP, "/ipfs/ping/1.0.0", "/ipfs/id/1.0.0");
    TestMember stranger = device(1);
    Connection connection = stranger.connect(code);
    // Whoever has said something has time.
    TestMember.ask(connection, Joiner.wrongSelector(code, 1));
    // What members serve, a relay does not.
    for (String protocol :
        Stream.concat(served.stream(), Stream.of(CircuitRelay.STOP, PairMessages.NOTIFY_PROTOCOL))
            .toList()) {
      assertThatThrownBy(() -> UniformProtocol.ask(connection, protocol, new byte[32], 64, SOON))
          .as(protocol)
          .isInstanceOf(OverlayException.class);
    }
    assertThat(TestMember.ask(connection, Joiner.request(code, stranger.key(), "home"))[1])
        .as("the pairing protocol on the same connection")
        .isEqualTo((byte) 1);
    assertThat(stranger.host().ping(connection, SOON)).isPositive();
  }

  @Test
  void aSilentStrangerIsGoneAfterThreeSeconds() {
    relay.pair(1);
    Connection connection = device(1).connect(relay);
    long start = System.nanoTime();
    await().atMost(Duration.ofSeconds(6)).until(() -> !connection.isOpen());
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
  }

  @Test
  void aStrangerThatOnlyGuessesIsGoneAfterFifteenSeconds() {
    GroupCode code = relay.pair(1).getFirst();
    long start = System.nanoTime();
    Connection connection = device(1).connect(code);
    TestMember.ask(connection, Joiner.wrongSelector(code, 1));
    await().atMost(Duration.ofSeconds(20)).until(() -> !connection.isOpen());
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofSeconds(14), Duration.ofSeconds(16));
  }

  @Test
  void tenStrangersAtATimeAndNotEleven() {
    relay.pair(1);
    List<Connection> connections = new ArrayList<>();
    for (int number = 1; number <= 10; number++) {
      connections.add(device(number).connect(relay));
    }
    // A dialer is done one message before the relay is.
    await().atMost(SOON).until(() -> relay.info().get("visitors").getAsInt() == 10);
    assertThat(isTurnedAway(device(11))).isTrue();
    connections.getFirst().close();
    await().atMost(A_SECOND).until(() -> relay.info().get("visitors").getAsInt() < 10);
    assertThat(device(12).connect(relay).isOpen()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void whoJoinsStaysBeyondTheTimeOfStrangers() {
    GroupCode code = relay.pair(1).getFirst();
    TestMember device = device(1);
    assertThat(device.join(code, "home")).isTrue();
    Connection connection = device.host().connections(relay.id()).getFirst();
    assertThat(relay.info().get("visitors").getAsInt()).isZero();
    await().atMost(SOON).during(Duration.ofSeconds(4)).until(connection::isOpen);
  }

  @Test
  void aRemovedMemberLosesConnectionReservationAndCircuitsWithinASecond() {
    List<GroupCode> codes = relay.pair(2);
    TestMember removed = device(1);
    TestMember other = device(2);
    assertThat(removed.join(codes.get(0), "home")).isTrue();
    assertThat(other.join(codes.get(1), "laptop")).isTrue();
    CircuitClient client =
        CircuitClient.install(
            removed.host(), CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
    CircuitClient.install(
        other.host(), CircuitClient.Offers.FROM_OUR_RELAYS, InstantSource.system());
    Connection toRelay = removed.host().connections(relay.id()).getFirst();
    client.reserve(toRelay, SOON);
    Connection circuit =
        other
            .host()
            .connect(
                relay
                    .address()
                    .plus(io.peerup.libp2p.Multiaddr.parse("/p2p-circuit"))
                    .withPeer(removed.id()),
                PeerExpectation.exactly(removed.id()),
                SOON);
    assertThat(relay.info().getAsJsonArray("circuits")).hasSize(1);

    relay.deauthorize(removed.id());
    await().atMost(A_SECOND).until(() -> !toRelay.isOpen() && !circuit.isOpen());
    JsonObject info = relay.info();
    assertThat(info.get("reservations").getAsInt()).isZero();
    assertThat(info.getAsJsonArray("circuits")).isEmpty();
    assertThat(removed.join(codes.get(0), "home")).as("with its old code").isFalse();
    assertThat(relay.members()).containsExactly(other.id().toString());
  }

  @Test
  void aRemovalThatCannotBeWrittenIsNotHalfDone() throws IOException {
    List<GroupCode> codes = relay.pair(1);
    TestMember device = device(1);
    assertThat(device.join(codes.get(0), "home")).isTrue();
    Path state = directory.resolve("relay/state/groups.json");
    Files.delete(state);
    Files.createDirectory(state);

    assertFailure("file-unsafe", () -> relay.deauthorize(device.id()));

    assertThat(relay.members()).containsExactly(device.id().toString());
    Files.delete(state);
    relay.deauthorize(device.id());
    assertThat(relay.members()).isEmpty();
    assertThat(device.join(codes.get(0), "home")).as("with its old code").isFalse();
  }

  @Test
  void aLineTakenOutByHandCutsWithinASecondAndTheCodeDoesNotBringItBack() throws IOException {
    List<GroupCode> codes = relay.pair(2);
    TestMember removed = device(1);
    TestMember other = device(2);
    assertThat(removed.join(codes.get(0), "home")).isTrue();
    assertThat(other.join(codes.get(1), "laptop")).isTrue();
    Connection toRelay = removed.host().connections(relay.id()).getFirst();
    Path file = relay.home().authorizedKeys();
    List<String> lines = Files.readAllLines(file);
    lines.removeIf(line -> line.contains(removed.id().toString()));
    Files.write(file, lines);
    await().atMost(A_SECOND).until(() -> !toRelay.isOpen());
    assertThat(other.host().connections(relay.id()).getFirst().isOpen()).isTrue();
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(relay.onlyGroup().getAsJsonArray("members")).hasSize(1));
    relay.pair(1);
    assertThat(removed.join(codes.get(0), "home")).isFalse();
  }

  @Test
  void aLineThatIsMistypedCutsButDoesNotForget() throws IOException {
    GroupCode code = relay.pair(1).getFirst();
    TestMember device = device(1);
    assertThat(device.join(code, "home")).isTrue();
    Connection toRelay = device.host().connections(relay.id()).getFirst();
    Path file = relay.home().authorizedKeys();
    String good = Files.readString(file);
    Files.writeString(file, good.replace("group=", "group=\"half a quote "));
    await().atMost(A_SECOND).until(() -> !toRelay.isOpen());
    assertThat(relay.onlyGroup().getAsJsonArray("members")).hasSize(1);
    Files.writeString(file, good);
    await().atMost(SOON).until(() -> !relay.members().isEmpty());
    assertThat(staysConnected(device)).isTrue();
  }

  @Test
  void anAuthorisationThatEndsCutsTheConnection() {
    GroupCode code = relay.pair(1, 5, 5).getFirst();
    TestMember device = device(1);
    assertThat(device.join(code, "home")).isTrue();
    Connection toRelay = device.host().connections(relay.id()).getFirst();
    assertThat(toRelay.isOpen()).isTrue();
    await().atMost(SOON).until(() -> !toRelay.isOpen());
    assertThat(isTurnedAway(device)).isTrue();
  }

  @Test
  void whoIsAuthorisedByHandNeedsNoGroup() {
    TestMember device = device(1);
    relay.authorize(device.id());
    assertThat(staysConnected(device)).isTrue();
    JsonObject member =
        relay.call("GET", "/v1/members", null).getAsJsonArray("members").get(0).getAsJsonObject();
    assertThat(member.get("peerId").getAsString()).isEqualTo(device.id().toString());
    assertThat(member.get("connected").getAsBoolean()).isTrue();
    assertThat(member.get("reserved").getAsBoolean()).isFalse();
  }

  @Test
  void theRelayDialsNobody() {
    try (TestHosts hosts = new TestHosts()) {
      var stranger = hosts.host(30);
      relay.authorize(stranger.id());
      TestMember device = device(1);
      relay.authorize(device.id());
      device.connect(relay);
      assertThatThrownBy(() ->
              relay
                  .server()
                  .host()
                  .connect(
                      TestHosts.addressOf(stranger), PeerExpectation.exactly(stranger.id()), SOON))
          .isInstanceOf(OverlayException.class);
      assertThat(stranger.connections()).isEmpty();
    }
  }

  @Test
  void aPortInUseIsNamedAndNothingStaysBehind() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      io.peerup.control.Home home = io.peerup.control.Home.of(directory.resolve("second"));
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> RelayServer.start(home, TestRelay.config(taken.getLocalPort())))
            .isInstanceOfSatisfying(
                Failure.class,
                failure -> {
                  assertThat(failure.code()).isEqualTo("address-in-use");
                  assertThat(failure.message())
                      .contains("/ip4/127.0.0.1/tcp/" + taken.getLocalPort());
                  assertThat(failure.hint()).isNotEmpty();
                });
      }
    }
  }

  @Test
  void oneHomeRunsOnce() {
    assertThatThrownBy(() -> RelayServer.start(relay.home(), TestRelay.config(0)))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo("home-in-use"));
    assertThat(relay.info().get("peerId").getAsString()).isEqualTo(relay.id().toString());
  }

  @Test
  void wrongRequestsAreRefusedWithAReason() {
    assertFailure("no-such-group", () -> relay.call("DELETE", "/v1/groups/00000000", null));
    assertFailure("no-such-peer", () -> relay.deauthorize(TestPeers.peer(77)));
    assertFailure("bad-request", () -> relay.call("DELETE", "/v1/members/nonsense", null));
    assertFailure("bad-request", () -> relay.pair(1, 0, 0));
    assertFailure("bad-request", () -> relay.pair(1, 31L * 24 * 3600, 0));
    assertFailure("bad-request", () -> relay.pair(1, 60, Limits.EXPIRES_SECONDS_MAX + 1));
    JsonObject body = new JsonObject();
    body.addProperty("selector", "zz");
    assertFailure("bad-request", () -> relay.call("POST", "/v1/groups", body));
    assertThat(relay.call("GET", "/v1/groups", null).getAsJsonArray("groups")).isEmpty();
  }

  private static void assertFailure(String code, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(code));
  }

  @Test
  void aRequestToShutDownIsAnsweredAndObeyed() throws InterruptedException {
    JsonObject answer = relay.call("POST", "/v1/shutdown", null);
    assertThat(answer.get("stopping").getAsBoolean()).isTrue();
    relay.server().awaitClose();
    assertFailure("not-running", () -> relay.info());
    relay.restart();
    assertThat(relay.info().get("peerId").getAsString()).isEqualTo(relay.id().toString());
  }
}
