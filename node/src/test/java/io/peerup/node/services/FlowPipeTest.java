package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.OverlayException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class FlowPipeTest {

  private static final int BESIDE_MAX = 1000;
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private PipeStream[] ends = PipeStream.pairWithDatagrams(BESIDE_MAX);
  private final List<byte[]> got = new CopyOnWriteArrayList<>();
  private final Flow frames = new Flow();

  @AfterEach
  void end() {
    ends[0].reset();
  }

  private FlowPipe pipe(FlowPipe.Sink sink) {
    FlowPipe pipe = new FlowPipe(ends[0], frames, sink);
    Thread.ofVirtual()
        .start(() -> {
          try {
            pipe.receive();
          } catch (IOException | OverlayException e) {
            // The test is over.
          }
        });
    Thread.ofVirtual()
        .start(() -> {
          try {
            pipe.writeFrames(NEVER);
          } catch (InterruptedException | OverlayException e) {
            // As above.
          }
        });
    return pipe;
  }

  private void farSends(byte[] datagram) {
    assertThat(ends[1].datagrams().orElseThrow().send(datagram)).isTrue();
  }

  @Test
  void whatFitsGoesBesideTheStreamAndTheRestOnIt() {
    FlowPipe pipe = pipe(got::add);
    ends[1].datagrams().orElseThrow().receive(got::add);
    pipe.agree();
    pipe.send(new byte[BESIDE_MAX]);
    pipe.send(new byte[0]);
    pipe.send(new byte[BESIDE_MAX + 1]);
    assertThat(got).hasSize(2);
    assertThat(ends[0].sentBeside()).isEqualTo(2);
    assertThat(ends[1].readFrame(BESIDE_MAX + 1)).hasSize(BESIDE_MAX + 1);
    assertThat(pipe.bytesOut()).isEqualTo(2 * BESIDE_MAX + 1);
  }

  @Test
  void whatComesOnEitherWayIsTaken() {
    FlowPipe pipe = pipe(got::add);
    farSends(new byte[1]);
    ends[1].writeFrame(new byte[2000]);
    await().atMost(PATIENCE).until(() -> got.size() == 2);
    assertThat(got).extracting(each -> each.length).containsExactlyInAnyOrder(1, 2000);
    assertThat(pipe.bytesIn()).isEqualTo(2001);
  }

  @Test
  void untilTheServiceIsGrantedEverythingGoesOnTheStream() {
    FlowPipe pipe = pipe(got::add);
    pipe.send(new byte[1]);
    assertThat(ends[1].readFrame(1)).hasSize(1);
    pipe.agree();
    pipe.send(new byte[2]);
    assertThat(ends[0].sentBeside()).isEqualTo(1);
  }

  @Test
  void aPeerThatSpeaksOnlyFramesGetsFrames() {
    ends = PipeStream.pair();
    FlowPipe pipe = pipe(got::add);
    pipe.agree();
    pipe.send(new byte[1]);
    assertThat(ends[1].readFrame(1)).hasSize(1);
    assertThat(ends[0].sentBeside()).isZero();
  }

  @Test
  void aStreamOnWhichNothingMovesStopsNoDatagramAndHoldsNoMoreThanAFlow() {
    FlowPipe pipe = pipe(got::add);
    pipe.agree();
    long before = -1;
    while (pipe.bytesOut() > before) { // the peer reads none of these
      before = pipe.bytesOut();
      pipe.send(new byte[BESIDE_MAX + 1]);
    }
    assertThat(before).isLessThanOrEqualTo(Limits.FLOW_BYTES_MAX + 17L * (BESIDE_MAX + 1));
    for (int i = 0; i < 100; i++) {
      pipe.send(new byte[BESIDE_MAX]);
      farSends(new byte[] {(byte) i});
    }
    assertThat(ends[0].sentBeside()).isEqualTo(100);
    await().atMost(PATIENCE).until(() -> got.size() == 100);
  }

  @Test
  void aFloodTowardsASlowProgramIsBounded() {
    CountDownLatch slow = new CountDownLatch(1);
    FlowPipe _ =
        pipe(datagram -> {
          got.add(datagram);
          awaitQuietly(slow);
        });
    for (int i = 0; i < 10_000; i++) {
      farSends(new byte[BESIDE_MAX]);
    }
    await().atMost(PATIENCE).until(() -> got.size() == 1);
    slow.countDown();
    farSends(new byte[1]); // there may be no room for it yet
    await()
        .atMost(PATIENCE)
        .until(() -> {
          farSends(new byte[1]);
          return got.getLast().length == 1;
        });
    assertThat(got.stream().filter(each -> each.length == BESIDE_MAX).count())
        .isBetween(2L, 1L + Limits.FLOW_BYTES_MAX / BESIDE_MAX);
  }

  @Test
  void nothingIsTakenAfterTheEnd() throws Exception {
    CountDownLatch slow = new CountDownLatch(1);
    FlowPipe pipe =
        pipe(datagram -> {
          got.add(datagram);
          awaitQuietly(slow);
        });
    for (int i = 0; i < 100; i++) {
      farSends(new byte[1]);
    }
    await().atMost(PATIENCE).until(() -> got.size() == 1);
    pipe.end();
    slow.countDown();
    assertThat(ends[1].datagrams().orElseThrow().send(new byte[1])).isFalse();
    await().during(Duration.ofMillis(200)).atMost(PATIENCE).until(() -> got.size() == 1);
  }

  @Test
  void datagramsInEitherDirectionKeepAFlowAndSilenceEndsIt() throws Exception {
    FlowPipe pipe = new FlowPipe(ends[0], frames, got::add);
    pipe.agree();
    Thread receiving =
        Thread.ofVirtual()
            .start(() -> {
              try {
                pipe.receive();
              } catch (IOException | OverlayException e) {
                // The test is over.
              }
            });
    Thread writing =
        Thread.ofVirtual()
            .start(() -> {
              try {
                pipe.writeFrames(Duration.ofMillis(400));
              } catch (InterruptedException | OverlayException e) {
                // As above.
              }
            });
    for (int i = 0; i < 10; i++) {
      Thread.sleep(100);
      if (i % 2 == 0) {
        farSends(new byte[1]);
      } else {
        pipe.send(new byte[1]);
      }
    }
    assertThat(writing.isAlive()).isTrue();
    assertThat(writing.join(PATIENCE)).isTrue();
    pipe.end();
    assertThat(receiving.join(PATIENCE)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
