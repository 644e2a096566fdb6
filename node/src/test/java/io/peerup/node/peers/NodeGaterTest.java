package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.node.TestTrust;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.Sas;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The whole table: who, in which direction, with which protocol.
class NodeGaterTest {

  private static final Multiaddr SOMEWHERE = Multiaddr.parse("/ip4/203.0.113.9/tcp/4001");
  private static final PeerId FRIEND = Ids.peer(2);
  private static final PeerId EXPIRED = Ids.peer(3);
  private static final PeerId RELAY = Ids.peer(4);
  private static final PeerId JOINING = Ids.peer(5);
  private static final PeerId FRIENDLY_RELAY = Ids.peer(6);
  private static final PeerId STRANGER = Ids.peer(7);
  private static final PeerId BLOCKED = Ids.peer(8);
  private static final PeerId BLOCKED_RELAY = Ids.peer(9);
  private static final PeerId BLOCKED_JOINING = Ids.peer(10);

  private static final PeerId HELD = Ids.peer(11);

  private static final String SERVICE = "/peerup/service/1";
  private static final String NOTIFY = "/peerup/peer-notify/1";
  private static final String STOP = "/libp2p/circuit/relay/0.2.0/stop";
  private static final String HOP = "/libp2p/circuit/relay/0.2.0/hop";
  private static final String PAIR = "/peerup/relay-pair/1";
  private static final String PING = "/ipfs/ping/1.0.0";
  private static final String IDENTIFY = "/ipfs/id/1.0.0";
  private static final String PUSH = "/ipfs/id/push/1.0.0";
  private static final String MAIL = "/peerup/mailbox/1";
  private static final String WORD_OF_MAIL = "/peerup/mailbox-notice/1";
  private static final String PERF = "/perf/1.0.0";
  private static final List<String> PROTOCOLS =
      List.of(
          SERVICE,
          NOTIFY,
          STOP,
          HOP,
          PAIR,
          PING,
          IDENTIFY,
          PUSH,
          MAIL,
          WORD_OF_MAIL,
          PERF,
          "/unheard/of/1",
          "");

  private final VirtualClock clock = new VirtualClock();
  private final Authorizer authorizer =
      new Authorizer(
          () ->
              AuthorizedKeys.parse(
                  "%s\n%s expires=%s\n%s\n%s\n%s\n%s tier=held\n"
                      .formatted(
                          FRIEND,
                          EXPIRED,
                          VirtualClock.START.plus(Duration.ofHours(1)),
                          FRIENDLY_RELAY,
                          BLOCKED,
                          BLOCKED_RELAY,
                          HELD)),
          () ->
              BlockedPeers.parse(
                  "%s\n%s\n%s\n"
                      .formatted(BLOCKED, BLOCKED_RELAY, BLOCKED_JOINING)
                      .getBytes(StandardCharsets.UTF_8)));
  private final PairingGuests guests = new PairingGuests(clock);
  private final HybridPeers pins = TestTrust.noPins();
  private final NodeGater gater =
      new NodeGater(
          authorizer, clock, Set.of(RELAY, FRIENDLY_RELAY, BLOCKED_RELAY)::contains, guests, pins);

  NodeGaterTest() {
    clock.advance(Duration.ofHours(1));
    gater.startJoining(JOINING);
    gater.startJoining(BLOCKED_JOINING);
  }

  private static PeerId who(String name) {
    return switch (name) {
      case "friend" -> FRIEND;
      case "expired" -> EXPIRED;
      case "relay" -> RELAY;
      case "joining" -> JOINING;
      case "friendlyRelay" -> FRIENDLY_RELAY;
      case "stranger" -> STRANGER;
      case "blocked" -> BLOCKED;
      case "blockedRelay" -> BLOCKED_RELAY;
      case "blockedJoining" -> BLOCKED_JOINING;
      default -> throw new IllegalArgumentException(name);
    };
  }

