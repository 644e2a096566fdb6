package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A short code over two peer ids, equal at both: four symbols and six digits, for recognising a
/// pair of devices at a glance.
///
/// It proves nothing and must never mark a peer as verified: both ids are fixed before anybody
/// looks, so somebody who stands between two devices can search two identities with equal codes
/// (2²⁶ tries suffice). A live code with a commitment is another thing.
///
/// @param symbols four symbols with their English names
/// @param digits `ddd-ddd`
public record QuickCode(List<Symbol> symbols, String digits) {

  private static final int SYMBOL_COUNT = 4;
  private static final int TABLE_SIZE = 64;
  private static final List<Symbol> TABLE = load();

  /// One symbol, and the word to say for it.
  public record Symbol(String picture, String name) {}

  public QuickCode {
    symbols = List.copyOf(symbols);
  }

  /// The code of this pair, in either order.
  public static QuickCode of(PeerId one, PeerId other) {
    PeerId first = one.compareTo(other) <= 0 ? one : other;
    PeerId second = first.equals(one) ? other : one;
    byte[] input =
        new ByteWriter()
            .bytes("peerup-quick-v1".getBytes(StandardCharsets.US_ASCII))
            .lengthPrefixed(first.bytes())
            .lengthPrefixed(second.bytes())
            .toByteArray();
    long bits = ByteBuffer.wrap(sha256(input)).getLong();
    List<Symbol> symbols = new ArrayList<>();
    for (int i = 0; i < SYMBOL_COUNT; i++) {
      symbols.add(TABLE.get((int) (bits >>> (58 - 6 * i)) & (TABLE_SIZE - 1)));
    }
    long number = (bits & ((1L << 40) - 1)) % 1_000_000;
    String digits = String.format(Locale.ROOT, "%06d", number);
    return new QuickCode(symbols, digits.substring(0, 3) + "-" + digits.substring(3));
  }

  /// `🐶 Dog 🚀 Rocket … 042-817`.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    symbols.forEach(
        each -> out.append(each.picture()).append(' ').append(each.name()).append("  "));
    return out.append(digits).toString();
  }

  private static byte[] sha256(byte[] input) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(input);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static List<Symbol> load() {
    try (InputStream in = QuickCode.class.getResourceAsStream("emoji.tsv")) {
      if (in == null) {
        throw new IllegalStateException("internal error: emoji.tsv is not in the jar");
      }
      List<Symbol> table =
          new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split("\t", 2))
              .map(parts -> new Symbol(parts[0], parts[1]))
              .toList();
      if (table.size() != TABLE_SIZE) {
        throw new IllegalStateException("internal error: emoji.tsv has " + table.size() + " rows");
      }
      return table;
    } catch (IOException e) {
      throw new IllegalStateException("internal error: emoji.tsv cannot be read", e);
    }
  }
}
