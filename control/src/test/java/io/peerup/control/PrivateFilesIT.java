package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.Needs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that is really full, or really read-only: a small file system of its own, which only root
/// can mount.
class PrivateFilesIT {
  @TempDir Path directory;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    Needs.that(FileFacts.ourUid() == 0, "only root can mount a disk");
    Sh.Result mounted =
        Sh.run("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", disk.toString());
    Needs.that(mounted.status() == 0, "this system does not let us mount: " + mounted.output());
  }

  @AfterEach
  void unmount() throws Exception {
    Sh.run("umount", disk.toString());
  }

  @Test
  void onAFullDiskTheOldContentStandsAndTheMessageSaysWhy() throws Exception {
    Path file = disk.resolve("secret");
    PrivateFiles.write(file, new byte[] {1, 2, 3});

    Failure failure = Failures.of(() -> PrivateFiles.write(file, new byte[200_000]));

    assertThat(failure.code()).isEqualTo("file-unwritable");
    assertThat(failure.message()).isEqualTo("cannot write " + file + ": no space left on device");
    assertThat(failure.hint()).contains("free some space");
    assertThat(PrivateFiles.read(file)).containsExactly(1, 2, 3);
    try (var files = Files.list(disk)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void onAReadOnlyDiskNothingChangesAndTheMessageSaysWhy() throws Exception {
    Path file = disk.resolve("secret");
    PrivateFiles.write(file, new byte[] {1, 2, 3});
    assertThat(Sh.run("mount", "-o", "remount,ro", disk.toString()).status()).isZero();

    Failure write = Failures.of(() -> PrivateFiles.write(file, new byte[10]));
    assertThat(write.message()).contains("read-only file system");
    assertThat(write.hint()).contains("--home");

    Failure create = Failures.of(() -> Home.of(disk.resolve("home")).ensure());
    assertThat(create.code()).isEqualTo("home-unusable");
    assertThat(create.message()).contains("read-only file system");
    assertThat(PrivateFiles.read(file)).containsExactly(1, 2, 3);
  }
}
