package io.peerup.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/// Appends log lines to one file under a fixed name, mode 0600; a full file moves aside to
/// `<name>.1`, which replaces the one before. Thread-safe. (The JDK's own handler gives the newest
/// file another name.)
final class RotatingFile extends Handler {

  private final Path file;
  private final long bytesMax;
  // Null when a full disk left no file to write to: each line tries again.
  private @Nullable OutputStream out;
  private long size;

  RotatingFile(Path file, long bytesMax) throws IOException {
    this.file = file;
    this.bytesMax = bytesMax;
    this.out = open();
  }

  @Override
  public synchronized void publish(LogRecord entry) {
    if (!isLoggable(entry)) {
      return;
    }
    byte[] line = getFormatter().format(entry).getBytes(StandardCharsets.UTF_8);
    try {
      OutputStream to = out == null ? open() : out;
      if (size > 0 && size + line.length > bytesMax) {
        out = null;
        to.close();
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
        to = open();
      }
      out = to;
      to.write(line);
      to.flush();
      size += line.length;
    } catch (IOException e) {
      // A full disk must not stop the node; the line is lost.
      reportError("cannot write " + file, e, ErrorManager.WRITE_FAILURE);
    }
  }

  @Override
  public synchronized void flush() {
    try {
      if (out != null) {
        out.flush();
      }
    } catch (IOException e) {
      reportError("cannot write " + file, e, ErrorManager.FLUSH_FAILURE);
    }
  }

  @Override
  public synchronized void close() {
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
    }
  }

  private OutputStream open() throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    size = Files.size(file);
    return Files.newOutputStream(
        file,
        Set.of(StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS)
            .toArray(new java.nio.file.OpenOption[0]));
  }
}
