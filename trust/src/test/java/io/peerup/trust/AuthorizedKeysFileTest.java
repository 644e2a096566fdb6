package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The file on a real disk: no sockets, but the watcher's own pace.
class AuthorizedKeysFileTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path directory;
  private final VirtualClock clock = new VirtualClock(Instant.parse("2026-06-01T12:00:00Z"));
  private final List<AuthorizedKeysFile.Change> changes =
      Collections.synchronizedList(new ArrayList<>());
  private Path path = Path.of("");
  private final List<AuthorizedKeysFile> opened = new ArrayList<>();

  @BeforeEach
  void name() {
    path = directory.resolve("authorized_keys");
  }

  @AfterEach
  void closeAll() {
    opened.forEach(AuthorizedKeysFile::close);
  }

  @Test
  void missingFileAuthorisesNobodyAndAppearsPrivateWithTheFirstUpdate() throws IOException {
    AuthorizedKeysFile file = open();
    assertThat(file.current().peers()).isEmpty();
    file.update(k -> k.with(AuthorizedPeer.of(peer(1), "home")));
    assertThat(Files.readString(path)).isEqualTo(peer(1) + " name=home\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
    told(change(Set.of(peer(1)), Set.of()));
  }

  @Test
  void handEditInPlaceTakesEffectAndTellsWhoCameAndWent() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    write(peer(2) + "\n");
    awaitPeers(file, peer(2));
    told(change(Set.of(peer(2)), Set.of(peer(1))));
  }

  @Test
  void editorThatRenamesTakesEffect() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    Path fresh = directory.resolve("new");
    Files.writeString(fresh, peer(1) + "\n" + peer(2) + "\n");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
    awaitPeers(file, peer(1), peer(2));
    told(change(Set.of(peer(2)), Set.of()));
  }

  @Test
  void disablingALineRemovesItsPeer() throws IOException {
    write(peer(1) + "\n" + peer(2) + "\n");
    AuthorizedKeysFile file = open();
    write(peer(1) + " oops\n" + peer(2) + "\n");
    awaitPeers(file, peer(2));
    told(change(Set.of(), Set.of(peer(1))));
    assertThat(file.current().disabled()).hasSize(1);
  }

  @Test
  void endOfAnAuthorisationIsToldLikeARemoval() throws IOException {
    write(peer(1) + " expires=2026-06-01T13:00:00Z\n" + peer(2) + "\n");
    open();
    clock.advance(Duration.ofMinutes(59));
    clock.advance(Duration.ofMinutes(1));
    await().atMost(SOON).until(() -> !changes.isEmpty());
    told(change(Set.of(), Set.of(peer(1))));
  }

  @Test
  void unsafeFileIsNotOpenedAndAFileThatBecomesUnsafeKeepsItsLastContent() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    write(peer(2) + "\n");
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--rw-"));
    await().atMost(SOON).until(() -> file.problem().isPresent());
    assertThat(file.problem().orElseThrow().code()).isEqualTo("file-unsafe");
    assertThat(file.current().find(peer(1))).isPresent();
    assertThatThrownBy(() -> file.update(k -> k.without(peer(1)))).isInstanceOf(Failure.class);
    assertThatThrownBy(this::open).isInstanceOf(Failure.class);
    assertThat(Files.readString(path)).isEqualTo(peer(2) + "\n");

    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    awaitPeers(file, peer(2));
    assertThat(file.problem()).isEmpty();
  }

  @Test
  void removedFileAuthorisesNobodyAfterAMoment() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    Files.delete(path);
    awaitPeers(file);
    told(change(Set.of(), Set.of(peer(1))));
  }

  @Test
  void updateSeesAnEditThatWasNotLoadedYet() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    write("# by hand\n" + peer(1) + " colour=blue\n" + peer(2) + "\n");
    AuthorizedKeys after = file.update(k -> k.with(AuthorizedPeer.of(peer(3), "three")));
    assertThat(Files.readString(path))
        .isEqualTo(
            "# by hand\n"
                + peer(1)
                + " colour=blue\n"
                + peer(2)
                + "\n"
                + peer(3)
                + " name=three\n");
    assertThat(after.peers()).hasSize(3);
    assertThat(file.current()).isEqualTo(after);
  }

  @Test
  void editDuringAnUpdateIsNotLost() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    AtomicInteger runs = new AtomicInteger();
    file.update(k -> {
      if (runs.incrementAndGet() == 1) {
        append(peer(2) + " # while we were thinking\n");
      }
      return k.with(AuthorizedPeer.of(peer(3), "three"));
    });
    assertThat(runs).hasValueGreaterThan(1);
    assertThat(Files.readString(path))
        .isEqualTo(
            peer(1) + "\n" + peer(2) + " # while we were thinking\n" + peer(3) + " name=three\n");
  }

  @Test
  void updateWaitsForAProgramThatIsStillWriting() throws Exception {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    // Someone truncates the file and writes it again, line by line, over a while.
    write("");
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              for (int i = 1; i <= 10; i++) {
                append(peer(i) + "\n");
                LockSupport.parkNanos(10_000_000);
              }
            });
    file.update(k -> k.with(AuthorizedPeer.of(peer(50), "fifty")));
    writer.join();
    for (int i = 1; i <= 10; i++) {
      assertThat(Files.readString(path)).contains(peer(i).toString());
    }
    assertThat(Files.readString(path)).endsWith(peer(50) + " name=fifty\n");
  }

  @Test
  void programThatNeverStopsWritingMakesTheUpdateFailAndChangesNothing() throws IOException {
    write(peer(1) + "\n");
    AuthorizedKeysFile file = open();
    assertThatThrownBy(() ->
            file.update(k -> {
              append("#\n");
              return k.without(peer(1));
            }))
        .isInstanceOfSatisfying(
            Failure.class, f -> assertThat(f.code()).isEqualTo("authorized-keys-busy"));
    assertThat(Files.readString(path)).startsWith(peer(1).toString());
  }

  @Test
  void updatesOfManyThreadsAllArrive() throws Exception {
    AuthorizedKeysFile file = open();
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      int number = i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> file.update(k -> k.with(AuthorizedPeer.of(peer(number), "n" + number)))));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(AuthorizedKeys.parse(Files.readAllBytes(path)).peers()).hasSize(20);
    assertThat(file.current().peers()).hasSize(20);
  }

  @Test
  void listenerMayUpdateAndAFailingListenerHarmsNobody() throws IOException {
    AuthorizedKeysFile file = open();
    file.onChange(c -> {
      throw new IllegalStateException("a listener of the test");
    });
    file.onChange(c -> {
      if (c.added().contains(peer(1))) {
        file.update(k -> k.with(AuthorizedPeer.of(peer(2), "two")));
      }
    });
    file.update(k -> k.with(AuthorizedPeer.of(peer(1), "one")));
    assertThat(AuthorizedKeys.parse(Files.readAllBytes(path)).peers()).hasSize(2);
    assertThat(changes)
        .extracting(AuthorizedKeysFile.Change::added)
        .containsExactly(Set.of(peer(1)), Set.of(peer(2)));
  }

  @Test
  void updateThatChangesNothingDoesNotTouchTheFile() throws IOException {
    write(peer(1) + "\n");
    Object before = Files.getAttribute(path, "unix:ino");
    AuthorizedKeysFile file = open();
    file.update(k -> k.without(peer(2)));
    assertThat(Files.getAttribute(path, "unix:ino")).isEqualTo(before);
    assertThat(changes).isEmpty();
  }

  private AuthorizedKeysFile open() {
    AuthorizedKeysFile file = AuthorizedKeysFile.open(path, clock);
    opened.add(file);
    file.onChange(changes::add);
    return file;
  }

  private static AuthorizedKeysFile.Change change(Set<PeerId> added, Set<PeerId> removed) {
    return new AuthorizedKeysFile.Change(added, removed);
  }

  /// Listeners hear of a change right behind it.
  private void told(AuthorizedKeysFile.Change expected) {
    await().atMost(SOON).untilAsserted(() -> assertThat(changes).containsExactly(expected));
  }

  private void awaitPeers(AuthorizedKeysFile file, PeerId... expected) {
    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(file.current().peers())
                .extracting(AuthorizedPeer::peer)
                .containsExactly(expected));
  }

  /// Writes in place, as `>` and many editors do.
  private void write(String content) throws IOException {
    boolean fresh = !Files.exists(path);
    Files.writeString(path, content);
    if (fresh) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private void append(String content) {
    try {
      Files.writeString(path, content, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aLostFileAndATornLineSayNothingAboutWhomToForget() throws IOException {
    AuthorizedKeysFile file = open();
    assertThat(file.lacks(peer(1))).as("no file").isFalse();
    write(peer(2) + "\n");
    file.reload();
    assertThat(file.lacks(peer(1))).as("deleted").isTrue();
    assertThat(file.lacks(peer(2))).isFalse();
    for (String torn : List.of("\0\0\0\0", peer(1).toString().substring(0, 30), "name=home")) {
      write(peer(2) + "\n" + torn + "\n");
      file.reload();
      assertThat(file.lacks(peer(1))).as("may be the damaged line").isFalse();
      assertThat(file.current().find(peer(1))).as("not let in either").isEmpty();
      assertThat(file.current().find(peer(2))).as("the good line stays").isPresent();
    }
  }

  @Test
  void cutAtAnyByteTheFileLetsNobodyElseInAndKeepsTheWholeLines() throws IOException {
    String whole = peer(1) + " name=home\n" + peer(2) + " name=b expires=2026-07-01T00:00:00Z\n";
    AuthorizedKeys all = AuthorizedKeys.parse(whole);
    for (int length = 0; length <= whole.length(); length++) {
      AuthorizedKeys keys =
          AuthorizedKeys.parse(whole.substring(0, length).getBytes(StandardCharsets.UTF_8));
      boolean first = length > whole.indexOf('\n');
      boolean both = length == whole.length();
      assertThat(keys.peers()).isEqualTo(all.peers().subList(0, both ? 2 : first ? 1 : 0));
      // Nor does a change make the rest of a line whole.
      AuthorizedKeys more =
          AuthorizedKeys.parse(keys.with(AuthorizedPeer.of(peer(3), "new")).render());
      assertThat(more.find(peer(3))).isPresent();
      assertThat(more.find(peer(2)).isPresent()).isEqualTo(both);
    }
  }

  @Test
  void damagedInAnyWayTheLinesThatAreWholeStayAndAChangeKeepsEveryOtherByte() {
    byte[] whole =
        (peer(1) + " name=home\n" + peer(2) + " expires=2026-07-01T00:00:00Z name=b\n")
            .getBytes(StandardCharsets.UTF_8);
    List<byte[]> all = new ArrayList<>(Damages.gross(whole));
    all.addAll(Damages.flips(whole, SeededRandom.of(AuthorizedKeysFileTest.class)));
    for (byte[] damaged : all) {
      AuthorizedKeys keys = AuthorizedKeys.parse(damaged);
      assertThat(keys.render()).isEqualTo(damaged);
      String text = new String(damaged, StandardCharsets.ISO_8859_1);
      keys.peers().forEach(p -> assertThat(text).contains(p.peer().toString()));
      if (text.startsWith(peer(1) + " name=home\n")) {
        assertThat(keys.find(peer(1)).map(AuthorizedPeer::name)).contains("home");
      }
    }
  }
}