  @Test
  void withWhoIsHeldCodesAreComparedAndNothingElse() {
    assertThat(gater.allowDial(HELD, SOMEWHERE)).isTrue();
    assertThat(gater.allowSecured(Direction.INBOUND, HELD, SOMEWHERE)).isTrue();
    Connection connection = new TestConnection(HELD).connection();
    for (Direction direction : Direction.values()) {
      assertThat(gater.allowStream(direction, connection, Sas.PROTOCOL)).isTrue();
      assertThat(gater.allowStream(direction, connection, PairingProtocol.ID)).isFalse();
      for (String protocol : PROTOCOLS) {
        assertThat(gater.allowStream(direction, connection, protocol))
            .as("%s %s", direction, protocol)
            .isEqualTo(List.of(PING, IDENTIFY, PUSH).contains(protocol));
      }
    }
  }

  @Test
  void aGuestMayPairAndNothingElse() {
    Multiaddr circuit =
        SOMEWHERE.withoutPeer().withPeer(RELAY).plus(Multiaddr.parse("/p2p-circuit"));
    guests.welcomeWhile(() -> true);
    for (PeerId peer : List.of(STRANGER, BLOCKED)) {
      boolean welcome = peer.equals(STRANGER);
      assertThat(gater.allowSecured(Direction.INBOUND, peer, circuit)).isEqualTo(welcome);
      assertThat(gater.mayStay(peer)).isEqualTo(welcome);
      assertThat(gater.allowDial(peer, SOMEWHERE)).isFalse();
      Connection connection = new TestConnection(peer).connection();
      assertThat(gater.allowStream(Direction.INBOUND, connection, PairingProtocol.ID))
          .isEqualTo(welcome);
      assertThat(gater.allowStream(Direction.OUTBOUND, connection, PairingProtocol.ID)).isFalse();
      for (String protocol : PROTOCOLS) {
        assertThat(gater.allowStream(Direction.INBOUND, connection, protocol)).isFalse();
        assertThat(gater.allowStream(Direction.OUTBOUND, connection, protocol)).isFalse();
      }
    }
  }

  @Test
  void theOneWhoseCodeWeHaveIsDialledForPairingOnly() {
    guests.startVisit(STRANGER);
    guests.startVisit(BLOCKED);
    assertThat(gater.allowDial(BLOCKED, SOMEWHERE)).isFalse();
    assertThat(gater.allowDial(STRANGER, SOMEWHERE)).isTrue();
    assertThat(gater.allowSecured(Direction.INBOUND, STRANGER, SOMEWHERE)).isFalse();
    Connection connection = new TestConnection(STRANGER).connection();
    assertThat(gater.allowStream(Direction.OUTBOUND, connection, PairingProtocol.ID)).isTrue();
    assertThat(gater.allowStream(Direction.INBOUND, connection, PairingProtocol.ID)).isFalse();
    assertThat(gater.allowStream(Direction.OUTBOUND, connection, IDENTIFY)).isFalse();
    guests.endVisit(STRANGER);
    assertThat(gater.allowDial(STRANGER, SOMEWHERE)).isFalse();
  }

