package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DialerTest {

  private static final PeerId PEER = PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
  private static final Multiaddr ONE = Multiaddr.parse("/ip4/10.0.0.1/tcp/1");
  private static final Multiaddr TWO = Multiaddr.parse("/ip4/10.0.0.2/tcp/1");
  private static final Multiaddr THREE = Multiaddr.parse("/ip4/10.0.0.3/tcp/1");

  private final Queue<Multiaddr> tried = new ConcurrentLinkedQueue<>();
  private final CountDownLatch givenUp = new CountDownLatch(1);

  private static Connection connection() {
    return (Connection)
        Proxy.newProxyInstance(
            DialerTest.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }

  private Dialer dialer(Dialer.Attempt attempt, int addressesMax) {
    return new Dialer(
        (peer, address, timeout) -> {
          tried.add(address);
          return attempt.dial(peer, address, timeout);
        },
        addressesMax,
        System::nanoTime);
  }

  private Connection hang() {
    try {
      new CountDownLatch(1).await();
      throw new AssertionError("unreachable");
    } catch (InterruptedException e) {
      givenUp.countDown();
      throw new PeerUnreachable("interrupted", e);
    }
  }

  @Test
  void theNextAddressIsTriedWhileTheFirstStillHangsAndTheLoserIsGivenUp() throws Exception {
    Connection winner = connection();
    Dialer dialer = dialer((peer, address, timeout) -> address.equals(ONE) ? hang() : winner, 10);
    assertThat(dialer.connect(PEER, List.of(ONE, TWO), Duration.ofSeconds(20))).isSameAs(winner);
    assertThat(givenUp.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aRelayedConnectionThatIsFirstEndsNoDirectDialAndTheFirstDirectOneEndsTheOthers()
      throws Exception {
    Multiaddr circuit = Multiaddr.parse("/ip4/10.0.0.9/tcp/1/p2p/" + PEER + "/p2p-circuit");
    Multiaddr otherCircuit = Multiaddr.parse("/ip4/10.0.0.8/tcp/1/p2p/" + PEER + "/p2p-circuit");
    Connection relayed = connection();
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch foundDirect = new CountDownLatch(1);
    Dialer dialer =
        dialer(
            (peer, address, timeout) -> {
              if (address.isCircuit()) {
                return relayed;
              }
              if (address.equals(TWO)) {
                return hang();
              }
              try {
                release.await();
              } catch (InterruptedException e) {
                throw new PeerUnreachable("interrupted", e);
              }
              foundDirect.countDown();
              return connection();
            },
            10);
    assertThat(
            dialer.connect(PEER, List.of(ONE, TWO, circuit, otherCircuit), Duration.ofSeconds(20)))
        .isSameAs(relayed);
    assertThat(tried).contains(ONE, TWO);
    assertThat(givenUp.getCount()).isOne();
    release.countDown();
    assertThat(foundDirect.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(givenUp.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void allFailuresAreNamed() {
    Dialer dialer =
        dialer(
            (peer, address, timeout) -> {
              throw new PeerUnreachable("no luck at " + address);
            },
            10);
    assertThatThrownBy(() -> dialer.connect(PEER, List.of(ONE, TWO), Duration.ofSeconds(20)))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining(ONE.toString())
        .hasMessageContaining(TWO.toString());
  }

  @Test
  void theFailureOfAnOnlyAddressKeepsItsKind() {
    Dialer dialer =
        dialer(
            (peer, address, timeout) -> {
              throw new Refused("not you");
            },
            10);
    assertThatThrownBy(() -> dialer.connect(PEER, List.of(ONE), Duration.ofSeconds(20)))
        .isInstanceOf(Refused.class);
  }

  @Test
  void theDeadlineEndsADialThatHangs() {
    Dialer dialer = dialer((peer, address, timeout) -> hang(), 10);
    assertThatThrownBy(() -> dialer.connect(PEER, List.of(ONE), Duration.ofMillis(100)))
        .isInstanceOf(DeadlineExceeded.class);
  }

  @Test
  void noMoreAddressesThanTheLimitAreTried() {
    Dialer dialer =
        dialer(
            (peer, address, timeout) -> {
              throw new PeerUnreachable("no");
            },
            2);
    assertThatThrownBy(() -> dialer.connect(PEER, List.of(ONE, TWO, THREE), Duration.ofSeconds(20)))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactlyInAnyOrder(ONE, TWO);
  }

  @Test
  void whoWaitedForAFailedDialTriesTheAddressesOnlyItKnows() throws Exception {
    Connection winner = connection();
    CountDownLatch fail = new CountDownLatch(1);
    Dialer dialer =
        dialer(
            (peer, address, timeout) -> {
              if (address.equals(TWO)) {
                return winner;
              }
              try {
                fail.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new PeerUnreachable("no");
            },
            10);
    Thread leader =
        Thread.startVirtualThread(() -> {
          try {
            dialer.connect(PEER, List.of(ONE), Duration.ofSeconds(20));
          } catch (PeerUnreachable expected) {
            // as arranged
          }
        });
    await().until(() -> tried.contains(ONE));
    Thread releasing = Thread.startVirtualThread(fail::countDown);
    assertThat(dialer.connect(PEER, List.of(TWO), Duration.ofSeconds(20))).isSameAs(winner);
    leader.join();
    releasing.join();
  }
}
