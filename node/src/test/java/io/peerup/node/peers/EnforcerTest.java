package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.node.TestTrust;
import io.peerup.testkit.VirtualClock;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnforcerTest {

  private static final long GATED = 0x1007;

  @TempDir Path directory;

  private final TestConnection two = new TestConnection(Ids.peer(2));
  private final TestConnection three = new TestConnection(Ids.peer(3));
  private final TestConnection four = new TestConnection(Ids.peer(4));
  private final List<TestConnection> connections =
      new CopyOnWriteArrayList<>(List.of(two, three, four));
  private final Set<PeerId> authorized = ConcurrentHashMap.newKeySet();

  private Host host() {
    return (Host)
        Proxy.newProxyInstance(
            EnforcerTest.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, _) -> {
              if (method.getName().equals("connections")) {
                return connections.stream()
                    .map(TestConnection::connection)
                    .filter(Connection::isOpen)
                    .toList();
              }
              throw new UnsupportedOperationException(method.getName());
            });
  }

  private NodeGater gater(Predicate<PeerId> relay) {
    return new NodeGater(
        TestTrust.allowing(authorized),
        new VirtualClock(),
        relay,
        new PairingGuests(new VirtualClock()),
        new HybridPeers(directory.resolve("hybrid_peers.json"), PeerId::toString));
  }

  @Test
  void aPeerThatLostItsAuthorisationIsCutAtOnceWhenToldAndTheOthersStay() throws Exception {
    authorized.addAll(Set.of(Ids.peer(2), Ids.peer(3)));
    try (Enforcer enforcer = new Enforcer(host(), gater(Ids.peer(4)::equals))) {
      authorized.remove(Ids.peer(3));
      enforcer.lookNow();
      assertThat(three.closed().get(10, TimeUnit.SECONDS)).isEqualTo(GATED);
      assertThat(two.closed()).isNotDone();
      assertThat(four.closed()).as("our relay").isNotDone();
    }
  }

  @Test
  void nobodyHasToTellIt() throws Exception {
    authorized.addAll(Set.of(Ids.peer(2), Ids.peer(3)));
    try (Enforcer _ = new Enforcer(host(), gater(_ -> true))) {
      assertThat(three.closed()).isNotDone();
    }
    try (Enforcer _ = new Enforcer(host(), gater(_ -> false))) {
      assertThat(four.closed().get(10, TimeUnit.SECONDS)).isEqualTo(GATED);
      authorized.remove(Ids.peer(3));
      assertThat(three.closed().get(10, TimeUnit.SECONDS)).isEqualTo(GATED);
    }
  }

  @Test
  void aMistakeInJudgingOneConnectionDoesNotSaveTheOthers() throws Exception {
    NodeGater gater =
        gater(peer -> {
          if (peer.equals(Ids.peer(2))) {
            throw new IllegalStateException("a mistake");
          }
          return false;
        });
    try (Enforcer _ = new Enforcer(host(), gater)) {
      assertThat(four.closed().get(10, TimeUnit.SECONDS)).isEqualTo(GATED);
      assertThat(two.closed()).isNotDone();
    }
  }

  /// Whoever speaks hybrid on one connection does not need another over less.
  @Test
  void aPeerThatShowsMoreOnAnotherConnectionIsCutOnTheWeakerOne() throws Exception {
    TestConnection strong = new TestConnection(Ids.peer(2), "/noise-mlkem768-hfs/0.2.0");
    authorized.addAll(Set.of(Ids.peer(2), Ids.peer(3)));
    connections.add(strong);
    try (Enforcer _ = new Enforcer(host(), gater(Ids.peer(4)::equals))) {
      assertThat(two.closed().get(10, TimeUnit.SECONDS)).isEqualTo(GATED);
      assertThat(strong.closed()).isNotDone();
      assertThat(three.closed()).isNotDone();
    }
  }

  @Test
  void aRemovedPeerIsGoneWithinASecondEvenIfNobodyTells() {
    assertThat(Limits.SWEEP).isLessThanOrEqualTo(Duration.ofMillis(500));
  }
}
