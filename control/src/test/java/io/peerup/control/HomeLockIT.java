package io.peerup.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The lock of a home between real processes, and within one.
class HomeLockIT {
  @TempDir Path directory;
  private Home home;

  /// A second process: takes the lock, says what happened, and keeps it until its input ends.
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      String said;
      HomeLock lock = null;
      try {
        lock = HomeLock.acquire(Home.of(Path.of(args[0])));
        said = "locked";
      } catch (Failure e) {
        said = e.code() + ": " + e.message();
      }
      System.out.println(said);
      System.out.flush();
      while (System.in.read() >= 0) {}
      if (lock != null) {
        lock.close();
      }
    }
  }

  private record Child(Process process, String said) implements AutoCloseable {
    static Child start(Home home) throws Exception {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Holder.class.getName(),
                  home.root().toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String said =
          new BufferedReader(
                  new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      return new Child(process, String.valueOf(said));
    }

    void kill() throws InterruptedException {
      process.destroyForcibly();
      process.waitFor(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
      process.getOutputStream().close();
      process.onExit().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  @BeforeEach
  void create() {
    home = Home.of(directory.resolve("home")).ensure();
  }

  @Test
  void aSecondProcessIsToldWhichOneRunsTheHome() throws Exception {
    try (HomeLock _ = HomeLock.acquire(home);
        Child second = Child.start(home)) {
      assertThat(second.said())
          .isEqualTo(
              "home-in-use: the home "
                  + home.root()
                  + " is already run by process "
                  + ProcessHandle.current().pid());
    }
  }

  @Test
  void theLockOfAnotherProcessIsRespectedAndFreedAtItsEnd() throws Exception {
    try (Child first = Child.start(home)) {
      assertThat(first.said()).isEqualTo("locked");

      Failure failure = Failures.of(() -> HomeLock.acquire(home));
      assertThat(failure.code()).isEqualTo("home-in-use");
      assertThat(failure.message()).endsWith("process " + first.process().pid());
      assertThat(failure.hint()).contains("peerup daemon stop");
    }
    HomeLock.acquire(home).close();
  }

  @Test
  void aKilledProcessLeavesNoLock() throws Exception {
    try (Child first = Child.start(home)) {
      assertThat(first.said()).isEqualTo("locked");
      first.kill();

      HomeLock.acquire(home).close();
    }
  }

  @Test
  void aFailedAttemptInTheSameProcessDoesNotLoseTheLock() throws Exception {
    try (HomeLock _ = HomeLock.acquire(home)) {
      // POSIX would drop the lock if the attempt opened and closed the file.
      assertThat(Failures.of(() -> HomeLock.acquire(home)).code()).isEqualTo("home-in-use");

      try (Child second = Child.start(home)) {
        assertThat(second.said()).startsWith("home-in-use");
      }
    }
  }

  @Test
  void afterCloseTheLockIsFreeAndASecondCloseHarmsNoOne() throws Exception {
    HomeLock first = HomeLock.acquire(home);
    first.close();
    try (HomeLock _ = HomeLock.acquire(home)) {
      first.close();

      try (Child second = Child.start(home)) {
        assertThat(second.said()).startsWith("home-in-use");
      }
    }
  }

  @Test
  void homesDoNotLockEachOther() {
    Home other = Home.of(directory.resolve("other")).ensure();

    try (HomeLock _ = HomeLock.acquire(home);
        HomeLock _ = HomeLock.acquire(other)) {
      assertThat(home.lockFile()).isNotEqualTo(other.lockFile());
    }
  }

  @Test
  void aPlantedLinkInPlaceOfTheLockFileIsRefusedAndItsTargetLeftAlone() throws Exception {
    Path target = Files.writeString(directory.resolve("target"), "precious");
    Files.createSymbolicLink(home.lockFile(), target);

    assertThat(Failures.of(() -> HomeLock.acquire(home)).code()).isEqualTo("home-unusable");
    assertThat(target).hasContent("precious");
  }

  @Test
  void theHolderIsToldToWhoeverAsksUntilItGivesTheHomeUp() throws Exception {
    assertThat(HomeLock.holder(home)).isEmpty();
    try (Child child = Child.start(home)) {
      assertThat(child.said()).isEqualTo("locked");
      assertThat(HomeLock.holder(home)).hasValue(child.process().pid());
    }
    assertThat(HomeLock.holder(home)).isEmpty();
    try (HomeLock _ = HomeLock.acquire(home)) {
      assertThat(HomeLock.holder(home)).hasValue(ProcessHandle.current().pid());
    }
    assertThat(HomeLock.holder(home)).isEmpty();
  }
}
