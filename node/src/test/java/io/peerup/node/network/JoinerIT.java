package io.peerup.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.StreamHandler;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.node.Ids;
import io.peerup.node.TestTrust;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.RelayHost;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A device joins at relays that do not do as they should.
class JoinerIT {

  private final PrivateKey identity = PrivateKey.ofEd25519Seed(new byte[32]);

  private static NodeGater gater() {
    return new NodeGater(
        TestTrust.allowing(List.of()),
        InstantSource.system(),
        _ -> false,
        new PairingGuests(InstantSource.system()),
        TestTrust.noPins());
  }

  /// Joins at a relay that gives this answer, or hangs up instead; returns the failure's code.
  private String codeOfJoinAt(Optional<byte[]> answer, AtomicInteger asked) {
    return codeOfJoinAt(stream -> {
      asked.incrementAndGet();
      stream.readFrame(io.peerup.pairing.Limits.FRAME_BYTES_MAX);
      answer.ifPresentOrElse(stream::writeFrame, stream.connection()::close);
    });
  }

  private String codeOfJoinAt(StreamHandler pairing) {
    NodeGater gater = gater();
    try (Host relay =
            HostBuilder.create()
                .identity(PrivateKey.generate(KeyRandom.secure()))
                .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
                .build();
        Host device = HostBuilder.create().identity(identity).gater(gater).build()) {
      relay.handle(PairMessages.PAIR_PROTOCOL, pairing);
      return codeOfJoin(device, gater, relay.id(), relay.listenAddresses().getFirst());
    }
  }

  private String codeOfJoin(Host device, NodeGater gater, PeerId relay, Multiaddr at) {
    GroupCode code =
        GroupCode.generate(1, relay, RelayHost.of(at), "", KeyRandom.secure()).codes().getFirst();
    Joiner joiner =
        new Joiner(device, identity, gater, KeyRandom.secure(), new SplittableRandom(1));
    AtomicInteger settled = new AtomicInteger();
    Failure[] failure = new Failure[1];
    assertThatThrownBy(() -> joiner.join(code, "home", _ -> settled.incrementAndGet()))
        .isInstanceOfSatisfying(Failure.class, thrown -> failure[0] = thrown);
    assertThat(settled).as("nothing was written down").hasValue(0);
    return failure[0].code();
  }

  @Test
  void aRelayThatHangsUpIsAskedThreeTimesAndNotMore() {
    AtomicInteger asked = new AtomicInteger();
    assertThat(codeOfJoinAt(Optional.empty(), asked)).isEqualTo("pairing-failed");
    assertThat(asked).hasValue(Limits.ATTEMPTS);
  }

  @Test
  void anAnswerThatMakesNoSenseIsAskedForOnce() {
    AtomicInteger asked = new AtomicInteger();
    assertThat(codeOfJoinAt(Optional.of(new byte[] {9, 9, 9}), asked)).isEqualTo("bad-answer");
    assertThat(asked).hasValue(1);
  }

  @Test
  void anAnswerThatIsTooLongIsNotRead() {
    AtomicInteger asked = new AtomicInteger();
    assertThat(codeOfJoinAt(Optional.of(new byte[Limits.ANSWER_BYTES_MAX + 1]), asked))
        .isEqualTo("pairing-failed");
  }

  @Test
  void aRelayThatSaysNothingIsAskedOnceAndGivenUpAfterTenSeconds() {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch over = new CountDownLatch(1);
    long start = System.nanoTime();
    String code =
        codeOfJoinAt(stream -> {
          asked.incrementAndGet();
          try {
            stream.read(new byte[1 << 16], 0, 1 << 16);
            over.await();
          } finally {
            stream.reset();
          }
        });
    over.countDown();
    assertThat(code).isEqualTo("pairing-failed");
    assertThat(asked).hasValue(1);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Limits.DIALOGUE);
  }

  @Test
  void aRelayThatNeverAnswersTheHandshakeIsGivenUp() throws IOException {
    NodeGater gater = gater();
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Host device = HostBuilder.create().identity(identity).gater(gater).build()) {
      Multiaddr at = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + silent.getLocalPort());
      long start = System.nanoTime();
      assertThat(codeOfJoin(device, gater, Ids.peer(9), at)).isEqualTo("relay-unreachable");
      // Loopback is near: its dial alone ends earlier.
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(60));
    }
  }
}
