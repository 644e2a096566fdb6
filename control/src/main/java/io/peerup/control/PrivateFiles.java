package io.peerup.control;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

/// Files that only our user may read: keys, trust, cookies, state.
///
/// Writing is atomic: a reader, and a start after a crash, sees the old content or the new one and
/// never a mix. Reading refuses a file that someone else could have read, written or placed, and
/// says how to mend it. Blocks the calling thread; an interrupted thread still writes.
public final class PrivateFiles {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_READS_AND_WRITES =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /// What a write that was killed leaves: the name that [Files#createTempFile] makes of ours.
  private static final Pattern LEFTOVER = Pattern.compile("[.][A-Za-z0-9._-]+[.][0-9]+[.]tmp");

  /// Called at every step of every write of this process. Tests that end a process at a step set
  /// it, from this package; nothing else can.
  static volatile WriteHook everyWrite = (_, _) -> {};

  private PrivateFiles() {}

  /// The steps of a write, in order, so that tests can stop between any two.
  enum Step {
    CREATED,
    WRITTEN,
    SYNCED,
    RENAMED,
    DIRECTORY_SYNCED
  }

  /// Called after each step of a write; what it throws takes the place of a failing system.
  @FunctionalInterface
  interface StepHook {
    void after(Step step) throws IOException;
  }

  /// A [StepHook] for whichever file is written.
  @FunctionalInterface
  interface WriteHook {
    void after(Path file, Step step) throws IOException;
  }

  /// Replaces `file` by `content`, mode 0600: temporary file in the same directory, fsync, atomic
  /// rename, fsync of the directory.
  ///
  /// @throws Failure `file-unwritable` when any step fails (the temporary file is then gone, and
  ///   `file` holds its old content, or the new one when only the last step failed); `file-unsafe`
  ///   when the name is taken by a symlink, directory or other thing that is no regular file of
  ///   ours
  public static void write(Path file, byte[] content) {
    write(file, content, step -> everyWrite.after(file, step));
  }

