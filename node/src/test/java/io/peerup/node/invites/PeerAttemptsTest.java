package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Home;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.node.Ids;
import io.peerup.testkit.VirtualClock;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerAttemptsTest {

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();

  /// Each time as after a restart.
  private PeerAttempts attempts() {
    Home home = Home.of(directory.resolve("home")).ensure();
    return new PeerAttempts(new InviteStore(home, KeyRandom.secure()), clock);
  }

  @Test
  void threeTriesAnHourOutliveRestartsAndCountForOnePeer() {
    for (int i = 0; i < 3; i++) {
      assertThat(attempts().isLeft(Ids.peer(1))).isTrue();
      attempts().count(Ids.peer(1));
    }
    assertThat(attempts().isLeft(Ids.peer(1))).isFalse();
    assertThatThrownBy(() -> attempts().count(Ids.peer(1))).isInstanceOf(LimitReached.class);
    assertThat(attempts().isLeft(Ids.peer(2))).isTrue();
    clock.advance(Duration.ofHours(1));
    assertThat(attempts().isLeft(Ids.peer(1))).isTrue();
  }
}
