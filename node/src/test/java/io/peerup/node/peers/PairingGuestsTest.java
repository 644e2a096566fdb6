package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.testkit.VirtualClock;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairingGuestsTest {

  private static final Multiaddr CIRCUIT =
      Multiaddr.parse("/ip4/45.33.1.1/tcp/7777")
          .withPeer(Ids.peer(99))
          .plus(Multiaddr.parse("/p2p-circuit"));

  private final VirtualClock clock = new VirtualClock();
  private final PairingGuests guests = new PairingGuests(clock);

  @Test
  void nobodyIsWelcomeWithoutAnOpenInvite() {
    assertThat(guests.arrive(Ids.peer(1), CIRCUIT)).isFalse();
    guests.welcomeWhile(() -> true);
    assertThat(guests.arrive(Ids.peer(1), CIRCUIT)).isTrue();
    assertThat(guests.contains(Ids.peer(1))).isTrue();
    guests.leave(Ids.peer(1));
    assertThat(guests.contains(Ids.peer(1))).isFalse();
  }

  @Test
  void strangersComeThroughARelayOrNotAtAll() {
    guests.welcomeWhile(() -> true);
    assertThat(guests.arrive(Ids.peer(1), Multiaddr.parse("/ip4/45.33.1.9/tcp/1"))).isFalse();
  }

  @Test
  void soManyStrangersAndNotOneMore() {
    guests.welcomeWhile(() -> true);
    List<PeerId> all = IntStream.rangeClosed(1, Limits.GUESTS_MAX).mapToObj(Ids::peer).toList();
    all.forEach(each -> assertThat(guests.arrive(each, CIRCUIT)).isTrue());
    PeerId late = Ids.peer(Limits.GUESTS_MAX + 1);
    assertThat(guests.arrive(late, CIRCUIT)).isFalse();
    assertThat(guests.arrive(all.getFirst(), CIRCUIT))
        .as("one who is here may come again")
        .isTrue();
    guests.leave(all.getFirst());
    assertThat(guests.arrive(late, CIRCUIT)).isTrue();
  }

  @Test
  void aStrangersTimeEnds() {
    guests.welcomeWhile(() -> true);
    guests.arrive(Ids.peer(1), CIRCUIT);
    clock.advance(Limits.GUEST_STAY.minusMillis(1));
    guests.arrive(Ids.peer(1), CIRCUIT);
    assertThat(guests.contains(Ids.peer(1))).isTrue();
    clock.advance(java.time.Duration.ofMillis(1));
    assertThat(guests.contains(Ids.peer(1))).as("coming again gives no more time").isFalse();
  }

  @Test
  void aVisitIsForThePeerWeWantAndEnds() {
    guests.startVisit(Ids.peer(5));
    assertThat(guests.visits(Ids.peer(5))).isTrue();
    assertThat(guests.visits(Ids.peer(6))).isFalse();
    guests.startVisit(Ids.peer(5));
    guests.endVisit(Ids.peer(5));
    assertThat(guests.visits(Ids.peer(5))).as("there for two reasons, one is over").isTrue();
    guests.endVisit(Ids.peer(5));
    assertThat(guests.visits(Ids.peer(5))).isFalse();
    guests.endVisit(Ids.peer(5));
    guests.startVisit(Ids.peer(5));
    assertThat(guests.visits(Ids.peer(5))).isTrue();
  }

  private static Multiaddr near(int host) {
    return Multiaddr.parse("/ip4/192.168.1." + host + "/tcp/40000");
  }

  private void welcomeNeighbours() {
    guests.welcomeWhile(() -> true);
    guests.welcomeFrom(remote -> remote.toString().startsWith("/ip4/192.168.1."));
  }

  @Test
  void neighboursComeDirectlyWhileAnInviteIsOpenAndNobodyElseDoes() {
    guests.welcomeFrom(_ -> true);
    assertThat(guests.arrive(Ids.peer(1), near(7))).as("no invite is open").isFalse();
    welcomeNeighbours();
    assertThat(guests.arrive(Ids.peer(1), near(7))).isTrue();
    assertThat(guests.arrive(Ids.peer(2), Multiaddr.parse("/ip4/45.33.1.9/tcp/1"))).isFalse();
    assertThat(guests.arrive(Ids.peer(1), Multiaddr.parse("/ip4/45.33.1.9/tcp/1")))
        .as("who is here comes back from elsewhere")
        .isFalse();
  }

  @Test
  void oneNeighbourIsTwoGuestsAtATimeAndNotThree() {
    welcomeNeighbours();
    assertThat(guests.arrive(Ids.peer(1), near(7))).isTrue();
    assertThat(guests.arrive(Ids.peer(2), near(7))).isTrue();
    assertThat(guests.arrive(Ids.peer(3), near(7))).isFalse();
    assertThat(guests.arrive(Ids.peer(3), near(8))).isTrue();
    guests.leave(Ids.peer(1));
    assertThat(guests.arrive(Ids.peer(4), near(7))).isTrue();
    clock.advance(Limits.GUEST_STAY);
    assertThat(guests.arrive(Ids.peer(5), near(7))).as("time is over").isTrue();
  }

  @Test
  void neighboursLeaveRoomForWhoComesThroughARelay() {
    welcomeNeighbours();
    for (int i = 1; i <= Limits.DIRECT_GUESTS_MAX; i++) {
      assertThat(guests.arrive(Ids.peer(i), near(i))).isTrue();
    }
    assertThat(guests.arrive(Ids.peer(90), near(90))).isFalse();
    for (int i = Limits.DIRECT_GUESTS_MAX + 1; i <= Limits.GUESTS_MAX; i++) {
      assertThat(guests.arrive(Ids.peer(i), CIRCUIT)).isTrue();
    }
    assertThat(guests.arrive(Ids.peer(91), CIRCUIT)).isFalse();
  }
}
