package io.peerup.relay.mailbox;

import static io.peerup.relay.circuit.TestPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.pairing.mailbox.Limits;
import io.peerup.pairing.mailbox.Mail;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MailboxesTest {

  private static final Duration DAY = Duration.ofDays(1);
  private static final PeerId HOME = peer(1);
  private static final PeerId LAPTOP = peer(2);
  private static final byte[] CAPABILITY = new byte[Limits.CAPABILITY_BYTES];
  private static final CapabilityHash HASH = CapabilityHash.of(CAPABILITY);

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private Path file = Path.of("unset");

  @BeforeEach
  void makeDirectory() {
    Path state = directory.resolve("state");
    PrivateFiles.ensureDirectory(state);
    file = state.resolve("mailbox.json");
  }

  private Mailboxes open() {
    return Mailboxes.open(file, new Random(1), clock);
  }

  private static Deposit message(int number) {
    return new Deposit(CAPABILITY, new byte[] {(byte) number}, Optional.empty());
  }

  private static boolean leave(Mailboxes mailboxes, int number) {
    return mailboxes.deposit(LAPTOP, message(number), HOME::equals).isPresent();
  }

  private static List<Mail> fetch(Mailboxes mailboxes) {
    return mailboxes.fetch(HOME, 0, Limits.FETCH_MAX);
  }

  /// What a process that was killed leaves is what is on disk when the answer leaves: each step is
  /// looked at from a fresh start, while the old process still has the file.
  @Test
  void everyAnswerIsOnDiskBeforeItIsGiven() {
    Mailboxes running = open();
    running.grant(HOME, HASH, 2, DAY);
    assertThat(open().isOpen()).isTrue();
    leave(running, 1);
    assertThat(fetch(open())).hasSize(1);
    assertThat(leave(open(), 1)).as("the same again").isTrue();
    leave(running, 2);
    assertThat(leave(open(), 3)).as("used up").isFalse();
    running.delete(HOME, List.of(fetch(running).getFirst().id()));
    assertThat(fetch(open())).hasSize(1);
    running.revoke(HOME, HASH);
    assertThat(open().isOpen()).isFalse();
    running.remove(HOME);
    assertThat(fetch(open())).isEmpty();
  }

  @Test
  void whatChangesNothingWritesNothing() throws IOException {
    Mailboxes mailboxes = open();
    mailboxes.grant(HOME, HASH, 1, DAY);
    leave(mailboxes, 1);
    Files.delete(file);
    leave(mailboxes, 1);
    leave(mailboxes, 2);
    fetch(mailboxes);
    mailboxes.grant(HOME, HASH, 1, DAY);
    mailboxes.revoke(LAPTOP, HASH);
    mailboxes.delete(LAPTOP, List.of(1L));
    mailboxes.prune();
    assertThat(file).doesNotExist();
  }

  @Test
  void whatCannotBeWrittenIsAnsweredWithNoAndWrittenWithTheNextRequest() throws IOException {
    Mailboxes mailboxes = open();
    mailboxes.grant(HOME, HASH, 1, DAY);
    Path state = file.getParent();
    Files.move(state, directory.resolve("away"));
    Files.writeString(state, "in the way");
    assertThatThrownBy(() -> leave(mailboxes, 1)).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> leave(mailboxes, 1)).as("again").isInstanceOf(Failure.class);
    Files.delete(state);
    Files.move(directory.resolve("away"), state);
    assertThat(fetch(open())).isEmpty();
    assertThat(leave(mailboxes, 1)).isTrue();
    assertThat(fetch(open())).hasSize(1);
  }

  @Test
  void whatIsOverGoesFromTheDiskWithoutAnybodyAsking() {
    Mailboxes mailboxes = open();
    mailboxes.grant(HOME, HASH, 1, DAY);
    leave(mailboxes, 1);
    clock.advance(DAY.plus(Limits.AFTERLIFE));
    mailboxes.prune();
    assertThat(new String(PrivateFiles.read(file), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("{\"version\":1,\"mailboxes\":[]}");
  }

  @Test
  void cutOrZeroedTheFileStopsTheStartAndStaysAsItIs() {
    Mailboxes mailboxes = open();
    mailboxes.grant(HOME, HASH, 2, DAY);
    leave(mailboxes, 1);
    byte[] whole = PrivateFiles.read(file);
    for (int length = 0; length < whole.length; length += 7) {
      assertDamaged(Arrays.copyOf(whole, length));
    }
    byte[] zeroed = whole.clone();
    Arrays.fill(zeroed, 100, 200, (byte) 0);
    assertDamaged(zeroed);
  }

  private void assertDamaged(byte[] content) {
    PrivateFiles.write(file, content);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code()).isEqualTo("state-damaged"))
        .hasMessageContaining("mailbox.json");
    assertThat(PrivateFiles.read(file)).isEqualTo(content);
  }

  @Test
  void damagedInAnyWayItIsNamedOrReadAndNeverFailsOtherwise() throws IOException {
    Mailboxes mailboxes = open();
    mailboxes.grant(HOME, HASH, 2, DAY);
    leave(mailboxes, 1);
    byte[] whole = PrivateFiles.read(file);
    for (byte[] damaged : Damages.gross(whole)) {
      assertThat(opens(damaged)).as("%d bytes", damaged.length).isFalse();
    }
    for (byte[] flipped : Damages.flips(whole, SeededRandom.of(MailboxesTest.class))) {
      opens(flipped);
    }
    assertThat(opens(whole)).isTrue();
  }

  private boolean opens(byte[] content) throws IOException {
    Files.write(file, content);
    try {
      open();
      return true;
    } catch (Failure e) {
      assertThat(e.code()).isEqualTo("state-damaged");
      assertThat(e.message()).contains(file.toString());
      assertThat(e.hint()).contains("backup");
      return false;
    } finally {
      assertThat(Files.readAllBytes(file)).as("left as it is").isEqualTo(content);
    }
  }
}
