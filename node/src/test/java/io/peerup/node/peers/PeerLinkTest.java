package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.node.Ids;
import io.peerup.testkit.VirtualClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// A link whose peer is reached through a relay and claims many direct addresses.
class PeerLinkTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final PeerId PEER = Ids.peer(2);
  private static final PeerId RELAY = Ids.peer(4);

  private final VirtualClock clock = new VirtualClock();
  private final Map<Long, Connection> open = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicInteger dialled = new AtomicInteger();
  private final AtomicInteger givenUp = new AtomicInteger();
  private final CountDownLatch never = new CountDownLatch(1);
  private final List<Multiaddr> claimed = new ArrayList<>();
  private Set<Multiaddr> working = Set.of();

  PeerLinkTest() {
    for (int i = 1; i <= Limits.DIRECT_ADDRESSES_MAX; i++) {
      claimed.add(Multiaddr.parse("/ip4/203.0.113." + i + "/tcp/4001"));
    }
  }

  private Connection connection(Optional<PeerId> relay) {
    long id = ids.incrementAndGet();
    Connection made =
        (Connection)
            Proxy.newProxyInstance(
                PeerLinkTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, _) ->
                    switch (method.getName()) {
                      case "id" -> id;
                      case "relay" -> relay;
                      case "remotePeer" -> PEER;
                      case "remoteAddress" -> claimed.getFirst();
                      case "isOpen" -> open.containsKey(id);
                      case "openedAt" -> clock.instant();
                      case "lastRtt" -> Optional.empty();
                      case "close" -> {
                        open.remove(id);
                        yield null;
                      }
                      default -> throw new UnsupportedOperationException(method.getName());
                    });
    open.put(id, made);
    return made;
  }

  private Connection dial(Multiaddr address) {
    dialled.incrementAndGet();
    if (working.contains(address)) {
      return connection(Optional.empty());
    }
    try {
      never.await();
      throw new AssertionError("somebody answered");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      givenUp.incrementAndGet();
      throw new PeerUnreachable("interrupted");
    }
  }

  private Host host() {
    PeerInfo info = new PeerInfo(PEER, "", "", List.of(), claimed, Optional.empty(), true);
    return (Host)
        Proxy.newProxyInstance(
            PeerLinkTest.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "id" -> Ids.peer(1);
                  case "connections" -> List.copyOf(open.values());
                  case "info" -> Optional.of(info);
                  case "connect" -> dial((Multiaddr) arguments[0]);
                  case "ping" -> Duration.ofMillis(1);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private PeerLink start() {
    connection(Optional.of(RELAY));
    Relays relays =
        new Relays() {
          @Override
          public boolean isRelay(PeerId peer) {
            return peer.equals(RELAY);
          }

          @Override
          public List<Multiaddr> readyCircuits() {
            return List.of();
          }

          @Override
          public boolean onThisMachine() {
            return false;
          }
        };
    PeerLink link = new PeerLink(PEER, host(), relays, true, clock);
    link.start();
    return link;
  }

  private List<Connection> direct() {
    return open.values().stream().filter(each -> each.relay().isEmpty()).toList();
  }

  @Test
  void addressesThatLeadNowhereDoNotDelayTheOneThatWorks() {
    working = Set.of(claimed.getLast());
    PeerLink link = start();
    await().atMost(SOON).until(() -> givenUp.get() == claimed.size() - 1);
    await().atMost(SOON).until(() -> direct().size() == 1);
    assertThat(link.rtt()).contains(Duration.ofMillis(1));
    assertThat(dialled.get()).isEqualTo(claimed.size());
    link.stop();
  }

  @Test
  void ofSeveralDirectConnectionsOneIsKept() {
    working = Set.copyOf(claimed);
    PeerLink link = start();
    await().atMost(SOON).until(() -> dialled.get() == claimed.size() && direct().size() == 1);
    assertThat(open).hasSize(2);
    link.stop();
  }

  @Test
  void aLinkThatIsStoppedLetsGoOfItsAttempts() {
    PeerLink link = start();
    await().atMost(SOON).until(() -> dialled.get() == claimed.size());
    link.stop();
    await().atMost(SOON).until(() -> givenUp.get() == claimed.size());
    assertThat(direct()).isEmpty();
  }
}
