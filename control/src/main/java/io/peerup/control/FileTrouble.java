package io.peerup.control;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;

/// Turns what the system says about a file into one clear sentence and the step that helps.
public final class FileTrouble {
  private FileTrouble() {}

  /// @param doing what was tried, such as `cannot write`
  public static Failure failure(String code, String doing, Path file, IOException why) {
    String reason = reason(why);
    // Not the file's fault: whoever interrupted the thread knows why.
    String kind = why instanceof ClosedByInterruptException ? "interrupted" : code;
    return new Failure(
        kind, doing + " " + Printable.of(file.toString()) + ": " + reason, hint(reason, file), why);
  }

  private static String reason(IOException why) {
    return switch (why) {
      case NoSuchFileException _ -> "no such file or directory";
      case AccessDeniedException _ -> "permission denied";
      case NotDirectoryException _ -> "not a directory";
      case ClosedByInterruptException _ -> "interrupted";
      case FileSystemException e when e.getReason() != null -> lower(e.getReason());
      default -> {
        String message = why.getMessage();
        yield message == null ? why.getClass().getSimpleName() : lower(message);
      }
    };
  }

  private static String hint(String reason, Path file) {
    if (reason.contains("no space") || reason.contains("quota")) {
      return "free some space on that disk and try again; nothing was changed";
    }
    if (reason.contains("read-only")) {
      return "that disk is read-only: choose another home with --home DIR or PEERUP_HOME";
    }
    if (reason.contains("permission denied") || reason.contains("not permitted")) {
      return "check with `ls -ld` who owns it, or choose another home with --home DIR or PEERUP_HOME";
    }
    return "look at it: ls -ld " + Printable.of(file.toString());
  }

  private static String lower(String text) {
    String printable = Printable.of(text);
    return printable.isEmpty()
        ? printable
        : printable.substring(0, 1).toLowerCase(Locale.ROOT) + printable.substring(1);
  }
}
