package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.testkit.SeededRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// Two sessions, a link with delay and back-pressure on both sides, and applications that open,
/// write, read, close and reset at random. Whatever the order: bytes arrive unchanged, nothing is
/// lost without a reset, nobody breaks a rule, and at the end nothing is left over. A failure is
/// replayed with the seed that the run prints.
class YamuxSimTest {

  private static final YamuxLimits LIMITS =
      YamuxLimits.DEFAULT.withStreams(12, 8).withMemory(1 << 20, 2 << 20, 64 << 20);

  private SeededRandom random = SeededRandom.of(YamuxSimTest.class);
  private final AtomicLong clock = new AtomicLong();
  private final Side left = new Side(new End(true, LIMITS, clock));
  private final Side right = new Side(new End(false, LIMITS, clock));

  @RepeatedTest(40)
  void anyInterleavingKeepsEveryPromise(RepetitionInfo repetition) {
    random = SeededRandom.of("yamux simulation " + repetition.getCurrentRepetition());
    for (int step = 0; step < 4000; step++) {
      step(random.nextBoolean() ? left : right);
      check(left);
      check(right);
    }
    finish();
  }

  private void step(Side side) {
    Side other = side == left ? right : left;
    switch (random.nextInt(20)) {
      case 0 -> side.open();
      case 1, 2, 3, 4 -> side.write();
      case 5, 6, 7 -> side.read();
      case 8 -> side.endSomething();
      case 9 -> {
        side.end.highWater = random.nextInt(4) == 0 ? 0 : random.nextInt(200_000);
        side.end.session.transportWritable();
      }
      case 10 -> {
        clock.addAndGet(random.nextInt(200_000_000));
        side.end.session.tick();
      }
      case 11 -> clock.addAndGet(random.nextInt(1_000_000));
      default -> deliver(side, other, random.nextInt(150_000));
    }
  }

  private void deliver(Side from, Side to, int most) {
    byte[] bytes = from.end.takeBytes(most);
    if (from.end.isWritable()) {
      from.end.session.transportWritable();
    }
    to.end.receive(bytes);
    to.adopt();
  }

  private void check(Side side) {
    assertThat(side.end.cause).as("the session lives (seed %s)", SeededRandom.seed()).isNull();
    assertThat(side.end.session.registry().bufferedBytes())
        .isEqualTo(side.apps.values().stream().mapToLong(app -> app.stream.available()).sum());
    assertThat(side.end.session.registry().windowGrowth())
        .isBetween(0L, LIMITS.windowGrowthBytesMax());
    assertThat(side.end.frameMost).isLessThanOrEqualTo(YamuxLimits.FRAME_BYTES_MAX);
  }

  /// Everybody says what is left to say and reads what is left to read.
  private void finish() {
    for (Side side : List.of(left, right)) {
      side.end.highWater = Integer.MAX_VALUE;
      side.end.session.transportWritable();
      side.apps.values().forEach(app -> app.eager = true);
    }
    for (int round = 0; round < 100; round++) {
      for (Side side : List.of(left, right)) {
        side.apps.values().forEach(App::readAll);
        // A writer that is never woken again would keep its stream open.
        side.apps.values().stream()
            .filter(app -> app.wants == 0)
            .forEach(app -> app.stream.closeWrite());
        deliver(side, side == left ? right : left, Integer.MAX_VALUE);
      }
    }
    for (Side side : List.of(left, right)) {
      check(side);
      assertThat(side.end.session.streamCount()).isZero();
      assertThat(side.end.session.registry().unacknowledgedCount()).isZero();
      assertThat(side.end.session.registry().bufferedBytes()).isZero();
      assertThat(side.end.session.registry().windowGrowth()).isZero();
    }
    compareBytes(left, right);
    compareBytes(right, left);
    left.end.session.close(0);
    deliver(left, right, Integer.MAX_VALUE);
    assertThat(right.end.goAways).containsExactly(0L);
    assertThat(left.end.closes).isEqualTo(1);
    assertThat(right.end.closes).isEqualTo(1);
  }

