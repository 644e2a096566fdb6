package io.peerup.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.PrivateFiles.Step;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateFilesTest {
  private static final byte[] OLD = "old".getBytes(UTF_8);
  private static final byte[] NEW = "the new content".getBytes(UTF_8);

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("secret");
  }

  @Test
  void whatIsWrittenIsReadBackAndIsForTheOwnerOnly() throws IOException {
    PrivateFiles.write(file, NEW);

    assertThat(PrivateFiles.read(file)).isEqualTo(NEW);
    assertThat(mode(file)).isEqualTo("rw-------");
  }

  @Test
  void writingReplacesWhatWasThereWhateverItsModeWas() throws IOException {
    Files.write(file, OLD);
    mode(file, "rw-r--r--");

    PrivateFiles.write(file, NEW);

    assertThat(PrivateFiles.read(file)).isEqualTo(NEW);
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(names()).containsExactly("secret");
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"CREATED", "WRITTEN", "SYNCED"})
  void afterAFailureBeforeTheRenameTheOldContentStandsAlone(Step failing) {
    PrivateFiles.write(file, OLD);

    Failure failure =
        Failures.of(() -> PrivateFiles.write(file, NEW, step -> failAt(step, failing)));

    assertThat(failure.code()).isEqualTo("file-unwritable");
    assertThat(failure.message()).contains(file.toString(), "no space left on device");
    assertThat(failure.hint()).contains("free some space");
    assertThat(PrivateFiles.read(file)).isEqualTo(OLD);
    assertThat(names()).containsExactly("secret");
  }

  @ParameterizedTest
  @EnumSource(
      value = Step.class,
      names = {"RENAMED", "DIRECTORY_SYNCED"})
  void afterAFailureBehindTheRenameTheNewContentStandsAlone(Step failing) {
    PrivateFiles.write(file, OLD);

    assertThat(
            Failures.of(() -> PrivateFiles.write(file, NEW, step -> failAt(step, failing))).code())
        .isEqualTo("file-unwritable");
    assertThat(PrivateFiles.read(file)).isEqualTo(NEW);
    assertThat(names()).containsExactly("secret");
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void afterACrashAtAnyStepTheFileIsWholeAndCanBeWrittenAgain(Step last) {
    PrivateFiles.write(file, OLD);

    // An Error runs no clean-up, like a process that is killed.
    assertThatThrownBy(() ->
            PrivateFiles.write(
                file,
                NEW,
                step -> {
                  if (step == last) {
                    throw new AssertionError("killed");
                  }
                }))
        .isInstanceOf(AssertionError.class);

    assertThat(PrivateFiles.read(file)).isIn(OLD, NEW);
    PrivateFiles.write(file, "third".getBytes(UTF_8));
    assertThat(PrivateFiles.read(file)).asString(UTF_8).isEqualTo("third");
  }

  @Test
  void anInterruptedThreadStillWritesAndStaysInterrupted() {
    Thread.currentThread().interrupt();
    try {
      PrivateFiles.write(file, NEW);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(PrivateFiles.read(file)).isEqualTo(NEW);
  }

  @Test
  void aMissingFileIsEmptyOrAFailureAsAsked() {
    assertThat(PrivateFiles.readIfExists(file)).isEmpty();
    assertThat(Failures.of(() -> PrivateFiles.read(file)).code()).isEqualTo("file-missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rwx--x---", "rw-r--r--"})
  void aFileOpenToOthersIsRefusedWithTheCommandThatMendsIt(String mode) throws IOException {
    PrivateFiles.write(file, OLD);
    mode(file, mode);

    Failure failure = Failures.of(() -> PrivateFiles.read(file));

    assertThat(failure.code()).isEqualTo("file-unsafe");
    assertThat(failure.message()).contains(file.toString(), "mode 0");
    assertThat(failure.hint()).isEqualTo("chmod 600 " + file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------", "rwx------"})
  void aFileForTheOwnerOnlyIsRead(String mode) throws IOException {
    PrivateFiles.write(file, OLD);
    mode(file, mode);

    assertThat(PrivateFiles.read(file)).isEqualTo(OLD);
  }

  @Test
  void aSymlinkIsNotFollowedEvenToAGoodFile() throws IOException {
    PrivateFiles.write(directory.resolve("target"), OLD);
    Files.createSymbolicLink(file, directory.resolve("target"));

    assertRefused("a symlink");
  }

  @Test
  void aSymlinkToNowhereIsRefusedAndNotTakenForAMissingFile() throws IOException {
    Files.createSymbolicLink(file, directory.resolve("nowhere"));

    assertRefused("a symlink");
  }

  @Test
  void aFileWithASecondNameIsRefused() throws IOException {
    PrivateFiles.write(file, OLD);
    Files.createLink(directory.resolve("other"), file);

    assertRefused("2 names");
  }

  @Test
  void aNamedPipeIsRefusedWithoutWaitingForItsWriter() throws Exception {
    Needs.that(Sh.has("mkfifo"), "mkfifo is not here");
    assertThat(Sh.run("mkfifo", "-m", "600", file.toString()).status()).isZero();

    assertRefused("a named pipe");
  }

  @Test
  void aDirectoryIsRefused() throws IOException {
    Files.createDirectory(file);

    assertRefused("a directory");
  }

  @Test
  void aFileOfAnotherUserIsRefused() throws IOException {
    Needs.that(FileFacts.ourUid() == 0, "only root can give files away");
    PrivateFiles.write(file, OLD);
    Files.setAttribute(file, "unix:uid", 65534);

    assertRefused("belongs to user 65534");
    assertThat(Failures.of(() -> PrivateFiles.read(file)).hint()).isEqualTo("chown 0 " + file);
    assertThat(Failures.of(() -> PrivateFiles.write(file, NEW)).code()).isEqualTo("file-unsafe");
    assertThat(Files.readAllBytes(file)).isEqualTo(OLD);
  }

  private void assertRefused(String what) {
    Failure failure = Failures.of(() -> PrivateFiles.read(file));
    assertThat(failure.code()).isEqualTo("file-unsafe");
    assertThat(failure.message()).contains(file.toString(), what);
    assertThat(failure.hint()).isNotEmpty();
  }

  @Test
  void aFileOfTheLargestSizeIsReadAndOneByteMoreIsRefused() throws IOException {
    PrivateFiles.write(file, new byte[Limits.PRIVATE_FILE_BYTES]);
    assertThat(PrivateFiles.read(file)).hasSize(Limits.PRIVATE_FILE_BYTES);

    PrivateFiles.write(file, new byte[Limits.PRIVATE_FILE_BYTES + 1]);
    assertThat(Failures.of(() -> PrivateFiles.read(file)).code()).isEqualTo("file-unreadable");
  }

  @Test
  void writingDoesNotFollowOrReplaceASymlink() throws IOException {
    Path target = directory.resolve("target");
    PrivateFiles.write(target, OLD);
    Files.createSymbolicLink(file, target);

    assertThat(Failures.of(() -> PrivateFiles.write(file, NEW)).code()).isEqualTo("file-unsafe");

    assertThat(PrivateFiles.read(target)).isEqualTo(OLD);
    assertThat(file).isSymbolicLink();
    assertThat(names()).containsExactly("secret", "target");
  }

  @Test
  void writingDoesNotReplaceADirectory() throws IOException {
    Files.createDirectory(file);

    assertThat(Failures.of(() -> PrivateFiles.write(file, NEW)).code()).isEqualTo("file-unsafe");
    assertThat(file).isDirectory();
  }

  @Test
  void writingIntoAMissingDirectorySaysSo() {
    Path lost = directory.resolve("none").resolve("secret");

    Failure failure = Failures.of(() -> PrivateFiles.write(lost, NEW));

    assertThat(failure.code()).isEqualTo("file-unwritable");
    assertThat(failure.message()).contains(lost.toString(), "no such file or directory");
  }

  @Test
  void deletingRemovesAndIsNotSurprisedByAMissingFile() {
    PrivateFiles.write(file, OLD);

    PrivateFiles.delete(file);
    PrivateFiles.delete(file);

    assertThat(file).doesNotExist();
  }

  @Test
  void aNewDirectoryAndItsMissingParentsAreForTheOwnerOnly() throws IOException {
    Path deep = directory.resolve("a").resolve("b");

    PrivateFiles.ensureDirectory(deep);

    assertThat(mode(deep)).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("a"))).isEqualTo("rwx------");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwx------", "rwxr-xr-x", "rwxr-x---"})
  void anExistingDirectoryThatOnlyWeCanChangeIsTakenAsItIs(String mode) throws IOException {
    Path existing = Files.createDirectory(directory.resolve("home"));
    mode(existing, mode);

    PrivateFiles.ensureDirectory(existing);

    assertThat(mode(existing)).isEqualTo(mode);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
  void aDirectoryThatOthersCanChangeIsRefusedAndLeftAsItIs(String mode) throws IOException {
    Path existing = Files.createDirectory(directory.resolve("home"));
    mode(existing, mode);

    Failure failure = Failures.of(() -> PrivateFiles.ensureDirectory(existing));

    assertThat(failure.code()).isEqualTo("home-unusable");
    assertThat(failure.hint()).isEqualTo("chmod go-w " + existing);
    assertThat(mode(existing)).isEqualTo(mode);
  }

  @Test
  void aSymlinkOrFileInPlaceOfADirectoryIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory);
    Path plain = Files.createFile(directory.resolve("plain"));

    assertThat(Failures.of(() -> PrivateFiles.ensureDirectory(link)).message())
        .contains("is a symlink");
    assertThat(Failures.of(() -> PrivateFiles.ensureDirectory(plain)).message())
        .contains("is a regular file");
  }

  @Test
  void aDirectoryOfAnotherUserIsRefused() throws IOException {
    Needs.that(FileFacts.ourUid() == 0, "only root can give directories away");
    Path foreign = Files.createDirectory(directory.resolve("home"));
    Files.setAttribute(foreign, "unix:uid", 65534);

    assertThat(Failures.of(() -> PrivateFiles.ensureDirectory(foreign)).message())
        .contains("belongs to user 65534");
  }

  private static void failAt(Step step, Step failing) throws IOException {
    if (step == failing) {
      throw new IOException("No space left on device");
    }
  }

  private List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
  }

  private static void mode(Path file, String mode) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void whatAKilledWriteLeftIsGoneOnceTheHomeIsHeldAgain(Step last) {
    Home home = Home.of(directory.resolve("home")).ensure();
    for (Path written : List.of(home.identityKey(), home.state("groups.json"))) {
      assertThatThrownBy(() ->
              PrivateFiles.write(
                  written,
                  NEW,
                  step -> {
                    if (step == last) {
                      throw new AssertionError("killed");
                    }
                  }))
          .isInstanceOf(AssertionError.class);
    }
    PrivateFiles.write(home.root().resolve(".mine.tmp"), OLD);
    HomeLock.acquire(home).close();
    for (Path folder : List.of(home.root(), home.stateDirectory())) {
      assertThat(folder.toFile().list())
          .allMatch(name -> name.equals(".mine.tmp") || !name.endsWith(".tmp"));
    }
    assertThat(home.root().resolve(".mine.tmp")).as("not a name of ours").exists();
  }
}
