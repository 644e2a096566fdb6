package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file on a real disk.
class BlockedPeersFileTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;
  private Path path = Path.of("");
  private final List<BlockedPeersFile> opened = new ArrayList<>();
  private final List<AuthorizedKeysFile.Change> changes =
      Collections.synchronizedList(new ArrayList<>());

  @BeforeEach
  void name() {
    path = directory.resolve("blocked_peers");
  }

  @AfterEach
  void closeAll() {
    opened.forEach(BlockedPeersFile::close);
  }

  private BlockedPeersFile open() {
    BlockedPeersFile file = BlockedPeersFile.open(path);
    file.onChange(changes::add);
    opened.add(file);
    return file;
  }

  private void write(String content) {
    PrivateFiles.write(path, content.getBytes(StandardCharsets.UTF_8));
  }

  private static String code(Throwable e) {
    return ((Failure) e).code();
  }

  @Test
  void aMissingFileBlocksNobodyAndAppearsPrivateWithTheFirstBlock() throws IOException {
    BlockedPeersFile file = open();
    assertThat(file.current().peers()).isEmpty();
    assertThat(file.problem()).isEmpty();
    file.update(all -> all.with(peer(1), Optional.empty()));
    assertThat(Files.readString(path)).isEqualTo(peer(1) + "\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    assertThat(changes).containsExactly(new AuthorizedKeysFile.Change(Set.of(), Set.of(peer(1))));
  }

  @Test
  void anEditTakesEffectAndTellsWhoIsBlockedAndWhoNoLonger() {
    write(peer(1) + "\n");
    BlockedPeersFile file = open();
    write(peer(2) + " # not " + peer(1) + "\n");
    await().atMost(SOON).until(() -> file.current().contains(peer(2)));
    assertThat(file.current().contains(peer(1))).isFalse();
    assertThat(changes)
        .containsExactly(new AuthorizedKeysFile.Change(Set.of(peer(1)), Set.of(peer(2))));
  }

  @Test
  void aFileThatCannotBeReadOrUnderstoodStopsTheStart() throws IOException {
    write("spam\n");
    assertThatThrownBy(this::open)
        .satisfies(e -> assertThat(code(e)).isEqualTo("blocked-peers-invalid"))
        .hasMessageContaining(path + ": line 1 ");
    write(peer(1) + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
    assertThatThrownBy(this::open).satisfies(e -> assertThat(code(e)).isEqualTo("file-unsafe"));
    Files.delete(path);
    Files.createDirectory(path);
    assertThatThrownBy(this::open).isInstanceOf(Failure.class);
    Files.delete(path);
    Files.createSymbolicLink(path, directory.resolve("elsewhere"));
    assertThatThrownBy(this::open).isInstanceOf(Failure.class);
  }

  @Test
  void damageWhileRunningNeverUnblocksAndTheMendedFileCounts() throws IOException {
    write(peer(1) + "\n");
    BlockedPeersFile file = open();
    write("");
    await().atMost(SOON).until(() -> file.current().peers().isEmpty());
    write(peer(1) + "\n");
    await().atMost(SOON).until(() -> file.current().contains(peer(1)));
    changes.clear();

    write(peer(2) + "\nspam\n");
    awaitProblem(file, "blocked-peers-invalid");
    assertThatThrownBy(() -> file.update(all -> all.without(peer(1))))
        .satisfies(e -> assertThat(code(e)).isEqualTo("blocked-peers-invalid"));
    assertThat(Files.readString(path)).isEqualTo(peer(2) + "\nspam\n");

    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
    awaitProblem(file, "file-unsafe");
    Files.delete(path);
    awaitProblem(file, "blocked-peers-missing");
    assertThat(file.current().peers()).containsExactly(peer(1));
    assertThat(changes).isEmpty();

    write(peer(3) + "\n");
    await().atMost(SOON).until(() -> file.current().contains(peer(3)));
    assertThat(file.problem()).isEmpty();
  }

  @Test
  void aFileThatIsGoneIsWrittenAgainWithAllThatIsInForce() throws IOException {
    write(peer(1) + "\n");
    BlockedPeersFile file = open();
    Files.delete(path);
    awaitProblem(file, "blocked-peers-missing");
    file.update(all -> all.with(peer(2), Optional.empty()));
    assertThat(Files.readString(path)).isEqualTo(peer(1) + "\n" + peer(2) + "\n");
    assertThat(file.problem()).isEmpty();
    Files.delete(path);
    file.update(all -> all.with(peer(2), Optional.empty()));
    assertThat(Files.readString(path)).isEqualTo(peer(1) + "\n" + peer(2) + "\n");
  }

  /// Only who holds the home's lock writes; others may look, and edit at their own time.
  @Test
  void changesAtTheSameTimeAllCount() throws Exception {
    BlockedPeersFile one = open();
    BlockedPeersFile looking = open();
    CountDownLatch start = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> failed = Collections.synchronizedList(new ArrayList<>());
    for (int i = 1; i <= 12; i++) {
      PeerId peer = peer(i);
      threads.add(
          Thread.ofVirtual()
              .uncaughtExceptionHandler((_, e) -> failed.add(e))
              .start(() -> {
                try {
                  start.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                one.update(all -> all.with(peer, Optional.empty()));
              }));
    }
    start.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).isEmpty();
    await()
        .atMost(SOON)
        .until(() -> one.current().peers().size() == 12 && looking.current().peers().size() == 12);
    assertThat(Files.readString(path).lines()).hasSize(12);
  }

  private void awaitProblem(BlockedPeersFile file, String code) {
    await().atMost(SOON).until(() -> file.problem().map(Failure::code).equals(Optional.of(code)));
    assertThat(file.current().contains(peer(1))).isTrue();
  }
}
