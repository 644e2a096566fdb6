package io.peerup.control;

import java.nio.file.Path;
import java.util.Optional;

/// Files that only our user may read: keys, trust, cookies, state.
///
/// Writing is atomic: a reader, and a start after a crash, sees the old content or the new one and
/// never a mix. Reading refuses a file that someone else could have read, written or placed, and
/// says how to mend it. Blocks the calling thread.
public final class PrivateFiles {
  private PrivateFiles() {}

  /// Replaces `file` by `content`, mode 0600: temporary file in the same directory, fsync, atomic
  /// rename, fsync of the directory.
  ///
  /// @throws Failure `file-unwritable` when any step fails (the old content then stands, and the
  ///   temporary file is gone), `file-unsafe` when the name is taken by a symlink, directory or
  ///   other thing that is no regular file of ours
  public static void write(Path file, byte[] content) {
    throw new UnsupportedOperationException(file + " " + content.length);
  }

  /// The content of `file`.
  ///
  /// @throws Failure `file-missing`; `file-unsafe` when it is a symlink, not a regular file, not
  ///   ours, has a second hard link or any group or other bits; `file-unreadable` when reading
  ///   fails or the file is larger than [Limits#PRIVATE_FILE_BYTES]
  public static byte[] read(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /// As [#read], but empty when there is no such file.
  public static Optional<byte[]> readIfExists(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /// Removes `file` durably (fsync of its directory); a missing file is no failure.
  public static void delete(Path file) {
    throw new UnsupportedOperationException(file.toString());
  }

  /// Creates `directory` and missing parents with mode 0700, or checks the one that exists.
  ///
  /// @throws Failure `home-unusable` when it cannot be made, is a symlink or no directory, is not
  ///   ours, or is writable by group or others
  public static void ensureDirectory(Path directory) {
    throw new UnsupportedOperationException(directory.toString());
  }
}
