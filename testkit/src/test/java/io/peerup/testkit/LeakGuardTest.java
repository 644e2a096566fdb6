package io.peerup.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// The guard's own control: what it must find, and what it must not.
class LeakGuardTest {

  @Test
  void aLostBufferIsFoundWithTheTraceOfWhoMadeIt() throws InterruptedException {
    Thread loser = new Thread(LeakGuardTest::lose);
    loser.start();
    loser.join();
    List<String> found = NettyLeaks.search();
    assertThat(found).hasSize(1);
    assertThat(found.getFirst()).contains("ByteBuf").contains("LeakGuardTest.lose");
    assertThat(NettyLeaks.search()).isEmpty();
  }

  private static void lose() {
    ByteBuf lost = PooledByteBufAllocator.DEFAULT.directBuffer(64);
    lost.writeLong(1);
  }

  @Test
  void usageCountsAThreadThatStaysAndAFileThatIsOpen() throws Exception {
    Usage before = Usage.now();
    CountDownLatch end = new CountDownLatch(1);
    Thread waiting = Thread.ofVirtual().start(() -> awaitQuietly(end));
    Thread platform = Thread.ofPlatform().start(() -> awaitQuietly(end));
    byte[] kept = new byte[8 << 20];
    try (var socket = new java.net.ServerSocket(0)) {
      Usage during = Usage.now();
      assertThat(socket.isBound()).isTrue();
      assertThat(during.virtualThreads()).isGreaterThan(before.virtualThreads());
      assertThat(during.platformThreads()).isGreaterThan(before.platformThreads());
      assertThat(during.heapBytes()).isGreaterThan(before.heapBytes() + kept.length / 2);
      assertThat(during.files()).isGreaterThan(before.files());
    }
    end.countDown();
    waiting.join();
    platform.join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
