package io.peerup.libp2p.multistream;

import static io.peerup.libp2p.multistream.Feeding.hex;
import static io.peerup.libp2p.multistream.Feeding.unhex;
import static io.peerup.libp2p.multistream.Feeding.whole;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import io.peerup.testkit.Vectors;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The first segments of a connection between two js-libp2p nodes: our machines in either seat say
/// byte for byte what js said, and leave the other layers' bytes alone.
class MultistreamCaptureTest {

  /// A plaintext exchange: one length byte and 78 bytes.
  private static final int EXCHANGE_BYTES = 79;

  private static final int YAMUX_FRAME_BYTES = 12;

  private final JsonArray chunks =
      Vectors.json("libp2p/js-plaintext-yamux-ping-capture.json").getAsJsonArray("chunks");

  @Test
  void securityIsAgreedAsInTheCapture() {
    byte[] proposal = segment(0);
    byte[] answer = segment(1);
    MultistreamInitiator dialer = new MultistreamInitiator(List.of("/plaintext/2.0.0"), false);
    assertThat(hex(dialer.start())).isEqualTo(hex(proposal));
    MultistreamResponder listener = new MultistreamResponder(Set.of("/plaintext/2.0.0")::contains);

    int tokens = answer.length - EXCHANGE_BYTES;
    assertThat(whole(listener, proposal))
        .isEqualTo(
            new Feeding(
                proposal.length, hex(Arrays.copyOf(answer, tokens)), "agreed /plaintext/2.0.0"));
    assertThat(whole(dialer, answer)).isEqualTo(new Feeding(tokens, "", "agreed /plaintext/2.0.0"));
  }

  @Test
  void muxerIsAgreedAsInTheCapture() {
    byte[] proposal = Arrays.copyOfRange(segment(2), EXCHANGE_BYTES, segment(2).length);
    byte[] answer = segment(3);
    MultistreamInitiator dialer = new MultistreamInitiator(List.of("/yamux/1.0.0"), false);
    assertThat(hex(dialer.start())).isEqualTo(hex(proposal));
    MultistreamResponder listener = new MultistreamResponder("/yamux/1.0.0"::equals);

    int tokens = answer.length - YAMUX_FRAME_BYTES;
    assertThat(whole(listener, proposal))
        .isEqualTo(
            new Feeding(
                proposal.length, hex(Arrays.copyOf(answer, tokens)), "agreed /yamux/1.0.0"));
    assertThat(whole(dialer, answer)).isEqualTo(new Feeding(tokens, "", "agreed /yamux/1.0.0"));
  }

  @Test
  void streamProtocolIsAgreedAsInTheCapture() {
    byte[] data = segment(4);
    byte[] proposal = Arrays.copyOfRange(data, data.length - 38, data.length);
    MultistreamInitiator dialer = new MultistreamInitiator(List.of("/ipfs/ping/1.0.0"), true);
    assertThat(hex(dialer.start())).isEqualTo(hex(proposal));

    MultistreamResponder listener = new MultistreamResponder("/ipfs/ping/1.0.0"::equals);
    Feeding answered = whole(listener, unhex(hex(proposal) + "00".repeat(32)));
    // js answers with header and echo in two frames; the bytes are the same.
    assertThat(answered)
        .isEqualTo(new Feeding(proposal.length, hex(proposal), "agreed /ipfs/ping/1.0.0"));
    String frames = hex(segment(5));
    assertThat(frames).contains(answered.sent().substring(0, 40), answered.sent().substring(40));
  }

  private byte[] segment(int index) {
    return unhex(chunks.get(index).getAsJsonArray().get(2).getAsString());
  }
}