  @Test
  void theRelayOfALinkIsAskedAboutMailWhileWeVisitAndNothingElse() {
    Connection connection = new TestConnection(STRANGER).connection();
    assertThat(gater.allowStream(Direction.OUTBOUND, connection, MAIL)).isFalse();
    guests.startVisit(STRANGER);
    guests.startVisit(BLOCKED);
    assertThat(gater.mayStay(STRANGER)).isTrue();
    for (String protocol : PROTOCOLS) {
      assertThat(gater.allowStream(Direction.INBOUND, connection, protocol)).isFalse();
      assertThat(gater.allowStream(Direction.OUTBOUND, connection, protocol))
          .as(protocol)
          .isEqualTo(protocol.equals(MAIL));
    }
    Connection blocked = new TestConnection(BLOCKED).connection();
    assertThat(gater.allowStream(Direction.OUTBOUND, blocked, MAIL)).isFalse();
    guests.endVisit(STRANGER);
    assertThat(gater.mayStay(STRANGER)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // who, may be dialled, may connect to us, may stay
    "friend,        true,  true,  true",
    "friendlyRelay, true,  true,  true",
    "relay,         true,  false, true",
    "joining,       true,  false, true",
    "expired,       false, false, false",
    "stranger,      false, false, false",
    "blocked,       false, false, false",
    "blockedRelay,  false, false, false",
    "blockedJoining, false, false, false",
  })
  void connections(String name, boolean dial, boolean accept, boolean stay) {
    PeerId peer = who(name);
    assertThat(gater.allowDial(peer, SOMEWHERE)).isEqualTo(dial);
    assertThat(gater.allowSecured(Direction.OUTBOUND, peer, SOMEWHERE)).isEqualTo(dial);
    assertThat(gater.allowSecured(Direction.INBOUND, peer, SOMEWHERE)).isEqualTo(accept);
    assertThat(gater.mayStay(peer)).isEqualTo(stay);
  }

  @ParameterizedTest
  @CsvSource({
    "friend,        *, *",
    "friendlyRelay, *, *",
    "relay,         STOP NOTIFY WORD_OF_MAIL PING IDENTIFY PUSH, HOP PAIR MAIL PING IDENTIFY PUSH",
    "joining,       STOP NOTIFY WORD_OF_MAIL PING IDENTIFY PUSH, HOP PAIR MAIL PING IDENTIFY PUSH",
    "expired,       '', ''",
    "stranger,      '', ''",
    "blocked,       '', ''",
    "blockedRelay,  '', ''",
    "blockedJoining, '', ''",
  })
  void streams(String name, String fromThem, String fromUs) {
    Connection connection = new TestConnection(who(name)).connection();
    for (String protocol : PROTOCOLS) {
      assertThat(gater.allowStream(Direction.INBOUND, connection, protocol))
          .as("%s opens %s", name, protocol)
          .isEqualTo(listed(fromThem, protocol));
      assertThat(gater.allowStream(Direction.OUTBOUND, connection, protocol))
          .as("we open %s to %s", protocol, name)
          .isEqualTo(listed(fromUs, protocol));
    }
  }

  private static boolean listed(String names, String protocol) {
    if (names.equals("*")) {
      return true;
    }
    return List.of(names.split(" ")).stream()
        .map(name ->
            switch (name) {
              case "STOP" -> STOP;
              case "NOTIFY" -> NOTIFY;
              case "PING" -> PING;
              case "IDENTIFY" -> IDENTIFY;
              case "PUSH" -> PUSH;
              case "HOP" -> HOP;
              case "PAIR" -> PAIR;
              case "MAIL" -> MAIL;
              case "WORD_OF_MAIL" -> WORD_OF_MAIL;
              default -> "nothing is called so";
            })
        .anyMatch(protocol::equals);
  }

  @Test
  void theRelayOfACodeIsAStrangerBeforeAndAfterThePairing() {
    assertThat(gater.mayStay(JOINING)).isTrue();
    gater.endJoining(JOINING);
    assertThat(gater.mayStay(JOINING)).isFalse();
    assertThat(gater.allowDial(JOINING, SOMEWHERE)).isFalse();
    Connection connection = new TestConnection(JOINING).connection();
    assertThat(gater.allowStream(Direction.OUTBOUND, connection, PAIR)).isFalse();
  }

  @Test
  void anAuthorisationCountsUntilItsEndAndNotAtIt() {
    VirtualClock early = new VirtualClock();
    NodeGater then = new NodeGater(authorizer, early, _ -> false, new PairingGuests(early), pins);
    early.advance(Duration.ofHours(1).minusNanos(1));
    assertThat(then.mayStay(EXPIRED)).isTrue();
    early.advance(Duration.ofNanos(1));
    assertThat(then.mayStay(EXPIRED)).isFalse();
  }
}
