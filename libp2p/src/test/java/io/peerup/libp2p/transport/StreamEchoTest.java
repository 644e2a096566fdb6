package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Stream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StreamEchoTest {

  private static final Duration IDLE_MAX = Duration.ofMinutes(1);

  /// More than the way back holds while nobody reads, and less than both ways hold.
  private static final int PIECES = 50;

  private static final int PIECE_BYTES = 10_000;

  private final MuxedPair pair = new MuxedPair();
  private final AtomicInteger done = new AtomicInteger();

  /// Nothing comes behind the end that could make the echo look again.
  @Test
  void anEndThatComesWhileNothingCanBeSentBackFollowsTheLastByte() {
    Stream pinger = pair.open();
    BlockingStream echoing = pair.listener.opened.getFirst();
    StreamEcho.start(echoing, 1, IDLE_MAX, done::incrementAndGet);
    byte[] sent = new byte[PIECES * PIECE_BYTES];
    new Random(1).nextBytes(sent);
    for (int at = 0; at < sent.length; at += PIECE_BYTES) {
      pinger.write(sent, at, PIECE_BYTES);
      pair.loop.quiet();
    }
    pinger.closeWrite();
    pair.loop.quiet();
    assertThat(done).hasValue(0);

    byte[] back = new byte[sent.length];
    for (int at = 0; at < back.length; ) {
      at += pinger.read(back, at, back.length - at);
      pair.loop.quiet();
    }
    assertThat(back).isEqualTo(sent);
    assertThat(done).hasValue(1);
    assertThat(pinger.read(back, 0, 1)).isEqualTo(-1);
  }
}
