package io.peerup.control;

/// The limits of the files of a home, each with its reason.
public final class Limits {
  /// A Unix socket address holds 108 bytes on Linux and 104 on macOS, with a closing NUL; a little
  /// less leaves room for neither system to be asked.
  public static final int SOCKET_PATH_BYTES = 100;

  /// A private file is a key, a list of peers or a small state file. 8 MiB holds 64 groups of 64
  /// members with room to spare and cannot exhaust a small heap.
  public static final int PRIVATE_FILE_BYTES = 8 << 20;

  /// One JSON document: a reply on the control socket, a line of a stream, or a state file, which
  /// is the largest of them.
  public static final int JSON_BYTES = PRIVATE_FILE_BYTES;

  /// Objects and arrays within each other: a deeper document is an attack on the parser's stack.
  public static final int JSON_DEPTH = 32;

  /// Longer than any number we use; stops a megabyte of digits from becoming one big integer.
  public static final int JSON_NUMBER_CHARACTERS = 40;

  private Limits() {}
}
