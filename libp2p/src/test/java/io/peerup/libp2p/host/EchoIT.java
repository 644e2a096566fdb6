package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.ping.Ping;
import io.peerup.libp2p.transport.StreamEcho;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What answers a ping: bytes come back from the event loop, whatever the pinger does.
class EchoIT {

  private static final String ECHO = "/test/echo/1";
  private static final int UNIT = 8;

  private final TestHosts hosts = new TestHosts(listen());
  private final AtomicInteger done = new AtomicInteger();
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();

  /// What the hosts listen on.
  Multiaddr listen() {
    return TestHosts.LOOPBACK;
  }

  @AfterEach
  void close() {
    hosts.close();
    tasks.close();
  }

  private Connection connected(Duration idleMax) {
    Host server = hosts.listening();
    server.handle(ECHO, stream -> StreamEcho.start(stream, UNIT, idleMax, done::incrementAndGet));
    return connect(hosts.dialing(), server);
  }

  @Test
  void everyByteComesBackInOrderAndTheEndToo() throws Exception {
    Stream stream = connected(SOON).openStream(List.of(ECHO), SOON);
    stream.deadline(SOON);
    byte[] sent = new byte[3 << 20];
    new Random(1).nextBytes(sent);
    Future<?> writer =
        tasks.submit(() -> {
          for (int at = 0; at < sent.length; at += 7777) {
            stream.write(sent, at, Math.min(7777, sent.length - at));
          }
          stream.closeWrite();
        });
    assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
    assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
    assertThat(writer.get()).isNull();
    await().untilAsserted(() -> assertThat(done).hasValue(1));
  }

  @Test
  void aPingerThatDoesNotReadIsNotReadEither() {
    Stream stream = connected(SOON).openStream(List.of(ECHO), SOON);
    stream.deadline(Duration.ofSeconds(2));
    byte[] block = new byte[64 << 10];
    assertThatThrownBy(
            () -> {
              for (int sent = 0; sent < 256 << 20; sent += block.length) {
                stream.write(block);
              }
            })
        .isInstanceOf(DeadlineExceeded.class);
    stream.reset();
    await().untilAsserted(() -> assertThat(done).hasValue(1));
  }

  @Test
  void aSilentPingerIsResetAndOneThatSpeaksIsNot() throws Exception {
    // Within which a machine that is busy with other things speaks, too.
    Connection connection = connected(Duration.ofSeconds(2));
    try (Stream speaking = connection.openStream(List.of(ECHO), SOON);
        Stream silent = connection.openStream(List.of(ECHO), SOON)) {
      speaking.deadline(SOON);
      silent.deadline(SOON);
      silent.write(new byte[1]);
      assertThat(silent.readExactly(1)).hasSize(1);
      Future<Integer> speaker =
          tasks.submit(() -> {
            int answers = 0;
            for (; done.get() == 0; answers++) {
              speaking.write(new byte[UNIT]);
              assertThat(speaking.readExactly(UNIT)).hasSize(UNIT);
            }
            return answers;
          });
      assertThatThrownBy(() -> silent.read(new byte[1], 0, 1))
          .isInstanceOf(OverlayException.class)
          .hasMessageContaining("reset");
      assertThat(speaker.get()).isPositive();
      assertThat(speaking.isOpen()).isTrue();
    }
  }

  @Test
  void aPingerThatDripsOrTakesNothingBackIsResetAlthoughItSends() throws Exception {
    Connection connection = connected(Duration.ofSeconds(1));
    Stream dripping = connection.openStream(List.of(ECHO), SOON);
    Stream deaf = connection.openStream(List.of(ECHO), SOON);
    // The drip is too slow for a unit in time, however long it takes this machine.
    Future<?> drip =
        tasks.submit(() -> {
          while (true) {
            dripping.write(new byte[1]);
            Thread.sleep(200);
          }
        });
    Future<?> flood =
        tasks.submit(() -> {
          while (true) {
            deaf.write(new byte[16 << 10]);
          }
        });
    await().atMost(SOON).untilAsserted(() -> assertThat(done).hasValue(2));
    assertThatThrownBy(() -> drip.get(SOON.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(OverlayException.class);
    assertThatThrownBy(() -> flood.get(SOON.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(OverlayException.class);
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  void aPeerHasTwoPingStreamsAtATimeAndNotMore() {
    Host server = hosts.listening();
    Connection connection = connect(hosts.dialing(), server);
    Stream first = pinged(connection);
    Stream second = pinged(connection);
    assertThatThrownBy(() -> pinged(connection)).isInstanceOf(OverlayException.class);
    second.close();
    await().ignoreExceptions().untilAsserted(() -> pinged(connection).close());
    first.close();
  }

  private static Stream pinged(Connection connection) {
    Stream stream = connection.openStream(List.of(Ping.PROTOCOL), SOON);
    stream.deadline(SOON);
    stream.write(new byte[Ping.BYTES]);
    assertThat(stream.readExactly(Ping.BYTES)).hasSize(Ping.BYTES);
    return stream;
  }
}
