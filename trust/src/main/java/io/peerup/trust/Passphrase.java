package io.peerup.trust;

import io.peerup.control.Failure;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// What a person or a file says to open the identity. Secret; `toString` shows none of it, [#close]
/// wipes it. The bytes count as they are: no trimming, no change of letters.
public final class Passphrase implements AutoCloseable {

  private final byte[] bytes;

  private Passphrase(byte[] bytes) {
    this.bytes = bytes;
  }

  /// The one line that this holds, without its line end. Copies; the caller wipes its own.
  ///
  /// @throws Failure `bad-passphrase` if it is empty, too long, or more than a line
  public static Passphrase ofLine(byte[] content) {
    int length = content.length;
    if (length > 0 && content[length - 1] == '\n') {
      length -= length > 1 && content[length - 2] == '\r' ? 2 : 1;
    }
    byte[] line = Arrays.copyOf(content, length);
    String problem = problem(line);
    if (!problem.isEmpty()) {
      Arrays.fill(line, (byte) 0);
      throw bad(problem);
    }
    return new Passphrase(line);
  }

  /// What was typed; the characters are wiped. @throws Failure `bad-passphrase`
  public static Passphrase ofTyped(char[] typed) {
    // Of a known array, so that it can be wiped: the longest characters take three bytes each.
    byte[] encoded = new byte[3 * typed.length];
    byte[] line = {};
    try {
      ByteBuffer utf8 = ByteBuffer.wrap(encoded);
      if (StandardCharsets.UTF_8
          .newEncoder()
          .encode(CharBuffer.wrap(typed), utf8, true)
          .isError()) {
        throw bad("it is not text");
      }
      line = Arrays.copyOf(encoded, utf8.position());
      return ofLine(line);
    } finally {
      Arrays.fill(encoded, (byte) 0);
      Arrays.fill(line, (byte) 0);
      Arrays.fill(typed, '\0');
    }
  }

  private static String problem(byte[] line) {
    if (line.length == 0) {
      return "it is empty";
    }
    if (line.length > Limits.PASSPHRASE_BYTES_MAX) {
      return "it is longer than " + Limits.PASSPHRASE_BYTES_MAX + " bytes";
    }
    for (byte each : line) {
      if (each == 0 || each == '\n' || each == '\r') {
        return "it is more than one line of text";
      }
    }
    return "";
  }

  private static Failure bad(String problem) {
    return new Failure(
        "bad-passphrase",
        "the passphrase cannot be used: " + problem,
        "several unrelated words on one line are easy to remember and hard to guess");
  }

  /// For a new one. @throws Failure `bad-passphrase` if it is too short to protect anything
  public void checkLength() {
    if (bytes.length < Limits.PASSPHRASE_BYTES_MIN) {
      throw bad("it is shorter than " + Limits.PASSPHRASE_BYTES_MIN + " characters");
    }
  }

  /// Whether both say the same, in constant time.
  public boolean same(Passphrase other) {
    return MessageDigest.isEqual(bytes, other.bytes);
  }

  /// Another one that says the same.
  public Passphrase copy() {
    return new Passphrase(bytes.clone());
  }

  /// A fresh copy, for the caller to wipe.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// Overwrites it.
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public String toString() {
    return "Passphrase";
  }

  /// Where a passphrase comes from when one is needed, and not before.
  @FunctionalInterface
  public interface Source {

    /// The passphrase for this file, for the caller to close.
    ///
    /// @param what the file as the user should see it
    /// @throws Failure `passphrase-needed`, `bad-passphrase`, or what keeps it from being read
    Passphrase ask(String what);

    /// Nobody knows one.
    Source NONE =
        what -> {
          throw new Failure(
              "passphrase-needed",
              what + " is protected by a passphrase, and there is nobody to ask for it",
              "give it with --passphrase-file FILE or --passphrase-stdin, or name the file in"
                  + " config.yaml: secrets.passphrase-file");
        };
  }
}
