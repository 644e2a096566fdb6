package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// The two messages of an invite link: the joiner's drop and the inviter's acknowledgement, sealed
/// with keys that need the link's nonce (which never travels) and an X25519 exchange with a key
/// made for this link. The nonce is a symmetric secret of 256 bits, so a recording stays closed to
/// whoever breaks X25519 one day.
final class InviteDrop {

  static final int DROP_ID_BYTES = 16;

  private static final byte[] DROP_HEAD = {0x01, 0x4c, 0x04};
  private static final byte[] ACK_HEAD = {0x01, 0x4d, 0x04};
  private static final String LABEL = "peerup-drop-v1";
  private static final int PEER_ID_BYTES_MAX = 64;

  private final byte[] info;
  private final byte[] dropKey;
  private final byte[] ackKey;

  private InviteDrop(byte[] nonce, byte[] shared, byte[] info) {
    this.info = info;
    byte[] prk = Crypto.hmac(nonce, shared);
    Arrays.fill(shared, (byte) 0);
    this.dropKey = key(prk, "drop", info);
    this.ackKey = key(prk, "ack", info);
    Arrays.fill(prk, (byte) 0);
  }

  /// What a joiner says.
  ///
  /// @param joiner who; its signature was checked
  /// @param payload a [PeerCard]
  @SuppressWarnings("ArrayRecordComponent")
  record Opened(PeerId joiner, byte[] payload) {}

  /// What finds the invite in the inviter's list: a tag of the nonce, public.
  static byte[] dropId(byte[] nonce) {
    return Arrays.copyOf(Crypto.hmac(nonce, Crypto.ascii("peerup-drop-v1 id")), DROP_ID_BYTES);
  }

  /// The drop id in a message, if it is a drop.
  static Optional<byte[]> dropIdOf(byte[] message) {
    return idOf(DROP_HEAD, message);
  }

  /// The drop id in a message, if it is an acknowledgement.
  static Optional<byte[]> ackIdOf(byte[] message) {
    return idOf(ACK_HEAD, message);
  }

  /// The joiner's end of the exchange. Throws [MalformedInput] if the link's key is of low order.
  static InviteDrop ofJoiner(InviteUrl url, byte[] ephemeralPrivate, byte[] ephemeralPublic) {
    byte[] shared = agree(ephemeralPrivate, url.exchangeKey());
    return new InviteDrop(
        url.nonce(),
        shared,
        info(url.inviter(), url.exchangeKey(), ephemeralPublic, dropId(url.nonce())));
  }

  /// The inviter's end, for a message that [#dropIdOf] found to be a drop. Throws [MalformedInput].
  static InviteDrop ofInviter(
      PeerId inviter, byte[] nonce, byte[] exchangePrivate, byte[] exchangePublic, byte[] drop) {
    ByteReader in = new ByteReader(drop);
    in.bytes(DROP_HEAD.length + DROP_ID_BYTES);
    byte[] ephemeral = in.bytes(X25519.POINT_SIZE);
    byte[] shared = agree(exchangePrivate, ephemeral);
    return new InviteDrop(nonce, shared, info(inviter, exchangePublic, ephemeral, dropId(nonce)));
  }

  byte[] sealDrop(PrivateKey joiner, byte[] ephemeralPublic, byte[] dropId, byte[] payload) {
    byte[] signature =
        joiner.sign(Crypto.labelled("peerup-drop-v1 sender", Crypto.sha256("", info)));
    byte[] plain = Crypto.lv(joiner.peerId().bytes(), signature, payload);
    return new ByteWriter()
        .bytes(DROP_HEAD)
        .bytes(dropId)
        .bytes(ephemeralPublic)
        .bytes(Crypto.seal(dropKey, Crypto.countedNonce(0), info, plain))
        .toByteArray();
  }

