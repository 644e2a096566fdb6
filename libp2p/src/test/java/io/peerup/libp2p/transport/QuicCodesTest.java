package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.yamux.YamuxCodes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuicCodesTest {

  @ParameterizedTest
  @ValueSource(longs = {0, 0x1001, Integer.MAX_VALUE})
  void whatNettyTakesIsSentAsItIs(long code) {
    assertThat(QuicCodes.ofStream(code)).isEqualTo((int) code);
    assertThat(QuicCodes.ofConnection(code)).isEqualTo((int) code);
  }

  @Test
  void whatItDoesNotTakeIsSaidToBeOutOfRange() {
    for (long code : new long[] {-1, Integer.MAX_VALUE + 1L, Long.MAX_VALUE, Long.MIN_VALUE}) {
      assertThat(QuicCodes.ofStream(code)).isEqualTo((int) YamuxCodes.STREAM_CODE_OUT_OF_RANGE);
      assertThat(QuicCodes.ofConnection(code))
          .isEqualTo((int) YamuxCodes.CONNECTION_CODE_OUT_OF_RANGE);
    }
  }
}
