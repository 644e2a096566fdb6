package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// Much data through two sessions back to back, cut at random places.
class YamuxTransferTest {

  private final SeededRandom random = SeededRandom.of(YamuxTransferTest.class);
  private final End client = End.client();
  private final End server = new End(false, YamuxLimits.DEFAULT, client.clock);

  @Test
  void sixtyFourMebibytesArriveUnchangedInRandomPieces() {
    byte[] pattern = random.bytes(1 << 20);
    long total = 64L << 20;
    client.highWater = 200_000;
    client.session.tick();
    server.session.tick();
    YamuxStream near = client.session.open();
    StreamProbe.on(near);
    long sent = 0;
    long received = 0;
    byte[] target = new byte[300_000];
    while (received < total) {
      int from = (int) (sent % pattern.length);
      int want = (int) Math.min(total - sent, Math.min(pattern.length - from, 150_000));
      sent += near.write(pattern, from, want);
      deliver();
      client.clock.addAndGet(50_000);
      if (!server.accepted.isEmpty()) {
        YamuxStream far = server.onlyStream();
        int count = far.read(target, 0, 1 + random.nextInt(target.length));
        for (int done = 0; done < count; ) {
          int at = (int) ((received + done) % pattern.length);
          int length = Math.min(count - done, pattern.length - at);
          if (!Arrays.equals(pattern, at, at + length, target, done, done + length)) {
            throw new AssertionError("bytes differ near " + (received + done));
          }
          done += length;
        }
        received += count;
      }
      client.session.transportWritable();
    }
    near.closeWrite();
    deliver();
    assertThat(server.onlyStream().read(target, 0, 1)).isEqualTo(-1);
    assertThat(received).isEqualTo(total);
    assertThat(client.frameMost).isEqualTo(YamuxLimits.FRAME_BYTES_MAX);
    assertThat(client.pendingMost).isLessThan(200_000 + YamuxLimits.FRAME_BYTES_MAX);
  }

  @Test
  void bytesFedOneByOneArriveUnchanged() {
    byte[] bytes = random.bytes(100_000);
    YamuxStream near = client.session.open();
    assertThat(near.write(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    near.closeWrite();
    byte[] one = new byte[1];
    for (byte value : client.takeBytes()) {
      one[0] = value;
      server.session.receive(one, 0, 1);
    }
    byte[] target = new byte[bytes.length + 1];
    assertThat(server.onlyStream().read(target, 0, target.length)).isEqualTo(bytes.length);
    assertThat(Arrays.copyOf(target, bytes.length)).isEqualTo(bytes);
    assertThat(server.onlyStream().remoteClosed()).isTrue();
  }

  private void deliver() {
    byte[] down = client.takeBytes();
    for (int at = 0; at < down.length; ) {
      int length = Math.min(down.length - at, 1 + random.nextInt(100_000));
      server.session.receive(down, at, length);
      at += length;
    }
    client.receive(server.takeBytes());
  }
}
