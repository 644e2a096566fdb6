package io.peerup.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// The right to run a home: at most one process holds it, and the system frees it when that process
/// ends, however it ends.
///
/// The file holds the process id of the holder as text, for the message to the second one; the lock
/// itself is the system's (`fcntl`), so a leftover file locks nothing.
public final class HomeLock implements AutoCloseable {
  /// POSIX drops all locks of a process on a file when the process closes any descriptor of that
  /// file. So within this process a second attempt must not even open it: this set says who holds
  /// which. Process-wide because the system's rule is.
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private static final int PID_DIGITS = 20;

  private final Path key;
  private final FileChannel channel;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HomeLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /// Takes the lock of `home`, whose directories must exist, and clears away temporary files that a
  /// holder left when it was killed.
  ///
  /// @throws Failure `home-in-use` naming the process that holds it; `home-unusable` when the lock
  ///   file cannot be used
  public static HomeLock acquire(Home home) {
    try {
      Path key = home.root().toRealPath().resolve(home.lockFile().getFileName());
      if (!HELD_HERE.add(key)) {
        throw inUse(home, OptionalLong.of(ProcessHandle.current().pid()));
      }
      try {
        HomeLock lock = lock(home, key);
        PrivateFiles.removeLeftovers(home.root());
        PrivateFiles.removeLeftovers(home.stateDirectory());
        return lock;
      } catch (IOException | RuntimeException e) {
        HELD_HERE.remove(key);
        throw e;
      }
    } catch (IOException e) {
      throw FileTrouble.failure("home-unusable", "cannot lock", home.lockFile(), e);
    }
  }

  /// The process that holds the lock of `home`, as its file says: whoever waits for the end of that
  /// process should also see whether it is alive, because one that was killed leaves its number.
  public static OptionalLong holder(Home home) {
    try {
      Path key = home.root().toRealPath().resolve(home.lockFile().getFileName());
      if (HELD_HERE.contains(key)) {
        return OptionalLong.of(ProcessHandle.current().pid());
      }
      try (FileChannel channel =
          FileChannel.open(key, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
        return readPid(channel);
      }
    } catch (IOException _) {
      // No file that we may read: then nobody that we could wait for.
      return OptionalLong.empty();
    }
  }

  private static HomeLock lock(Home home, Path key) throws IOException {
    refuseUnsafe(key);
    FileChannel channel =
        FileChannel.open(
            key,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      if (channel.tryLock() == null) {
        throw inUse(home, readPid(channel));
      }
      channel.truncate(0);
      channel.write(ascii(ProcessHandle.current().pid() + "\n"), 0);
      return new HomeLock(key, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void refuseUnsafe(Path file) throws IOException {
    try {
      FileFacts facts = FileFacts.of(file);
      if (!facts.isRegularFile() || !facts.isOurs()) {
        String name = Printable.of(file.toString());
        throw new Failure(
            "home-unusable",
            name + " is " + facts.kind() + " of user " + facts.uid() + ", not a lock file of ours",
            "remove it: rm " + name);
      }
    } catch (NoSuchFileException _) {
      // The first start: it will be created.
    }
  }

  private static Failure inUse(Home home, OptionalLong pid) {
    String holder = pid.isPresent() ? "process " + pid.getAsLong() : "another process";
    return new Failure(
        "home-in-use",
        "the home " + Printable.of(home.root().toString()) + " is already run by " + holder,
        "stop it first (peerup daemon stop), or use another home with --home DIR or PEERUP_HOME");
  }

  private static OptionalLong readPid(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(PID_DIGITS);
    channel.read(text, 0);
    String digits = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip();
    return digits.matches("[0-9]{1,10}")
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// Frees the lock; a second call does nothing. The file stays: removing it would let a third
  /// process lock a new file while a second one waits on the old.
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      channel.truncate(0);
      channel.close();
    } catch (IOException _) {
      // The lock ends with the descriptor, which close() gives up even when it reports a failure.
    } finally {
      HELD_HERE.remove(key);
    }
  }
}
