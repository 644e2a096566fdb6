package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QuicLeftoversTest {

  private final Set<Long> known = new HashSet<>();
  private final List<Long> asked = new ArrayList<>();
  private final QuicLeftovers leftovers =
      new QuicLeftovers(id -> {
        asked.add(id);
        return !known.contains(id);
      });

  @Test
  void whatIsGoneIsNotAskedForAgain() {
    known.add(4L);
    leftovers.add(0);
    leftovers.add(4);
    assertThat(leftovers.look()).isFalse();
    known.clear();
    assertThat(leftovers.look()).isTrue();
    assertThat(leftovers.look()).isFalse();
    assertThat(asked).containsExactly(0L, 4L, 4L, 4L);
  }

  @Test
  void whereThereAreManyTheyAreAskedForAtOnce() {
    for (long id = 0; id < QuicLeftovers.MAX - 1; id++) {
      known.add(id);
      assertThat(leftovers.add(id)).isFalse();
    }
    known.clear();
    asked.clear();
    long last = QuicLeftovers.MAX;
    known.add(last);
    assertThat(leftovers.add(last)).isTrue();
    assertThat(asked).hasSize(QuicLeftovers.MAX + 1);
    assertThat(leftovers.look()).isFalse();
  }

  @Test
  void whereQuicheReallyHasSoManyItIsNotAskedForAllWithEachOfThem() {
    for (long id = 0; id < 2L * QuicLeftovers.MAX - 1; id++) {
      known.add(id);
      leftovers.add(id);
    }
    assertThat(asked).hasSize(3 * QuicLeftovers.MAX - 1);
    known.add(-1L);
    leftovers.add(-1);
    assertThat(asked).hasSize(3 * QuicLeftovers.MAX + 2 * QuicLeftovers.MAX);
  }
}
