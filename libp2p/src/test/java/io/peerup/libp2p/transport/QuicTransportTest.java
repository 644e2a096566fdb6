package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuicTransportTest {

  @Test
  void longDatagramsAreForLargeFrames() {
    assertThat(QuicTransport.payloadBytesMax(0)).isEqualTo(QuicLimits.PAYLOAD_BYTES_MAX);
    assertThat(QuicTransport.payloadBytesMax(1280)).isEqualTo(QuicLimits.PAYLOAD_BYTES_MAX);
    assertThat(QuicTransport.payloadBytesMax(1500)).isEqualTo(QuicLimits.PAYLOAD_BYTES_MAX);
    assertThat(QuicTransport.payloadBytesMax(8999)).isEqualTo(QuicLimits.PAYLOAD_BYTES_MAX);
    assertThat(QuicTransport.payloadBytesMax(9000)).isEqualTo(QuicLimits.LARGE_PAYLOAD_BYTES_MAX);
    assertThat(QuicTransport.payloadBytesMax(65536)).isEqualTo(QuicLimits.LARGE_PAYLOAD_BYTES_MAX);
  }
}
