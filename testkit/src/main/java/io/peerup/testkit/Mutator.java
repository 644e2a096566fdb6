package io.peerup.testkit;

import java.util.Arrays;

/// Damages valid messages for fuzz tests: a few bit flips, cuts, insertions, repetitions and
/// boundary bytes at random places.
public final class Mutator {

  private static final byte[] BOUNDARIES = {0, 1, 0x7f, (byte) 0x80, (byte) 0x81, (byte) 0xff};
  private static final int CHANGES_MAX = 4;
  private static final int INSERTED_MAX = 16;

  private final SeededRandom random;

  public Mutator(SeededRandom random) {
    this.random = random;
  }

  /// A damaged copy; now and then it may happen to equal the original.
  public byte[] mutate(byte[] valid) {
    byte[] out = valid.clone();
    int changes = 1 + random.nextInt(CHANGES_MAX);
    for (int i = 0; i < changes; i++) {
      out = change(out);
    }
    return out;
  }

  /// The same for text, which keeps to the letters of its kind most of the time.
  public String mutate(String valid, String letters) {
    StringBuilder out = new StringBuilder(valid);
    int changes = 1 + random.nextInt(CHANGES_MAX);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(out.length() + 1);
      char letter =
          random.nextInt(8) == 0
              ? (char) random.nextInt(0x10000)
              : letters.charAt(random.nextInt(letters.length()));
      switch (random.nextInt(3)) {
        case 0 -> out.insert(at, letter);
        case 1 -> out.delete(at, Math.min(out.length(), at + 1 + random.nextInt(4)));
        default -> out.replace(at, Math.min(out.length(), at + 1), String.valueOf(letter));
      }
    }
    return out.toString();
  }

  private byte[] change(byte[] source) {
    int at = random.nextInt(source.length + 1);
    return switch (random.nextInt(5)) {
      case 0 -> Arrays.copyOf(source, at);
      case 1 -> insert(source, at, random.bytes(1 + random.nextInt(INSERTED_MAX)));
      case 2 -> insert(source, at, Arrays.copyOfRange(source, at / 2, at));
      case 3 -> replace(source, at, BOUNDARIES[random.nextInt(BOUNDARIES.length)]);
      default -> replace(source, at, (byte) (1 << random.nextInt(8)));
    };
  }

  private static byte[] replace(byte[] source, int at, byte value) {
    byte[] out = source.clone();
    if (at < out.length) {
      out[at] = Integer.bitCount(value & 0xff) == 1 ? (byte) (out[at] ^ value) : value;
    }
    return out;
  }

  private static byte[] insert(byte[] source, int at, byte[] inserted) {
    byte[] out = new byte[source.length + inserted.length];
    System.arraycopy(source, 0, out, 0, at);
    System.arraycopy(inserted, 0, out, at, inserted.length);
    System.arraycopy(source, at, out, at + inserted.length, source.length - at);
    return out;
  }
}
