package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ByteRingPropertyTest {

  @Test
  void behavesLikeABoundedQueueOfBytes() {
    RandomGenerator random = SeededRandom.of(getClass());
    AtomicInteger held = new AtomicInteger();
    ByteRing ring = new ByteRing(4096, held::addAndGet);
    Deque<Byte> model = new ArrayDeque<>();
    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> put(ring, model, random);
        case 2 -> take(ring, model, random);
        default -> skip(ring, model, random);
      }
      assertThat(ring.size()).isEqualTo(model.size());
      assertThat(ring.free()).isEqualTo(4096 - model.size());
      assertThat(held).hasValue(ring.capacity());
      if (random.nextInt(500) == 0) {
        ring.trim();
      }
      if (random.nextInt(2000) == 0) {
        byte[] rest = ring.takeAll();
        for (byte each : rest) {
          assertThat(each).isEqualTo(model.remove());
        }
        assertThat(model).isEmpty();
      }
    }
  }

  private static void put(ByteRing ring, Deque<Byte> model, RandomGenerator random) {
    byte[] bytes = new byte[random.nextInt(1500)];
    random.nextBytes(bytes);
    int offset = random.nextInt(bytes.length + 1);
    int count = ring.put(bytes, offset, bytes.length - offset);
    assertThat(count).isEqualTo(Math.min(bytes.length - offset, 4096 - model.size()));
    for (int i = 0; i < count; i++) {
      model.add(bytes[offset + i]);
    }
  }

  private static void take(ByteRing ring, Deque<Byte> model, RandomGenerator random) {
    byte[] out = new byte[random.nextInt(1500)];
    int count = ring.take(out, 0, out.length);
    assertThat(count).isEqualTo(Math.min(out.length, model.size()));
    for (int i = 0; i < count; i++) {
      assertThat(out[i]).isEqualTo(model.remove());
    }
  }

  private static void skip(ByteRing ring, Deque<Byte> model, RandomGenerator random) {
    byte[] array = ring.array();
    int offset = ring.offset();
    int region = ring.region();
    assertThat(region > 0).isEqualTo(!model.isEmpty());
    // Putting (and growing) between looking and skipping leaves the region as it was.
    put(ring, model, random);
    int count = region == 0 ? 0 : random.nextInt(region + 1);
    for (int i = 0; i < count; i++) {
      assertThat(array[offset + i]).isEqualTo(model.remove());
    }
    ring.skip(count);
  }
}
