package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.OverlayException;
import io.peerup.testkit.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Bytes that no lawful peer sends: nothing escapes but the declared end of the session, and memory
/// stays within the limits.
class YamuxFuzzTest {

  private static final YamuxLimits LIMITS =
      YamuxLimits.DEFAULT.withStreams(20, 20).withMemory(1 << 20, 1 << 20, 2 << 20);

  private final SeededRandom random = SeededRandom.of(YamuxFuzzTest.class);

  @Test
  void randomBytesEndTheSessionOrAreSkipped() {
    for (int run = 0; run < 3000; run++) {
      feed(random.bytes(random.nextInt(400)));
    }
  }

  @Test
  void almostLawfulFramesEndTheSessionOrAreObeyed() {
    for (int run = 0; run < 3000; run++) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      int frames = 1 + random.nextInt(60);
      for (int i = 0; i < frames; i++) {
        bytes.writeBytes(frame());
      }
      byte[] all = bytes.toByteArray();
      if (random.nextInt(4) == 0) {
        all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
      }
      feed(all);
    }
  }

  private byte[] frame() {
    int flags = random.nextInt(3) == 0 ? random.nextInt(16) : 1 << random.nextInt(4);
    int id = random.nextInt(12);
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> SentFrame.data(flags, id, new byte[random.nextInt(3000)]).bytes();
      case 3, 4 -> SentFrame.windowUpdate(flags, id, random.nextInt(100_000)).bytes();
      case 5 -> SentFrame.windowUpdate(flags, id, random.nextLong() >>> 32).bytes();
      case 6 -> SentFrame.ping(flags, random.nextInt(3)).bytes();
      default ->
          random.nextInt(10) == 0
              ? SentFrame.goAway(random.nextInt(3)).bytes()
              : new SentFrame(Frame.DATA, flags, id, random.nextInt(300_000), List.of()).bytes();
    };
  }

  private void feed(byte[] bytes) {
    End end = new End(random.nextBoolean(), LIMITS, new AtomicLong());
    end.session.tick();
    for (int i = random.nextInt(4); i > 0; i--) {
      StreamProbe.on(end.session.open());
    }
    for (int at = 0; at < bytes.length; ) {
      int length = Math.min(bytes.length - at, 1 + random.nextInt(bytes.length));
      end.receive(Arrays.copyOfRange(bytes, at, at + length));
      at += length;
      for (YamuxStream stream : end.accepted) {
        act(stream);
      }
      end.highWater = random.nextInt(3) * 1000;
      end.session.transportWritable();
      end.takeBytes(random.nextInt(3000));
      assertThat(end.session.registry().bufferedBytes()).isBetween(0L, LIMITS.bufferedBytesMax());
      assertThat(end.session.streamCount()).isLessThanOrEqualTo(40);
    }
    assertThat(end.closes).isEqualTo(end.session.isOpen() ? 0 : 1);
  }

  private void act(YamuxStream stream) {
    try {
      switch (random.nextInt(12)) {
        case 0 -> stream.reset(random.nextInt(10));
        case 1 -> stream.closeRead();
        case 2 -> stream.closeWrite();
        case 3, 4, 5 -> stream.read(new byte[2000], 0, random.nextInt(2000));
        case 6 -> stream.write(new byte[3000], 0, random.nextInt(3000));
        default -> {}
      }
    } catch (OverlayException e) {
      assertThat(stream.isOpen()).as("only an ended stream throws: %s", e).isFalse();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("write after closeWrite");
    }
  }
}
