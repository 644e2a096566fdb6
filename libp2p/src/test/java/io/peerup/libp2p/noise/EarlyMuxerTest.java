package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Refused;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarlyMuxerTest {

  private static final String YAMUX = "/yamux/1.0.0";
  private static final String MPLEX = "/mplex/6.7.0";

  @Test
  void theInitiatorsFirstEntryThatTheResponderListsToo() {
    assertThat(EarlyMuxer.choose(List.of(YAMUX), List.of(YAMUX))).contains(YAMUX);
    assertThat(EarlyMuxer.choose(List.of(YAMUX, MPLEX), List.of(MPLEX, YAMUX))).contains(YAMUX);
    assertThat(EarlyMuxer.choose(List.of(MPLEX, YAMUX), List.of(YAMUX, MPLEX))).contains(MPLEX);
    assertThat(EarlyMuxer.choose(List.of("/x", MPLEX), List.of(YAMUX, MPLEX))).contains(MPLEX);
  }

  @Test
  void oneMissingListLeavesTheChoiceToMultistream() {
    assertThat(EarlyMuxer.choose(List.of(), List.of(YAMUX))).isEmpty();
    assertThat(EarlyMuxer.choose(List.of(YAMUX), List.of())).isEmpty();
    assertThat(EarlyMuxer.choose(List.of(), List.of())).isEmpty();
  }

  @Test
  void twoListsWithoutCommonEntryFailTheHandshake() {
    assertThatThrownBy(() -> EarlyMuxer.choose(List.of(YAMUX), List.of(MPLEX)))
        .isInstanceOf(Refused.class);
  }
}
