package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import io.peerup.testkit.Vectors;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One ping between two js-libp2p 3.3 nodes as recorded on the wire, with our session in the place
/// of either of them.
class YamuxCaptureTest {

  private static final byte[] MUXER_AGREED = "\r/yamux/1.0.0\n".getBytes(StandardCharsets.UTF_8);

  /// What one side sent once yamux was agreed, one element a TCP segment.
  static List<byte[]> segments(String direction) {
    List<byte[]> segments = new ArrayList<>();
    boolean agreed = false;
    JsonArray chunks =
        Vectors.json("libp2p/js-plaintext-yamux-ping-capture.json").getAsJsonArray("chunks");
    for (JsonElement element : chunks) {
      JsonArray chunk = element.getAsJsonArray();
      if (!chunk.get(0).getAsString().equals(direction)) {
        continue;
      }
      byte[] bytes = HexFormat.of().parseHex(chunk.get(2).getAsString());
      if (agreed) {
        segments.add(bytes);
        continue;
      }
      int at = indexOf(bytes, MUXER_AGREED);
      if (at >= 0) {
        agreed = true;
        segments.add(Arrays.copyOfRange(bytes, at + MUXER_AGREED.length, bytes.length));
      }
    }
    return segments;
  }

  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int at = 0; at + wanted.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
        return at;
      }
    }
    return -1;
  }

  @Test
  void ourDialerSendsTheSameFirstBytesAndUnderstandsTheAnswers() {
    List<byte[]> js = segments("dialer->listener");
    List<byte[]> answers = segments("listener->dialer");
    End client = End.client();
    client.receive(answers.get(0));
    client.session.tick();
    YamuxStream stream = client.session.open();
    StreamProbe probe = StreamProbe.on(stream);
    byte[] opening =
        "\u0013/multistream/1.0.0\n\u0011/ipfs/ping/1.0.0\n".getBytes(StandardCharsets.UTF_8);
    stream.write(opening, 0, opening.length);
    assertThat(js.get(0)).isEmpty();
    assertThat(client.takeBytes()).isEqualTo(js.get(1));

    client.clock.addAndGet(2_000_000);
    client.receive(answers.get(1));
    assertThat(client.session.rtt()).hasValue(Duration.ofMillis(2));
    byte[] answer = new byte[100];
    assertThat(stream.read(answer, 0, 100)).isEqualTo(opening.length);
    assertThat(answer).startsWith(opening);

    byte[] ping = Arrays.copyOfRange(js.get(2), 36, 68);
    stream.write(ping, 0, 32);
    stream.closeWrite();
    // As js, without its credit by the crumb before.
    assertThat(client.takeBytes()).isEqualTo(Arrays.copyOfRange(js.get(2), 24, js.get(2).length));
    client.receive(answers.get(2));
    assertThat(stream.read(answer, 0, 100)).isEqualTo(32);
    assertThat(answer).startsWith(ping);
    assertThat(probe.remoteClosed).isEqualTo(1);
    assertThat(stream.read(answer, 0, 100)).isEqualTo(-1);
    assertThat(client.session.streamCount()).isZero();
    client.session.close(0);
    assertThat(client.takeBytes()).isEqualTo(js.getLast());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 13, 1_000_000})
  void ourListenerUnderstandsTheDialerHoweverItsBytesAreCut(int cut) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    segments("dialer->listener").forEach(all::writeBytes);
    byte[] bytes = all.toByteArray();
    End server = End.server();
    server.session.tick();
    assertThat(server.takeFrames()).containsExactly(SentFrame.ping(Frame.SYN, 0));
    // All but the go-away.
    int end = bytes.length - Frame.HEADER_BYTES;
    for (int at = 0; at < end; at += cut) {
      server.session.receive(bytes, at, Math.min(cut, end - at));
    }
    assertThat(server.session.rtt()).isPresent();
    YamuxStream stream = server.onlyStream();
    assertThat(stream.available()).isEqualTo(38 + 32);
    assertThat(stream.remoteClosed()).isTrue();
    assertThat(server.takeFrames())
        .containsExactly(SentFrame.ping(Frame.ACK, 0), SentFrame.windowUpdate(Frame.ACK, 1, 0));
    assertThat(stream.read(new byte[100], 0, 100)).isEqualTo(70);
    stream.closeWrite();
    assertThat(server.session.streamCount()).isZero();
    server.session.receive(bytes, end, Frame.HEADER_BYTES);
    assertThat(server.goAways).containsExactly(0L);
    assertThat(server.closes).isEqualTo(1);
  }
}