  /// Throws [MalformedInput] unless a holder of the link sealed it and the joiner it names signed.
  Opened openDrop(byte[] drop) {
    int head = DROP_HEAD.length + DROP_ID_BYTES + X25519.POINT_SIZE;
    ByteReader in = new ByteReader(open(dropKey, info, drop, head));
    PeerId joiner = PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX));
    byte[] signature = in.lengthPrefixed(Limits.SIGNATURE_BYTES_MAX);
    byte[] payload = in.lengthPrefixed(Limits.CARD_BYTES_MAX);
    in.expectEnd();
    byte[] signed = Crypto.labelled("peerup-drop-v1 sender", Crypto.sha256("", info));
    if (!InviteUrl.keyOf(joiner).verify(signed, signature)) {
      throw new MalformedInput("the signature in it is wrong");
    }
    return new Opened(joiner, payload);
  }

  byte[] sealAck(PrivateKey inviter, byte[] dropId, byte[] drop, byte[] payload) {
    byte[] dropHash = Crypto.sha256("", drop);
    byte[] signature = inviter.sign(Crypto.labelled("peerup-drop-v1 ack", dropHash));
    return new ByteWriter()
        .bytes(ACK_HEAD)
        .bytes(dropId)
        .bytes(
            Crypto.seal(
                ackKey,
                Crypto.countedNonce(0),
                Crypto.concat(info, dropHash),
                Crypto.lv(signature, payload)))
        .toByteArray();
  }

  /// What the joiner must keep to recognise the acknowledgement. Fresh copies.
  byte[] ackKey() {
    return ackKey.clone();
  }

  byte[] info() {
    return info.clone();
  }

  /// What the inviter says. Throws [MalformedInput] unless the inviter sealed and signed it for
  /// this very drop.
  static byte[] openAck(byte[] ackKey, byte[] info, PeerId inviter, byte[] dropHash, byte[] ack) {
    ByteReader in =
        new ByteReader(
            open(ackKey, Crypto.concat(info, dropHash), ack, ACK_HEAD.length + DROP_ID_BYTES));
    byte[] signature = in.lengthPrefixed(Limits.SIGNATURE_BYTES_MAX);
    byte[] payload = in.lengthPrefixed(Limits.CARD_BYTES_MAX + 1);
    in.expectEnd();
    if (!InviteUrl.keyOf(inviter)
        .verify(Crypto.labelled("peerup-drop-v1 ack", dropHash), signature)) {
      throw new MalformedInput("the signature in it is wrong");
    }
    return payload;
  }

  void destroy() {
    Arrays.fill(dropKey, (byte) 0);
    Arrays.fill(ackKey, (byte) 0);
  }

  private static byte[] open(byte[] key, byte[] aad, byte[] message, int head) {
    if (message.length < head + Crypto.TAG_BYTES) {
      throw new MalformedInput("it is cut short");
    }
    try {
      byte[] sealed = Arrays.copyOfRange(message, head, message.length);
      return Crypto.open(key, Crypto.countedNonce(0), aad, sealed);
    } catch (InvalidCipherTextException e) {
      throw new MalformedInput("nobody who has the link sealed it", e);
    }
  }

  private static byte[] agree(byte[] secret, byte[] other) {
    byte[] shared = new byte[X25519.POINT_SIZE];
    if (!X25519.calculateAgreement(secret, 0, other, 0, shared, 0)) {
      throw new MalformedInput("an exchange key of low order");
    }
    return shared;
  }

  private static byte[] info(PeerId inviter, byte[] exchangeKey, byte[] ephemeral, byte[] dropId) {
    return Crypto.lv(Crypto.ascii(LABEL), inviter.bytes(), exchangeKey, ephemeral, dropId);
  }

  private static byte[] key(byte[] prk, String use, byte[] info) {
    return Crypto.expand(prk, Crypto.concat(Crypto.lv(Crypto.ascii(use)), info), 32);
  }

  private static Optional<byte[]> idOf(byte[] head, byte[] message) {
    int end = head.length + DROP_ID_BYTES;
    return message.length >= end
            && message.length <= Limits.DROP_BYTES_MAX
            && Arrays.equals(message, 0, head.length, head, 0, head.length)
        ? Optional.of(Arrays.copyOfRange(message, head.length, end))
        : Optional.empty();
  }
}
