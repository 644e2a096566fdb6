package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DialingTest {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Multiaddr V4 = Multiaddr.parse("/ip4/8.8.8.8/tcp/1");
  private static final Multiaddr V6 = Multiaddr.parse("/ip6/2606:4700::1111/tcp/1");

  private final Set<Multiaddr> tried = ConcurrentHashMap.newKeySet();
  private final AtomicLong minutes = new AtomicLong();
  private final Dialing dialing =
      new Dialing(
          somebody(),
          ConnectionGater.open(),
          HostLimits.DEFAULTS,
          new Connections(),
          new PeerBook(),
          (address, expectation, timeout) -> {
            tried.add(address);
            throw new PeerUnreachable("nobody there");
          },
          () -> Duration.ofMinutes(minutes.get()).toNanos());

  private static PeerId somebody() {
    return PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey());
  }

  private void dial(Multiaddr... addresses) {
    minutes.incrementAndGet(); // past the back-off
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(somebody(), List.of(addresses), SOON))
        .isInstanceOf(OverlayException.class);
  }

  @Test
  void anotherNetworkForgetsTheFailuresOfAnAddress() {
    PeerId peer = somebody();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i <= DialBackoff.BURST; i++) {
        tried.clear();
        assertThatThrownBy(() -> dialing.connect(peer, List.of(V4), SOON))
            .isInstanceOf(PeerUnreachable.class);
        assertThat(tried.contains(V4)).as("dial %d", i).isEqualTo(i < DialBackoff.BURST);
      }
      dialing.forgetFailures();
    }
  }

  @Test
  void dialsThatLeadNowhereEndThoseOfTheirKindButNotOnesThatSomebodyNames() {
    for (int i = 0; i < BlackHole.WINDOW; i++) {
      dial(V6, V4);
      assertThat(tried).containsExactlyInAnyOrder(V6, V4);
    }
    dial(V6, V4);
    assertThat(tried).containsExactly(V4);
    dialing.forgetFailures();
    dial(V6, V4);
    assertThat(tried).containsExactlyInAnyOrder(V6, V4);
    for (int i = 1; i < BlackHole.WINDOW; i++) {
      dial(V6, V4);
    }
    dial(V6, V4);
    assertThat(tried).containsExactly(V4);
    dial(V6);
    assertThat(tried).containsExactly(V6);
    tried.clear();
    assertThatThrownBy(() -> dialing.connect(V6, PeerExpectation.any(), SOON))
        .isInstanceOf(PeerUnreachable.class);
    assertThat(tried).containsExactly(V6);
  }
}
