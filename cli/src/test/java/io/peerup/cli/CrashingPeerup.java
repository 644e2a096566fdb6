package io.peerup.cli;

import io.peerup.control.CrashPoint;

/// The program, able to be killed at a step that a test names.
final class CrashingPeerup {

  private CrashingPeerup() {}

  public static void main(String[] args) {
    CrashPoint.install();
    Peerup.main(args);
  }
}
