package io.peerup.cli;

import io.peerup.control.Failure;

/// Our own fault, said as such.
final class Internal {

  private Internal() {}

  static Failure failure(Throwable thrown) {
    StackTraceElement[] trace = thrown.getStackTrace();
    String at = trace.length == 0 ? "" : " at " + trace[0];
    return new Failure(
        "internal",
        "internal error: " + thrown + at,
        "this is a bug in peerup; please report it with the command you typed",
        thrown);
  }
}
