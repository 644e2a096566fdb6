package io.peerup.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.transport.BufferBudget;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/// Many sessions under one budget, attacked by peers that fill every window and by readers that
/// never read.
class BufferBudgetTest {

  private static final int WINDOW = YamuxLimits.INITIAL_WINDOW_BYTES;
  private static final long BYTES_MAX = 16L << 20;

  private final BufferBudget budget = new BufferBudget(BYTES_MAX);
  private final Queue<Runnable> loops = new ArrayDeque<>();

  /// The listening end of a session whose streams nobody reads.
  private final class Server implements YamuxOutput, YamuxListener {
    final List<YamuxStream> accepted = new ArrayList<>();
    final BufferBudget.Account account;
    final YamuxSession session;

    Server(String peer) {
      account = budget.open(peer, () -> loops.add(this::relieve));
      session = new YamuxSession(false, YamuxLimits.DEFAULT, () -> 0, this, this, account);
    }

    private void relieve() {
      session.relieve();
    }

    /// The peer opens a stream and sends so much at once.
    void flood(int id, int bytes) {
      byte[] frame = SentFrame.bytes(SentFrame.data(Frame.SYN, id, new byte[bytes]));
      session.receive(frame, 0, frame.length);
    }

    @Override
    public boolean isWritable() {
      return true;
    }

    @Override
    public void frame(byte[] header, byte[] payload, int offset, int length) {}

    @Override
    public void flush() {}

    @Override
    public void onStream(YamuxStream stream) {
      accepted.add(stream);
    }

    @Override
    public void onReadingPaused(boolean paused) {}

    @Override
    public void onClosed(OverlayException cause) {
      account.close();
    }
  }

  private void runLoops() {
    while (!loops.isEmpty()) {
      loops.remove().run();
    }
  }

  @Test
  void aFloodOfSessionsWithFullWindowsStaysWithinTheBudgetAndOneBelowItsFairShareIsNotTouched() {
    Server honest = new Server("honest");
    honest.flood(1, WINDOW / 8);
    for (int peer = 0; peer < 200; peer++) {
      Server attacked = new Server("attacker " + peer);
      for (int stream = 0; stream < 4; stream++) {
        attacked.flood(2 * stream + 1, WINDOW);
        assertThat(budget.held())
            .isLessThanOrEqualTo(BYTES_MAX + BYTES_MAX / BufferBudget.SLACK_SHARE);
        runLoops();
        assertThat(budget.held()).isLessThanOrEqualTo(BYTES_MAX);
      }
    }
    assertThat(budget.held()).isGreaterThan(BYTES_MAX / 2);
    assertThat(honest.accepted.getFirst().available()).isEqualTo(WINDOW / 8);
  }

  @Test
  void aBudgetThatNobodyRelievesIsStillBoundedByItsSlack() {
    for (int peer = 0; peer < 200; peer++) {
      new Server("attacker " + peer).flood(1, WINDOW);
      assertThat(budget.held())
          .isLessThanOrEqualTo(BYTES_MAX + BYTES_MAX / BufferBudget.SLACK_SHARE);
    }
    assertThat(budget.held()).isGreaterThan(BYTES_MAX);
  }

  @Test
  void onePeerStaysWithinItsShareHoweverManySessionsItOpens() {
    Server other = new Server("other");
    other.flood(1, WINDOW);
    long most = 0;
    for (int session = 0; session < 8; session++) {
      Server mine = new Server("greedy");
      for (int stream = 0; stream < 100; stream++) {
        mine.flood(2 * stream + 1, WINDOW);
        most = Math.max(most, budget.held() - WINDOW);
      }
      assertThat(mine.session.isOpen()).isTrue();
    }
    assertThat(most).isEqualTo(budget.peerBytesMax());
    assertThat(other.accepted.getFirst().isOpen()).isTrue();
  }

  @Test
  void aPeerAtItsShareToTheByteLosesNothing() {
    Server server = new Server("exact");
    int streams = (int) (budget.peerBytesMax() / WINDOW);
    for (int stream = 0; stream < streams; stream++) {
      server.flood(2 * stream + 1, WINDOW);
    }
    assertThat(budget.held()).isEqualTo(budget.peerBytesMax());
    assertThat(server.session.streamCount()).isEqualTo(streams);
    server.flood(2 * streams + 1, 1);
    assertThat(server.session.streamCount()).isEqualTo(streams);
    assertThat(budget.held()).isLessThan(budget.peerBytesMax());
  }

  @Test
  void whatIsReadOrEndsIsGivenBack() {
    Server server = new Server("reader");
    server.flood(1, WINDOW);
    server.flood(3, WINDOW);
    byte[] sink = new byte[WINDOW];
    assertThat(server.accepted.getFirst().read(sink, 0, WINDOW)).isEqualTo(WINDOW);
    assertThat(budget.held()).isEqualTo(WINDOW);
    server.session.close(YamuxCodes.NONE);
    assertThat(budget.held()).isZero();
    server.account.change(77);
    assertThat(budget.held()).isZero();
  }
}
