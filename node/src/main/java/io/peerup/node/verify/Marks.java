package io.peerup.node.verify;

import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.SafetyNumber;
import io.peerup.trust.AuthorizedKeys;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Verified;
import java.time.Instant;
import java.util.Optional;

/// Writes the `verified` attribute: the only class that does. Blocks on the disk.
public final class Marks {

  private static final int NUMBER_DIGITS = 60;

  private Marks() {}

  /// @throws Failure `no-such-peer` if it is not authorised any more, or what keeps the file from
  ///   being written
  static void set(AuthorizedKeysFile keys, PeerId self, PeerId peer, Verified.Method method) {
    keys.update(all -> {
      AuthorizedPeer entry =
          all.find(peer)
              .orElseThrow(() ->
                  new Failure(
                      "no-such-peer",
                      "the peer is not authorised any more, so it cannot be verified",
                      "peerup peers shows who is"));
      AuthorizedPeer marked = entry.withVerified(Optional.of(Verified.by(method, self, peer)));
      // What an invite may ask for is the live code, which both sides confirm.
      return all.with(method == Verified.Method.LIVE ? marked.released() : marked);
    });
  }

  /// A peer without a mark is left alone.
  static void clear(AuthorizedKeysFile keys, PeerId peer) {
    if (keys.current().find(peer).flatMap(AuthorizedPeer::verified).isPresent()) {
      keys.update(all -> cleared(all, peer));
    }
  }

  /// Takes a peer out again that was held until a comparison, which has failed.
  static void removeHeld(AuthorizedKeysFile keys, PeerId peer, Instant now) {
    if (keys.current().find(peer).filter(entry -> entry.isHeld(now)).isPresent()) {
      keys.update(all ->
          all.find(peer)
              .filter(entry -> entry.isHeld(now))
              .map(_ -> all.without(peer))
              .orElse(all));
    }
  }

  private static AuthorizedKeys cleared(AuthorizedKeys all, PeerId peer) {
    return all.find(peer).map(entry -> all.with(entry.withVerified(Optional.empty()))).orElse(all);
  }

  /// Marks a peer whose safety number, or the text of whose picture, a person has brought here from
  /// the other device. What is shorter verifies nothing.
  ///
  /// @throws Failure `bad-code` if it is neither, `code-mismatch` if it is that of another pair,
  ///   `no-such-peer`
  public static void confirm(AuthorizedKeysFile keys, PeerId self, PeerId peer, String brought) {
    SafetyNumber number = SafetyNumber.of(self, peer);
    String digits = brought.replaceAll("[\\s-]", "");
    boolean typed =
        digits.length() == NUMBER_DIGITS && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!(typed ? digits.equals(number.digits()) : scanned(number, brought))) {
      clear(keys, peer);
      throw new Failure(
          "code-mismatch",
          "this is not the safety number of this device and that peer",
          "compare again; if it stays so, somebody may be in the middle: peerup peer remove PEER");
    }
    set(keys, self, peer, typed ? Verified.Method.SAFETY_NUMBER : Verified.Method.QR);
  }

  private static boolean scanned(SafetyNumber number, String text) {
    try {
      return number.matchesScan(text);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-code",
          "this is neither sixty digits nor the text of a picture for verifying",
          "the other device shows both: peerup verify PEER --qr",
          e);
    }
  }
}
