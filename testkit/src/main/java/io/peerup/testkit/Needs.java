package io.peerup.testkit;

import org.junit.jupiter.api.Assumptions;

/// What a test needs of the machine. Where it is missing the test is skipped and says why, except
/// under `CI=true`: there it fails, so that a claim never goes unproven unseen.
public final class Needs {

  private Needs() {}

  /// Goes on if the machine has it.
  ///
  /// @param why what is missing otherwise, e.g. `curl is not here`
  public static void that(boolean met, String why) {
    if (!met) {
      missing(why);
    }
  }

  /// Ends the calling test: skipped, or failed under `CI=true`.
  public static void missing(String why) {
    if (isComplete()) {
      throw new AssertionError("with CI=true nothing is skipped: " + why);
    }
    System.err.println("SKIPPED: " + why);
    Assumptions.abort(why);
  }

  /// Whether everything that tests need must be here.
  static boolean isComplete() {
    return "true".equals(System.getenv("CI"));
  }
}
