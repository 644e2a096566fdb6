package io.peerup.libp2p.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.tls.JdkTls;
import io.peerup.libp2p.tls.TlsKeys;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whoever races several addresses gives up all dials but one, at any moment of their handshakes.
class QuicAbandonIT {

  private static final int DIALS = 200;
  private static final Duration SOON = Duration.ofSeconds(15);

  private final List<AutoCloseable> toClose = new ArrayList<>();
  private final PrivateKey identity = PrivateKey.generate(KeyRandom.secure());
  private final Side ours = new Side();
  private final Side theirs = new Side();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : toClose.reversed()) {
      each.close();
    }
  }

  /// Counts what one side knows of.
  private static final class Side implements QuicTransport.Acceptor, Upgrade.Outcome {
    private final AtomicInteger handshakes = new AtomicInteger();
    private final AtomicInteger connections = new AtomicInteger();

    @Override
    public boolean doubts(InetSocketAddress remote) {
      return false;
    }

    @Override
    public Upgrade.Outcome begins(
        InetSocketAddress local, InetSocketAddress remote, Runnable abandon) {
      handshakes.incrementAndGet();
      return this;
    }

    @Override
    public void upgraded(MuxedConnection connection) {
      handshakes.decrementAndGet();
      connections.incrementAndGet();
      connection.start(
          new MuxedConnection.Owner() {
            @Override
            public void opened(BlockingStream stream) {
              stream.reset();
            }

            @Override
            public void closed(OverlayException cause) {
              connections.decrementAndGet();
            }
          });
    }

    @Override
    public void failed(OverlayException cause) {
      handshakes.decrementAndGet();
    }
  }

  private QuicEndpoint endpoint(PrivateKey key, Side side) throws Exception {
    TcpTransport loops = new TcpTransport(1);
    QuicTransport transport =
        new QuicTransport(
            loops,
            QuicTransport.Settings.of(
                TlsKeys.of(key, KeyRandom.secure(), InstantSource.system(), JdkTls::new),
                KeyRandom.secure(),
                new BufferBudget(BufferBudget.BYTES_MAX),
                false,
                QuicLimits.INBOUND_STREAMS_MAX,
                Duration.ofSeconds(60)));
    toClose.add(loops);
    toClose.add(transport);
    return transport.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), side);
  }

  /// Neither a connection nor a handshake, long before silence or time would end them; and nobody
  /// takes the rest of an exchange for the beginning of another.
  @Test
  void aDialThatIsGivenUpLeavesNothingBehindAtTheListener() throws Exception {
    QuicEndpoint dialler = endpoint(PrivateKey.generate(KeyRandom.secure()), ours);
    QuicEndpoint listener = endpoint(identity, theirs);
    Random random = new Random(7);
    for (int i = 0; i < DIALS; i++) {
      ours.handshakes.incrementAndGet();
      Runnable abandon =
          dialler.dial(
              listener.local(),
              PeerExpectation.exactly(PeerId.of(identity.publicKey())),
              SOON,
              new Upgrade.Outcome() {
                @Override
                public void upgraded(MuxedConnection connection) {
                  ours.upgraded(connection);
                  connection.close(0);
                }

                @Override
                public void failed(OverlayException cause) {
                  ours.failed(cause);
                }
              });
      LockSupport.parkNanos(random.nextInt(20_000_000));
      abandon.run();
    }
    await()
        .atMost(SOON)
        .untilAsserted(() -> {
          assertThat(ours.handshakes).as("our handshakes").hasValue(0);
          assertThat(theirs.connections).as("connections").hasValue(0);
          assertThat(theirs.handshakes).as("handshakes").hasValue(0);
        });
    assertThat(ours.connections).hasValue(0);
  }
}
