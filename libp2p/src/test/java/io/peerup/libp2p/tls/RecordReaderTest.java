package io.peerup.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ProtocolViolation;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordReaderTest {

  private static byte[] record(int bodyBytes) {
    byte[] out = new byte[5 + bodyBytes];
    Arrays.fill(out, (byte) bodyBytes);
    out[0] = 23;
    out[1] = 3;
    out[2] = 3;
    out[3] = (byte) (bodyBytes >> 8);
    out[4] = (byte) bodyBytes;
    return out;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 6, 1000, 100_000})
  void recordsAreTheSameHoweverTheBytesAreCut(int piece) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    List<byte[]> wanted = new ArrayList<>();
    for (int body : new int[] {0, 1, 300, Limits.BODY_BYTES_MAX, 7}) {
      wanted.add(record(body));
      all.writeBytes(record(body));
    }
    byte[] bytes = all.toByteArray();
    List<byte[]> got = new ArrayList<>();
    RecordReader reader = new RecordReader();
    for (int at = 0; at < bytes.length; at += piece) {
      int count = Math.min(piece, bytes.length - at);
      int used =
          reader.consume(
              bytes,
              at,
              count,
              (in, offset, length) -> {
                got.add(Arrays.copyOfRange(in, offset, offset + length));
                return true;
              });
      assertThat(used).isEqualTo(count);
    }
    assertThat(got).hasSameSizeAs(wanted);
    for (int i = 0; i < got.size(); i++) {
      assertThat(got.get(i)).isEqualTo(wanted.get(i));
    }
  }

  @Test
  void whoeverStopsGetsTheRestOfTheBytes() {
    byte[] two = new byte[20];
    System.arraycopy(record(5), 0, two, 0, 10);
    System.arraycopy(record(5), 0, two, 10, 10);
    assertThat(new RecordReader().consume(two, 0, 20, (_, _, _) -> false)).isEqualTo(10);
  }

  @Test
  void aLengthBeyondTheLimitAndWhatIsNoTlsAreRefusedAtTheHeader() {
    byte[] tooLong = Arrays.copyOf(record(Limits.BODY_BYTES_MAX + 1), 5);
    assertThatThrownBy(() -> new RecordReader().consume(tooLong, 0, 5, (_, _, _) -> true))
        .isInstanceOf(ProtocolViolation.class);
    byte[] http = "GET /".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> new RecordReader().consume(http, 0, 5, (_, _, _) -> true))
        .isInstanceOf(ProtocolViolation.class);
  }
}
