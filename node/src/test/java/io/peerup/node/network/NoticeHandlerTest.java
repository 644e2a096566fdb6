package io.peerup.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Home;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.node.Ids;
import io.peerup.node.TestStream;
import io.peerup.node.TestTrust;
import io.peerup.node.peers.NodeGater;
import io.peerup.node.peers.PairingGuests;
import io.peerup.pairing.PairMessages;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeysFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoticeHandlerTest {

  @TempDir Path directory;

  private final TestGroup group = new TestGroup("notices");
  private AuthorizedKeysFile keys;
  private final NodeGater gater =
      new NodeGater(
          TestTrust.allowing(List.of()),
          new VirtualClock(),
          TestGroup.RELAY::equals,
          new PairingGuests(new VirtualClock()),
          TestTrust.noPins());
  private NoticeHandler handler;

  @BeforeEach
  void join() {
    Home home = Home.of(directory).ensure();
    keys = AuthorizedKeysFile.open(home.authorizedKeys(), new VirtualClock());
    Roster roster = new Roster(Ids.peer(1), keys, new Memberships(home, Ids.peer(1)), _ -> false);
    roster.joined(group.join(1, "me", Optional.empty(), Map.of()));
    handler = new NoticeHandler(roster, gater);
  }

  @AfterEach
  void stop() {
    keys.close();
  }

  private byte[] notice(int member) {
    return PairMessages.encode(group.notice(member, "device-" + member));
  }

  private void hear(PeerId from, byte[]... frames) throws InterruptedException {
    handler.handle(new TestStream(from, true, frames));
  }

  @Test
  void everyNoticeOfAStreamCounts() throws InterruptedException {
    hear(TestGroup.RELAY, notice(2), notice(3), notice(2));
    assertThat(keys.current().peers()).hasSize(2);
  }

  @Test
  void nonsenseEndsTheStreamAndKeepsWhatCameBefore() throws InterruptedException {
    assertThatThrownBy(() -> hear(TestGroup.RELAY, notice(2), new byte[] {1, 2, 3}, notice(3)))
        .isInstanceOf(ProtocolViolation.class);
    assertThat(keys.current().find(Ids.peer(2))).isPresent();
    assertThat(keys.current().find(Ids.peer(3))).isEmpty();
  }

  @Test
  void anAuthorisedPeerThatIsNoRelayOfOursIntroducesNobody() throws InterruptedException {
    hear(TestGroup.RELAY, notice(2));
    hear(Ids.peer(2), notice(3));
    assertThat(keys.current().find(Ids.peer(3))).isEmpty();
  }

  @Test
  void asManyNoticesAsAllowedAreTakenAndOneMoreIsTooMany() throws InterruptedException {
    byte[][] most = new byte[Limits.NOTICES_MAX][];
    Arrays.fill(most, notice(2));
    hear(TestGroup.RELAY, most);
    byte[][] tooMany = new byte[Limits.NOTICES_MAX + 1][];
    Arrays.fill(tooMany, notice(2));
    assertThatThrownBy(() -> hear(TestGroup.RELAY, tooMany)).isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void anIntroductionThatOvertakesTheAnswerToOurJoinIsHeardOnceWeAreIn() throws Exception {
    gater.startJoining(TestGroup.RELAY);
    Thread hearing =
        Thread.ofVirtual()
            .start(() -> {
              try {
                hear(TestGroup.RELAY, notice(2));
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> hearing.getState() == Thread.State.TIMED_WAITING);
    assertThat(keys.current().find(Ids.peer(2))).isEmpty();
    gater.endJoining(TestGroup.RELAY);
    hearing.join();
    assertThat(keys.current().find(Ids.peer(2))).isPresent();
  }
}
