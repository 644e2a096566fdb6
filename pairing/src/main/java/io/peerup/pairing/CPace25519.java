package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// One side of one run of CPACE-X25519-SHA512 in initiator-responder mode
/// (draft-irtf-cfrg-cpace-21): two sides that know the same short secret get the same long key, and
/// a side that guessed wrong gets nothing to try further guesses on.
///
/// [#share] once, then [#finish] once; anything else throws [IllegalStateException], because a
/// scalar used twice gives the secret away. The Diffie-Hellman result never leaves this class. Not
/// confirmed: until the other side has shown that it has the key, nobody knows that it does.
final class CPace25519 {

  /// Length of a share in bytes.
  static final int SHARE_BYTES = X25519.POINT_SIZE;

  /// Length of the session key in bytes.
  static final int KEY_BYTES = 64;

  private static final byte[] DSI = Crypto.ascii("CPace255");
  private static final byte[] DSI_ISK = Crypto.ascii("CPace255_ISK");
  // Fills the first input block of SHA-512, so that the hash's work on the secret is done before
  // anything else comes in.
  private static final int HASH_BLOCK_BYTES = 128;

  private final byte[] sid;
  private final byte[] scalar;
  private final byte[] share;
  private State state = State.NEW;

  private enum State {
    NEW,
    SHARED,
    OVER
  }

  /// Which share and associated data come first in the transcript.
  enum Role {
    INITIATOR,
    RESPONDER
  }

  /// Starts a run.
  ///
  /// @param prs the shared secret, of any length
  /// @param ci what else both sides must agree on
  /// @param sid what makes this run different from all others
  CPace25519(byte[] prs, byte[] ci, byte[] sid, KeyRandom random) {
    this.sid = sid.clone();
    this.scalar = random.bytes(X25519.SCALAR_SIZE);
    this.share = new byte[SHARE_BYTES];
    byte[] generator = generator(prs, ci, sid);
    X25519.scalarMult(scalar, 0, generator, 0, share, 0);
    Arrays.fill(generator, (byte) 0);
  }

  /// What the other side needs. Looks random whatever the secret is.
  byte[] share() {
    expect(State.NEW);
    state = State.SHARED;
    return share.clone();
  }

  /// The session key, or empty if the other share must be refused: it is of low order, so that the
  /// result would not depend on our scalar, or it is our own. Wipes the scalar either way.
  ///
  /// @param ownData what we sent beside our share
  /// @param otherShare 32 bytes
  /// @param otherData what the other side sent beside its share
  Optional<byte[]> finish(Role role, byte[] ownData, byte[] otherShare, byte[] otherData) {
    expect(State.SHARED);
    state = State.OVER;
    byte[] k = new byte[X25519.POINT_SIZE];
    boolean contributes = X25519.calculateAgreement(scalar, 0, otherShare, 0, k, 0);
    Arrays.fill(scalar, (byte) 0);
    if (!contributes || Arrays.equals(share, otherShare)) {
      Arrays.fill(k, (byte) 0);
      return Optional.empty();
    }
    byte[] head = Crypto.lv(DSI_ISK, sid, k);
    byte[] own = Crypto.lv(share, ownData);
    byte[] other = Crypto.lv(otherShare, otherData);
    byte[] key =
        role == Role.INITIATOR ? Crypto.sha512(head, own, other) : Crypto.sha512(head, other, own);
    Arrays.fill(k, (byte) 0);
    Arrays.fill(head, (byte) 0);
    return Optional.of(key);
  }

  /// Ends the run without a result.
  void destroy() {
    state = State.OVER;
    Arrays.fill(scalar, (byte) 0);
  }

  /// The base point of a run: known to those who know the secret. Takes the same steps for any
  /// secret of the same length.
  static byte[] generator(byte[] prs, byte[] ci, byte[] sid) {
    byte[] head = Crypto.lv(DSI, prs);
    byte[] padding = new byte[Math.max(0, HASH_BLOCK_BYTES - 1 - head.length)];
    byte[] hash = Crypto.sha512(head, Crypto.lv(padding, ci, sid));
    byte[] point = Elligator2.map(Arrays.copyOf(hash, X25519.POINT_SIZE));
    Arrays.fill(head, (byte) 0);
    Arrays.fill(hash, (byte) 0);
    return point;
  }

  private void expect(State wanted) {
    if (state != wanted) {
      throw new IllegalStateException("internal error: a run of CPace is used in another order");
    }
  }

  /// Says nothing.
  @Override
  public String toString() {
    return "CPace25519[" + state + "]";
  }
}
