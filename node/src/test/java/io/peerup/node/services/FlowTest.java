package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FlowTest {

  private static final long SOON = 1_000_000;

  private final Flow flow = new Flow();

  @Test
  void datagramsComeOutAsTheyWentInAndThenNone() throws InterruptedException {
    assertThat(flow.offer(new byte[] {1})).isTrue();
    assertThat(flow.offer(new byte[] {})).isTrue();
    assertThat(flow.take(SOON)).containsExactly(1);
    assertThat(flow.take(SOON)).isEmpty();
    assertThat(flow.take(SOON)).isNull();
    assertThat(flow.hasEnded()).isFalse();
  }

  @Test
  void whatExceedsTheBytesThatMayWaitIsDroppedAndRoomComesBack() throws InterruptedException {
    byte[] large = new byte[Limits.FLOW_BYTES_MAX / 4];
    for (int i = 0; i < 4; i++) {
      assertThat(flow.offer(large)).isTrue();
    }
    assertThat(flow.offer(new byte[1])).isFalse();
    assertThat(flow.take(SOON)).hasSize(large.length);
    assertThat(flow.offer(new byte[1])).isTrue();
    assertThat(flow.offer(large)).isFalse();
  }

  @Test
  void emptyDatagramsAreCountedToo() {
    for (int i = 0; i < Limits.FLOW_DATAGRAMS_MAX; i++) {
      assertThat(flow.offer(new byte[0])).isTrue();
    }
    assertThat(flow.offer(new byte[0])).isFalse();
  }

  @Test
  void anEndedFlowDropsWhatWaitsAndTakesNothing() throws InterruptedException {
    assertThat(flow.offer(new byte[1])).isTrue();
    flow.end();
    assertThat(flow.take(SOON)).isNull();
    assertThat(flow.offer(new byte[1])).isFalse();
    assertThat(flow.hasEnded()).isTrue();
  }
}
