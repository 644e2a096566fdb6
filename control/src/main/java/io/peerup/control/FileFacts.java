package io.peerup.control;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;

/// What `stat(2)` says about a file, and whether that is safe.
///
/// @param mode type and permission bits as the system keeps them
public record FileFacts(int mode, int uid, int links, long inode, long device) {
  private static final int TYPE = 0170000;
  private static final int REGULAR = 0100000;
  private static final int DIRECTORY = 0040000;
  private static final int SYMLINK = 0120000;
  private static final int SOCKET = 0140000;
  private static final int FIFO = 0010000;

  /// Resolved once: the user this process runs as does not change.
  private static final int OUR_UID = (int) new UnixSystem().getUid();

  /// The facts of `file` itself, not of what a symlink points to.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is nothing of that name
  public static FileFacts of(Path file) throws IOException {
    return read(file, LinkOption.NOFOLLOW_LINKS);
  }

  /// The facts of what `file` leads to in the end.
  public static FileFacts following(Path file) throws IOException {
    return read(file);
  }

  private static FileFacts read(Path file, LinkOption... options) throws IOException {
    Map<String, Object> facts = Files.readAttributes(file, "unix:mode,uid,nlink,ino,dev", options);
    return new FileFacts(
        number(facts, "mode").intValue(),
        number(facts, "uid").intValue(),
        number(facts, "nlink").intValue(),
        number(facts, "ino").longValue(),
        number(facts, "dev").longValue());
  }

  private static Number number(Map<String, Object> facts, String name) throws IOException {
    if (facts.get(name) instanceof Number number) {
      return number;
    }
    throw new IOException("the system does not tell the " + name + " of a file");
  }

  /// The user this process runs as.
  public static int ourUid() {
    return OUR_UID;
  }

  public boolean isOurs() {
    return uid == OUR_UID;
  }

  public boolean isRegularFile() {
    return (mode & TYPE) == REGULAR;
  }

  public boolean isDirectory() {
    return (mode & TYPE) == DIRECTORY;
  }

  public boolean isSocket() {
    return (mode & TYPE) == SOCKET;
  }

  /// Whether group or others may change it.
  public boolean isWritableByOthers() {
    return (mode & 0022) != 0;
  }

  /// Whether group or others may do anything with it.
  public boolean isOpenToOthers() {
    return (mode & 0077) != 0;
  }

  /// Whether only its owner may do anything with it, or root gave it to us to read, as service
  /// managers do with credentials: it belongs to root, and at most our group may read it.
  public boolean isCredential() {
    return (isOurs() && !isOpenToOthers()) || (uid == 0 && (mode & 0037) == 0);
  }

  public boolean isSameFile(FileFacts other) {
    return inode == other.inode && device == other.device;
  }

  /// The permission bits as `chmod` writes them: `0644`.
  public String permissions() {
    return String.format("%04o", mode & 07777);
  }

  /// What it is, for a sentence: `a symlink`, `a directory`.
  public String kind() {
    return switch (mode & TYPE) {
      case REGULAR -> "a regular file";
      case DIRECTORY -> "a directory";
      case SYMLINK -> "a symlink";
      case SOCKET -> "a socket";
      case FIFO -> "a named pipe";
      default -> "a special file";
    };
  }
}
