package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.testkit.SeededRandom;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What pairing remembers, filled to its bounds and one beyond.
class LimitsTest {

  private static PrivateKey key(int number) {
    return PrivateKey.ofEd25519Seed(ByteBuffer.allocate(32).putInt(number).array());
  }

  private static PeerId peer(int number) {
    return PeerId.of(key(number).publicKey());
  }

  @Test
  void relayRemembers1024GroupsAndNotOneMore() {
    World world = new World(1, SeededRandom.of(LimitsTest.class));
    World.Device device = world.device(1, "home");
    List<GroupCode> codes = world.codes;
    for (int i = 1; ; i++) {
      assertThat(world.join(device, codes.getFirst())).isInstanceOf(GroupJoin.Result.Joined.class);
      // Its codes end, its member stays, so it is remembered.
      world.table.revoke(codes.getFirst().groupId());
      if (i == Limits.GROUPS_MAX) {
        break;
      }
      codes = world.newGroup(1, Optional.empty());
    }
    assertThatThrownBy(() -> world.newGroup(1, Optional.empty()))
        .isInstanceOf(LimitReached.class)
        .hasMessageContaining("1024");
    world.table.removeMember(device.peer);
    world.clock.advance(Duration.ofHours(1));
    assertThat(world.newGroup(1, Optional.empty())).hasSize(1);
  }

  @Test
  void memberRemembers1024RemovedPeersAndThenTakesNoNewOnes() {
    World world = new World(1, SeededRandom.of(LimitsTest.class));
    World.Device device = world.device(1, "home");
    world.join(device, world.codes.getFirst());
    GroupMembership membership = device.membership();
    for (int number = 1; number <= Limits.REMOVED_MAX; number++) {
      assertThat(membership.remove(peer(1000 + number))).isTrue();
    }
    assertThat(membership.remove(peer(1000))).as("one more").isFalse();
    assertThat(membership.removed()).hasSize(Limits.REMOVED_MAX);
    byte[] late =
        Intro.create(world.codes.getFirst().secrets().groupKey(), key(7), "late", world.random)
            .encoded();
    assertThat(membership.accept(late))
        .as("a peer that could not be removed for good is not let in")
        .isInstanceOf(IntroResult.Rejected.class);
  }

  @Test
  void joinerRemembers256CodesAndThenWaits() {
    AttemptLimit limit = new AttemptLimit();
    World world = new World(1, SeededRandom.of(LimitsTest.class));
    for (int number = 0; number < Limits.ATTEMPT_KEYS_MAX; number++) {
      limit.count(AttemptLimit.keyOf(peer(number)), world.clock.instant());
    }
    byte[] next = AttemptLimit.keyOf(peer(5000));
    assertThatThrownBy(() -> limit.count(next, world.clock.instant()))
        .isInstanceOf(LimitReached.class);
    limit.count(AttemptLimit.keyOf(peer(0)), world.clock.instant());
    world.clock.advance(Limits.ATTEMPT_WINDOW);
    limit.count(next, world.clock.instant());
  }

  @Test
  void cardHas16AddressesAnd512BytesOfCapabilityAndNotMore() {
    Multiaddr address = Multiaddr.parse("/ip4/192.0.2.1/tcp/4001");
    List<Multiaddr> sixteen = Collections.nCopies(Limits.CARD_ADDRESSES_MAX, address);
    List<Multiaddr> seventeen = Collections.nCopies(Limits.CARD_ADDRESSES_MAX + 1, address);
    byte[] capability = new byte[Limits.CAPABILITY_BYTES_MAX];
    assertThat(new PeerCard("home", sixteen, "", "", sixteen, capability).encoded())
        .hasSizeLessThanOrEqualTo(Limits.CARD_BYTES_MAX);
    assertThatThrownBy(() -> PeerCard.of("home", seventeen)).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> new PeerCard("home", List.of(), "", "", seventeen, new byte[0]))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() ->
            new PeerCard("home", List.of(), "", "", List.of(), new byte[capability.length + 1]))
        .isInstanceOf(MalformedInput.class);
  }
}