  private static void compareBytes(Side from, Side to) {
    from.apps.forEach((id, app) -> {
      App peer = to.apps.get(id);
      if (peer == null) {
        assertThat(app.cut).as("stream %s was never seen", id).isTrue();
      } else if (!app.cut && !peer.cut && !peer.stoppedReading) {
        assertThat(peer.received).as("bytes of stream %s", id).isEqualTo(app.sent);
      } else {
        assertThat(peer.received).isLessThanOrEqualTo(app.sent);
      }
    });
  }

  /// One session and the applications on its streams.
  private final class Side {
    private final End end;
    private final Map<Long, App> apps = new HashMap<>();

    Side(End end) {
      this.end = end;
    }

    void open() {
      try {
        YamuxStream stream = end.session.open();
        apps.put(stream.id(), new App(stream));
      } catch (OverlayException atLimit) {
        assertThat(end.session.streamCount()).isGreaterThanOrEqualTo(8);
      }
    }

    void adopt() {
      for (YamuxStream stream : end.accepted) {
        apps.put(stream.id(), new App(stream));
      }
      end.accepted.clear();
    }

    void write() {
      choose(app -> app.write(random.nextInt(120_000)));
    }

    void read() {
      choose(app -> app.read(1 + random.nextInt(150_000)));
    }

    void endSomething() {
      choose(app -> {
        switch (random.nextInt(6)) {
          case 0 -> {
            app.cut |= app.stream.isOpen();
            app.stream.reset(random.nextInt(5));
          }
          case 1 -> {
            app.stoppedReading = true;
            app.stream.closeRead();
          }
          default -> app.stream.closeWrite();
        }
      });
    }

    private void choose(java.util.function.Consumer<App> action) {
      List<App> alive = new ArrayList<>();
      for (App app : apps.values()) {
        if (app.stream.isOpen()) {
          alive.add(app);
        }
      }
      if (!alive.isEmpty()) {
        action.accept(alive.get(random.nextInt(alive.size())));
      }
    }
  }

  /// What one end of a stream sent and received; byte number n of stream s is known to both.
  private final class App implements MuxStreamListener {
    private final YamuxStream stream;
    private long sent;
    private long received;
    private long wants;
    private boolean cut;
    private boolean stoppedReading;
    private boolean eager;

    App(YamuxStream stream) {
      this.stream = stream;
      stream.listen(this);
      // It may have come and gone within one piece of bytes.
      cut = !stream.isOpen();
      if (random.nextBoolean()) {
        read(10_000);
      }
    }

    void write(int bytes) {
      wants = bytes;
      onWritable();
    }

    @Override
    public void onWritable() {
      if (cut || wants == 0) {
        return;
      }
      byte[] bytes = new byte[(int) wants];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = expected(sent + i);
      }
      try {
        int count = stream.write(bytes, 0, bytes.length);
        sent += count;
        wants -= count;
      } catch (IllegalStateException closed) {
        wants = 0;
      }
    }

    void read(int most) {
      if (cut || stoppedReading) {
        return;
      }
      if (random.nextBoolean()) {
        byte[] target = new byte[most];
        int count = stream.read(target, 0, most);
        for (int i = 0; i < count; i++) {
          check(target[i], received + i);
        }
        received += Math.max(0, count);
      } else {
        stream.drain((source, offset, length) -> take(source, offset, length, most));
      }
    }

    void readAll() {
      while (!cut && !stoppedReading && stream.available() > 0) {
        read(1 << 20);
      }
    }

    @Override
    public int onData(byte[] source, int offset, int length) {
      if (eager || random.nextInt(3) == 0) {
        return take(source, offset, length, eager ? length : random.nextInt(length + 1));
      }
      return 0;
    }

    private int take(byte[] source, int offset, int length, int most) {
      int count = Math.min(length, most);
      for (int i = 0; i < count; i++) {
        check(source[offset + i], received + i);
      }
      received += count;
      return count;
    }

    private byte expected(long at) {
      return (byte) (at * 31 + (at >> 8) + stream.id());
    }

    private void check(byte actual, long at) {
      if (actual != expected(at)) {
        throw new AssertionError("byte " + at + " of " + stream + " is wrong");
      }
    }

    @Override
    public void onReadable() {}

    @Override
    public void onRemoteClosed() {}

    @Override
    public void onReset(OverlayException why, long code) {
      cut = true;
    }
  }
}
