package io.peerup.pairing;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.wire.ByteReader;
import java.util.List;

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

  /// One symbol, and the word to say for it.
  public record Symbol(String picture, String name) {}

  public QuickCode {
    symbols = List.copyOf(symbols);
  }

  /// The code of this pair, in either order.
  public static QuickCode of(PeerId one, PeerId other) {
    PeerId first = one.compareTo(other) <= 0 ? one : other;
    PeerId second = first.equals(one) ? other : one;
    byte[] hash = Crypto.sha256("peerup-quick-v1", Crypto.lv(first.bytes(), second.bytes()));
    long bits = new ByteReader(hash).u64();
    return new QuickCode(ShortCode.symbols(bits), ShortCode.digits(bits));
  }

  /// `🐶 Dog 🚀 Rocket … 042-817`.
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    symbols.forEach(
        each -> out.append(each.picture()).append(' ').append(each.name()).append("  "));
    return out.append(digits).toString();
  }
}
