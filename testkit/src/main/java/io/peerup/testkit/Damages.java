package io.peerup.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What disks, crashes and people do to the content of a file: cut, zeroed, doubled, or with bits
/// turned over.
public final class Damages {

  private static final int CUTS = 200;
  private static final int BLOCK = 64;
  private static final int FLIPS = 500;

  private Damages() {}

  /// Cut at up to 200 lengths, and each block of 64 bytes, and all of it, zeroed; and doubled. None
  /// of these can be taken for a whole file of a format that has an end.
  public static List<byte[]> gross(byte[] whole) {
    List<byte[]> out = new ArrayList<>();
    int step = Math.max(1, whole.length / CUTS);
    for (int length = 0; length < whole.length; length += step) {
      out.add(Arrays.copyOf(whole, length));
    }
    for (int from = 0; from < whole.length; from += BLOCK) {
      byte[] zeroed = whole.clone();
      Arrays.fill(zeroed, from, Math.min(whole.length, from + BLOCK), (byte) 0);
      out.add(zeroed);
    }
    out.add(new byte[whole.length]);
    byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
    System.arraycopy(whole, 0, twice, whole.length, whole.length);
    out.add(twice);
    return out;
  }

  /// One to three bits turned over at random, 500 times: some of these are another valid file.
  public static List<byte[]> flips(byte[] whole, SeededRandom random) {
    List<byte[]> out = new ArrayList<>();
    for (int i = 0; i < FLIPS; i++) {
      byte[] flipped = whole.clone();
      int bits = 1 + random.nextInt(3);
      for (int bit = 0; bit < bits; bit++) {
        flipped[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      }
      out.add(flipped);
    }
    return out;
  }
}
