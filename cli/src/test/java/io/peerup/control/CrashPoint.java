package io.peerup.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/// Ends this process by SIGKILL, or fails a write as a full disk does, at the step of a write that
/// a file `crash-at` in the home names, such as `kill groups.json RENAMED 2`: the second time that
/// it comes there. Tests only: a class of this package that no program contains.
public final class CrashPoint {

  public static final String ORDER = "crash-at";

  private CrashPoint() {}

  /// The steps by their names, in order.
  public static Iterable<String> steps() {
    return Arrays.stream(PrivateFiles.Step.values()).map(Enum::name).toList();
  }

  /// From now on this process looks for orders.
  public static void install() {
    PrivateFiles.everyWrite = CrashPoint::after;
  }

  private static void after(Path file, PrivateFiles.Step step) throws IOException {
    Path beside = file.resolveSibling(ORDER).toAbsolutePath();
    Path order =
        beside.endsWith(Path.of("state", ORDER))
            ? beside.resolveSibling("../" + ORDER).normalize()
            : beside;
    String text;
    try {
      text = Files.readString(order).strip();
    } catch (NoSuchFileException _) {
      return;
    }
    if (text.equals("fail") && step == PrivateFiles.Step.CREATED) {
      throw new IOException("No space left on device");
    }
    String here = "kill " + file.getFileName() + " " + step + " ";
    if (text.startsWith(here)) {
      int times = Integer.parseInt(text.substring(here.length()));
      Files.delete(order);
      if (times > 1) {
        Files.writeString(order, here + (times - 1));
        return;
      }
      new ProcessBuilder("kill", "-9", "" + ProcessHandle.current().pid()).start();
      while (true) {
        LockSupport.park();
      }
    }
  }
}
