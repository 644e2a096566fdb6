package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.node.Ids;
import io.peerup.testkit.VirtualClock;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetworkWatchTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final InetAddress OLD = InetAddress.ofLiteral("192.168.1.5");
  private static final InetAddress NEW = InetAddress.ofLiteral("10.1.2.3");

  private final List<Connection> connections = new ArrayList<>();
  private final Set<Long> closed = ConcurrentHashMap.newKeySet();
  private final Set<Long> pinged = ConcurrentHashMap.newKeySet();
  private final Set<Long> silent = ConcurrentHashMap.newKeySet();
  private final AtomicInteger forgotten = new AtomicInteger();
  private final CountDownLatch reconnected = new CountDownLatch(1);
  private volatile Collection<InetAddress> addresses = List.of(OLD);
  private final NetworkWatch watch =
      new NetworkWatch(host(), () -> addresses, reconnected::countDown, new VirtualClock());

  @AfterEach
  void stop() {
    watch.close();
  }

  private Host host() {
    return (Host)
        Proxy.newProxyInstance(
            NetworkWatchTest.class.getClassLoader(),
            new Class<?>[] {Host.class},
            (_, method, arguments) ->
                switch (method.getName()) {
                  case "connections" -> connections;
                  case "networkChanged" -> {
                    forgotten.incrementAndGet();
                    yield null;
                  }
                  case "ping" -> ping((Connection) arguments[0]);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private Duration ping(Connection connection) {
    pinged.add(connection.id());
    if (silent.contains(connection.id())) {
      throw new DeadlineExceeded("no answer");
    }
    throw new Refused("no pings here");
  }

  private long connection(String local, Optional<PeerId> relay) {
    long id = connections.size();
    connections.add(
        (Connection)
            Proxy.newProxyInstance(
                NetworkWatchTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (_, method, _) ->
                    switch (method.getName()) {
                      case "id" -> id;
                      case "relay" -> relay;
                      case "localAddress" -> Multiaddr.parse(local);
                      case "close" -> {
                        closed.add(id);
                        yield null;
                      }
                      default -> throw new UnsupportedOperationException(method.getName());
                    }));
    return id;
  }

  @Test
  void anotherNetworkForgetsFailuresEndsWhatIsDeadAndReconnectsAtOnce() throws Exception {
    long gone = connection("/ip4/192.168.1.5/tcp/1", Optional.empty());
    long dead = connection("/ip4/10.1.2.3/tcp/1", Optional.empty());
    long alive = connection("/ip4/127.0.0.1/tcp/1", Optional.empty());
    long relayed = connection("/ip4/192.168.1.5/tcp/1", Optional.of(Ids.peer(4)));
    silent.add(dead);
    addresses = List.of(NEW);
    watch.lookNow();
    assertThat(reconnected.await(20, TimeUnit.SECONDS)).isTrue();
    await().atMost(SOON).until(() -> pinged.containsAll(Set.of(dead, alive)));
    await().atMost(SOON).until(() -> closed.containsAll(Set.of(gone, dead)));
    assertThat(closed).doesNotContain(alive, relayed);
    assertThat(pinged).doesNotContain(gone, relayed);
    assertThat(forgotten).hasValue(1);
  }

  @Test
  void theSameNetworkDisturbsNothing() {
    connection("/ip4/10.1.2.3/tcp/1", Optional.empty());
    AtomicInteger looks = new AtomicInteger();
    addresses =
        new AbstractList<>() {
          @Override
          public InetAddress get(int index) {
            looks.incrementAndGet();
            return OLD;
          }

          @Override
          public int size() {
            return 1;
          }
        };
    watch.lookNow();
    await().atMost(SOON).until(() -> looks.get() > 0);
    watch.lookNow();
    await().atMost(SOON).until(() -> looks.get() > 1);
    assertThat(forgotten).hasValue(0);
    assertThat(closed).isEmpty();
    assertThat(pinged).isEmpty();
  }
}
