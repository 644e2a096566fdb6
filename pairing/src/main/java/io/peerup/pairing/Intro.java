package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.crypto.InvalidCipherTextException;

/// One member introducing itself to its group: peer id, sealed name, signature by the peer's key,
/// MAC by the group's key. A relay stores and forwards it, but can neither make nor read one.
///
/// An object of this class is well-formed and its signature is right; whether the group vouches for
/// it, [#verify] says, for those who have the group's key.
public final class Intro {

  private static final String LABEL = "peerup-intro-v1";
  private static final int PEER_ID_BYTES_MAX = 64;
  private static final int MAC_BYTES = 32;
  private static final int SIGNATURE_BYTES_MAX = 80;
  static final int SEALED_NAME_BYTES =
      Crypto.XNONCE_BYTES + Limits.NAME_BYTES_MAX + Crypto.TAG_BYTES;

  private final byte[] selector;
  private final PeerId peer;
  private final byte[] sealedName;
  private final byte[] body;
  private final byte[] signature;
  private final byte[] mac;

  /// Whatever the signature says.
  Intro(byte[] body, byte[] signature, byte[] mac) {
    ByteReader in = new ByteReader(body);
    if (!Arrays.equals(in.lengthPrefixed(LABEL.length()), Crypto.ascii(LABEL))) {
      throw new MalformedInput("not an introduction of a known version");
    }
    this.selector = exactly(GroupSecrets.SELECTOR_BYTES, in.lengthPrefixed(64), "selector");
    this.peer = PeerId.fromBytes(in.lengthPrefixed(PEER_ID_BYTES_MAX));
    this.sealedName = exactly(SEALED_NAME_BYTES, in.lengthPrefixed(128), "sealed name");
    in.expectEnd();
    this.body = body;
    this.signature = signature;
    this.mac = exactly(MAC_BYTES, mac, "MAC");
  }

  /// A member that the group vouches for.
  ///
  /// @param peer who
  /// @param name what it calls itself; checked, but perhaps not unique
  public record Member(PeerId peer, String name) {}

  /// Introduces the owner of `identity` under `name`. Throws [MalformedInput] if the name is not
  /// allowed or the identity's peer id does not contain its key.
  public static Intro create(GroupKey group, PrivateKey identity, String name, KeyRandom random) {
    byte[] nonce = random.bytes(Crypto.XNONCE_BYTES);
    PeerId peer = PeerId.of(identity.publicKey());
    keyOf(peer);
    byte[] padded =
        Arrays.copyOf(Names.check(name).getBytes(StandardCharsets.UTF_8), Limits.NAME_BYTES_MAX);
    byte[] sealed =
        new ByteWriter()
            .bytes(nonce)
            .bytes(Crypto.seal(group.nameKey(), nonce, peer.bytes(), padded))
            .toByteArray();
    byte[] body =
        new ByteWriter()
            .lengthPrefixed(Crypto.ascii(LABEL))
            .lengthPrefixed(group.selector())
            .lengthPrefixed(peer.bytes())
            .lengthPrefixed(sealed)
            .toByteArray();
    byte[] signature = identity.sign(signed(body));
    return new Intro(body, signature, group.mac(body, signature));
  }

  /// Reads an introduction and checks its signature against the peer id in it. Throws
  /// [MalformedInput].
  public static Intro decode(byte[] encoded) {
    if (encoded.length > Limits.INTRO_BYTES_MAX) {
      throw new MalformedInput(
          "an introduction of %d bytes is above the limit of %d"
              .formatted(encoded.length, Limits.INTRO_BYTES_MAX));
    }
    ByteReader in = new ByteReader(encoded);
    byte[] body = in.lengthPrefixed(Limits.INTRO_BYTES_MAX);
    byte[] signature = in.lengthPrefixed(SIGNATURE_BYTES_MAX);
    byte[] mac = in.lengthPrefixed(MAC_BYTES);
    in.expectEnd();
    Intro intro = new Intro(body, signature, mac);
    if (!keyOf(intro.peer).verify(signed(body), signature)) {
      throw new MalformedInput("the signature of an introduction is wrong");
    }
    return intro;
  }

  /// `lv(body, signature, mac)`. A fresh copy.
  public byte[] encoded() {
    return new ByteWriter()
        .lengthPrefixed(body)
        .lengthPrefixed(signature)
        .lengthPrefixed(mac)
        .toByteArray();
  }

  /// Whom it introduces; the signature says so.
  public PeerId peer() {
    return peer;
  }

  /// Which group it is meant for. A fresh copy.
  public byte[] selector() {
    return selector.clone();
  }

  /// Checks that the group vouches for this introduction and opens the name. Throws
  /// [MalformedInput] if it belongs to another group, if the MAC is wrong, or if the name is not
  /// allowed.
  public Member verify(GroupKey group) {
    if (!MessageDigest.isEqual(selector, group.selector())) {
      throw new MalformedInput("the introduction belongs to another group");
    }
    if (!MessageDigest.isEqual(mac, group.mac(body, signature))) {
      throw new MalformedInput("no member of the group made this introduction");
    }
    return new Member(peer, openName(group));
  }

  private String openName(GroupKey group) {
    byte[] nonce = Arrays.copyOf(sealedName, Crypto.XNONCE_BYTES);
    byte[] sealed = Arrays.copyOfRange(sealedName, Crypto.XNONCE_BYTES, sealedName.length);
    byte[] padded;
    try {
      padded = Crypto.open(group.nameKey(), nonce, peer.bytes(), sealed);
    } catch (InvalidCipherTextException e) {
      throw new MalformedInput("the name in the introduction cannot be opened", e);
    }
    int length = padded.length;
    while (length > 0 && padded[length - 1] == 0) {
      length--;
    }
    return Names.decode(Arrays.copyOf(padded, length));
  }

  /// The key inside the peer id: introductions carry none besides, so that they stay short.
  private static PublicKey keyOf(PeerId peer) {
    return peer.inlineKey()
        .orElseThrow(() ->
            new MalformedInput(
                "the peer id %s is a hash and does not contain its key".formatted(peer),
                "groups need an Ed25519 or secp256k1 identity"));
  }

  private static byte[] signed(byte[] body) {
    return Crypto.labelled(LABEL, body);
  }

  private static byte[] exactly(int length, byte[] value, String what) {
    if (value.length != length) {
      throw new MalformedInput(
          "the %s of an introduction has %d bytes, not %d".formatted(what, value.length, length));
    }
    return value;
  }

  byte[] body() {
    return body.clone();
  }

  byte[] sealedName() {
    return sealedName.clone();
  }

  byte[] signature() {
    return signature.clone();
  }

  byte[] mac() {
    return mac.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Intro that
        && Arrays.equals(body, that.body)
        && Arrays.equals(signature, that.signature)
        && Arrays.equals(mac, that.mac);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(mac);
  }

  @Override
  public String toString() {
    return "Intro[group=%s, peer=%s]".formatted(GroupKey.groupId(selector), peer);
  }
}
