package io.peerup.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/// What tells two versions of a file apart without reading it: inode, size, both change times.
///
/// @param text all of it
record FileStamp(String text) {

  /// There is no file.
  static final FileStamp MISSING = new FileStamp("missing");

  /// Not known: differs from every real stamp.
  static final FileStamp UNKNOWN = new FileStamp("unknown");

  /// The stamp of the file now. A file that cannot be looked at has a stamp too, which changes when
  /// the trouble does.
  static FileStamp of(Path file) {
    try {
      Map<String, Object> facts =
          Files.readAttributes(
              file, "unix:ino,size,lastModifiedTime,ctime,mode", LinkOption.NOFOLLOW_LINKS);
      return new FileStamp(
          "%s %s %s %s %s"
              .formatted(
                  facts.get("ino"),
                  facts.get("size"),
                  facts.get("lastModifiedTime"),
                  facts.get("ctime"),
                  facts.get("mode")));
    } catch (NoSuchFileException e) {
      return MISSING;
    } catch (IOException e) {
      return new FileStamp("trouble: " + e);
    }
  }
}
