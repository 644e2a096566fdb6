package io.peerup.control;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Ends a write at one of its steps as a kill does: nothing after it runs, nothing is tidied up.
/// Tests only: a class of this package that no program contains.
public final class KilledWrites implements AutoCloseable {

  private KilledWrites() {}

  /// What stands for the end of the process; no code catches it.
  public static final class Killed extends Error {
    private static final long serialVersionUID = 1L;
  }

  /// The steps by their names, in order.
  public static List<String> steps() {
    return Arrays.stream(PrivateFiles.Step.values()).map(Enum::name).toList();
  }

  /// At the first write of a file of this name.
  public static KilledWrites at(String file, String step) {
    return at(file, step, 1);
  }

  /// At the nth one.
  public static KilledWrites at(String file, String step, int nth) {
    AtomicInteger left = new AtomicInteger(nth);
    PrivateFiles.everyWrite =
        (Path written, PrivateFiles.Step at) -> {
          if (written.endsWith(file) && at.name().equals(step) && left.decrementAndGet() == 0) {
            throw new Killed();
          }
        };
    return new KilledWrites();
  }

  @Override
  public void close() {
    PrivateFiles.everyWrite = (_, _) -> {};
  }
}
