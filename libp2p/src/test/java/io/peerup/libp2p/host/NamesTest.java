package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Multiaddr;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A resolver that hangs for most names.
class NamesTest {

  private static final Multiaddr HANGS = Multiaddr.parse("/dns4/hangs.example.com/tcp/1");
  private static final Multiaddr KNOWN = Multiaddr.parse("/dns4/known.example.com/tcp/1");

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger asking = new AtomicInteger();
  private final Names names =
      new Names(
          new NameService() {
            @Override
            public List<InetAddress> addresses(String name) {
              if (!name.startsWith("known")) {
                hang();
              }
              return List.of(InetAddress.ofLiteral("8.8.8.8"));
            }

            @Override
            public List<String> texts(String name) {
              hang();
              return List.of();
            }
          },
          System::nanoTime);

  private void hang() {
    asking.incrementAndGet();
    try {
      release.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void releaseAll() {
    release.countDown();
  }

  @Test
  void aResolverThatHangsEndsAtTheDeadlineAndIsNamed() {
    NameExpansion found = names.expand(List.of(HANGS, KNOWN), Duration.ofMillis(500));
    assertThat(found.results()).containsOnlyKeys(Multiaddr.parse("/ip4/8.8.8.8/tcp/1"));
    assertThat(found.failures())
        .containsExactly("no answer about the name hangs.example.com in time");
  }

  @Test
  void otherAddressesDoNotWaitLongForNames() {
    Multiaddr other = Multiaddr.parse("/ip4/9.9.9.9/tcp/1");
    long start = System.nanoTime();
    NameExpansion found = names.expand(List.of(other, HANGS), Duration.ofHours(1));
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isGreaterThanOrEqualTo(Names.WAIT_BESIDE_OTHERS);
    assertThat(found.results()).containsOnlyKeys(other);
  }

  @Test
  void atMostSixteenQuestionsAreAskedAtATimeAndTheirQueueIsBounded() {
    List<Multiaddr> batch =
        IntStream.range(0, NameExpansion.NAMES_MAX)
            .mapToObj(i -> Multiaddr.parse("/dns4/n" + i + ".example.com/tcp/1"))
            .toList();
    List<Multiaddr> first = batch.subList(0, Names.THREADS_MAX);
    Thread.ofVirtual().start(() -> names.expand(first, Names.WAIT_MAX));
    await().atMost(Duration.ofSeconds(20)).until(() -> asking.get() == Names.THREADS_MAX);
    for (int queued = 0; queued < Names.QUEUE_MAX; queued += batch.size()) {
      assertThat(names.expand(batch, Duration.ZERO).failures())
          .hasSize(batch.size())
          .allMatch(failure -> failure.endsWith("in time"));
    }
    assertThat(names.expand(batch, Duration.ZERO).failures())
        .hasSize(batch.size())
        .allMatch(failure -> failure.startsWith("too many names"));
    assertThat(asking.get()).isEqualTo(Names.THREADS_MAX);
  }
}