  static void write(Path file, byte[] content, StepHook hook) {
    try {
      refuseToReplace(file);
      Path directory = directoryOf(file);
      Path temporary =
          Files.createTempFile(
              directory, "." + file.getFileName() + ".", ".tmp", OWNER_READS_AND_WRITES);
      try {
        hook.after(Step.CREATED);
        // Not a FileChannel: that one closes itself when the thread is interrupted, and a daemon
        // that shuts down must still be able to save its state.
        try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
          out.write(content);
          hook.after(Step.WRITTEN);
          out.getFD().sync();
        }
        hook.after(Step.SYNCED);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException e) {
        Files.deleteIfExists(temporary);
        throw e;
      }
      hook.after(Step.RENAMED);
      syncDirectory(directory);
      hook.after(Step.DIRECTORY_SYNCED);
    } catch (IOException e) {
      throw FileTrouble.failure("file-unwritable", "cannot write", file, e);
    }
  }

  /// The content of `file`.
  ///
  /// @throws Failure `file-missing`; `file-unsafe` when it is a symlink, not a regular file, not
  ///   ours, has a second hard link or any group or other bits; `file-unreadable` when reading
  ///   fails or the file is larger than [Limits#PRIVATE_FILE_BYTES]
  public static byte[] read(Path file) {
    return readIfExists(file)
        .orElseThrow(() ->
            new Failure("file-missing", "there is no file " + Printable.of(file.toString()), ""));
  }

  /// As [#read], but empty when there is no such file.
  public static Optional<byte[]> readIfExists(Path file) {
    return readIfExists(file, PrivateFiles::refuseToRead);
  }

  private static Optional<byte[]> readIfExists(Path file, BiConsumer<Path, FileFacts> refuse) {
    try {
      // Looked at before it is opened, because opening a named pipe waits for a writer; and again
      // after, because what was looked at must be what was opened.
      FileFacts before = FileFacts.of(file);
      refuse.accept(file, before);
      try (SeekableByteChannel channel =
          Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
        if (!FileFacts.of(file).isSameFile(before)) {
          throw new IOException("it was replaced while being opened");
        }
        return Optional.of(readAll(channel));
      }
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw FileTrouble.failure("file-unreadable", "cannot read", file, e);
    }
  }

  /// As [#read], for a file that somebody else may keep for us: one of root's is taken, too, if
  /// nobody but its group may read it. Systemd's credentials look like that.
  ///
  /// @throws Failure as [#read]
  public static byte[] readCredential(Path file) {
    return readIfExists(file, PrivateFiles::refuseCredential)
        .orElseThrow(() ->
            new Failure("file-missing", "there is no file " + Printable.of(file.toString()), ""));
  }

  /// Removes `file` durably (fsync of its directory); a missing file is no failure.
  public static void delete(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        syncDirectory(directoryOf(file));
      }
    } catch (IOException e) {
      throw FileTrouble.failure("file-unwritable", "cannot remove", file, e);
    }
  }

  /// Removes what writes of a process that was killed left in `directory`: temporary files, which
  /// may hold a key. Only for whoever holds the home, so that no write is under way. What cannot be
  /// removed stays; it is never read.
  static void removeLeftovers(Path directory) {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path each : all) {
        if (LEFTOVER.matcher(each.getFileName().toString()).matches()
            && FileFacts.of(each).isRegularFile()) {
          Files.deleteIfExists(each);
        }
      }
    } catch (IOException | DirectoryIteratorException _) {
      // A disk that is full or read-only: the next start tries again.
    }
  }

  /// Creates `directory` and missing parents with mode 0700, or checks the one that exists.
  ///
  /// @throws Failure `home-unusable` when it cannot be made, is a symlink or no directory, is not
  ///   ours, or is writable by group or others; nothing that exists is altered
  public static void ensureDirectory(Path directory) {
    try {
      if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectories(directory, OWNER_ONLY);
      }
      refuseDirectory(directory, FileFacts.of(directory));
    } catch (IOException e) {
      throw FileTrouble.failure("home-unusable", "cannot create the directory", directory, e);
    }
  }

  private static void refuseDirectory(Path directory, FileFacts facts) {
    String name = Printable.of(directory.toString());
    if (!facts.isDirectory()) {
      throw new Failure(
          "home-unusable",
          name + " is " + facts.kind() + ", not a directory",
          "move it away, or name another directory with --home DIR or PEERUP_HOME");
    }
    if (!facts.isOurs()) {
      throw new Failure(
          "home-unusable",
          name + " belongs to user " + facts.uid() + ", not to us (" + FileFacts.ourUid() + ")",
          "use a directory of your own, or: chown -R " + FileFacts.ourUid() + " " + name);
    }
    if (facts.isWritableByOthers()) {
      throw new Failure(
          "home-unusable",
          name + " may be changed by other users (mode " + facts.permissions() + ")",
          "chmod go-w " + name);
    }
  }

  private static void refuseToReplace(Path file) throws IOException {
    FileFacts facts;
    try {
      facts = FileFacts.of(file);
    } catch (NoSuchFileException _) {
      return;
    }
    String name = Printable.of(file.toString());
    if (!facts.isRegularFile()) {
      throw unsafe(
          name + " is " + facts.kind() + ", not a file of ours",
          "move it away: mv " + name + " " + name + ".old");
    }
    refuseForeign(name, facts);
  }

  private static void refuseToRead(Path file, FileFacts facts) {
    String name = Printable.of(file.toString());
    if (!facts.isRegularFile()) {
      throw unsafe(
          name + " is " + facts.kind() + ", but must be a regular file",
          "put the file itself in its place");
    }
    refuseForeign(name, facts);
    if (facts.isOpenToOthers()) {
      throw unsafe(
          name + " may be used by other users (mode " + facts.permissions() + ")",
          "chmod 600 " + name);
    }
    if (facts.links() > 1) {
      throw unsafe(
          name + " has " + facts.links() + " names (hard links), so it can be changed elsewhere",
          "make it a file of its own: cp -p "
              + name
              + " "
              + name
              + ".new && mv "
              + name
              + ".new "
              + name);
    }
  }

  private static void refuseCredential(Path file, FileFacts facts) {
    if (!facts.isRegularFile() || !facts.isCredential() || facts.links() > 1) {
      refuseToRead(file, facts);
    }
  }

  private static void refuseForeign(String name, FileFacts facts) {
    if (!facts.isOurs()) {
      throw unsafe(
          name + " belongs to user " + facts.uid() + ", not to us (" + FileFacts.ourUid() + ")",
          "chown " + FileFacts.ourUid() + " " + name);
    }
  }

  private static Failure unsafe(String message, String hint) {
    return new Failure("file-unsafe", message, hint);
  }

  private static byte[] readAll(SeekableByteChannel channel) throws IOException {
    if (channel.size() > Limits.PRIVATE_FILE_BYTES) {
      throw new IOException(
          "it has "
              + channel.size()
              + " bytes, more than the "
              + Limits.PRIVATE_FILE_BYTES
              + " expected at most");
    }
    ByteBuffer content = ByteBuffer.allocate((int) channel.size());
    while (content.hasRemaining() && channel.read(content) >= 0) {}
    byte[] array = content.array();
    return content.hasRemaining() ? Arrays.copyOf(array, content.position()) : array;
  }

  private static Path directoryOf(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException("not a file: " + file);
    }
    return parent;
  }

  /// Makes a rename survive a power failure. A directory can only be opened by a channel, and a
  /// channel closes itself on interrupt; so an interrupt is put aside until this is done.
  private static void syncDirectory(Path directory) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException _) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
