package io.peerup.pairing;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// An invite link, `peerup:join#…`, also `https://<any>/#…`: whoever has it can leave a request in
/// the inviter's mailbox, and the inviter need not be online. Signed by the inviter. A bearer
/// secret; `toString` shows none of it.
public final class InviteUrl {

  static final String SCHEME = "peerup:join#";
  static final int NONCE_BYTES = 32;
  static final int EXCHANGE_KEY_BYTES = 32;

  private static final int VERSION = 1;
  private static final int TYPE = 3;
  private static final int PEER_ID_BYTES_MAX = 64;

  /// A link is for an inviter that may be away; without a relay it leads nowhere.
  private static final int RELAYS_MIN = 1;

  private static final String LABEL = "peerup-invite-v1";

  private final byte[] nonce;
  private final PeerId inviter;
  private final byte[] exchangeKey;
  private final List<Multiaddr> relays;
  private final byte[] depositCapability;
  private final String namespace;
  private final String name;
  private final Instant expires;
  private final byte[] signed;

  private InviteUrl(byte[] signed) {
    ByteReader all = new ByteReader(signed);
    int version = all.u8();
    int type = all.u8();
    if (version != VERSION || type != TYPE) {
      throw new MalformedInput(
          "this link was made by another version of this program", "update it, or ask for a code");
    }
    this.nonce = exactly(NONCE_BYTES, all.lengthPrefixed(NONCE_BYTES));
    this.inviter = PeerId.fromBytes(all.lengthPrefixed(PEER_ID_BYTES_MAX));
    this.exchangeKey = exactly(EXCHANGE_KEY_BYTES, all.lengthPrefixed(EXCHANGE_KEY_BYTES));
    this.relays = Pasted.readRelays(all, RELAYS_MIN);
    this.depositCapability = all.lengthPrefixed(Limits.CAPABILITY_BYTES_MAX);
    this.namespace = Pasted.readNamespace(all.lengthPrefixed(Limits.NAMESPACE_CHARS_MAX));
    this.name = Names.decode(all.lengthPrefixed(Limits.NAME_BYTES_MAX));
    this.expires = Pasted.readExpiry(all);
    byte[] body = Arrays.copyOf(signed, signed.length - all.remaining());
    byte[] signature = all.lengthPrefixed(Limits.SIGNATURE_BYTES_MAX);
    all.expectEnd();
    if (!keyOf(inviter).verify(message(body), signature)) {
      throw new MalformedInput("its signature is wrong");
    }
    this.signed = signed;
  }

  /// Makes and signs a link. Throws [MalformedInput] if something does not fit into one.
  static InviteUrl create(
      PrivateKey identity,
      byte[] nonce,
      byte[] exchangeKey,
      List<Multiaddr> relays,
      byte[] depositCapability,
      String namespace,
      String name,
      Instant expires) {
    ByteWriter out =
        new ByteWriter()
            .u8(VERSION)
            .u8(TYPE)
            .lengthPrefixed(nonce)
            .lengthPrefixed(identity.peerId().bytes())
            .lengthPrefixed(exchangeKey);
    Pasted.writeRelays(out, Pasted.checkRelays(relays, RELAYS_MIN));
    byte[] body =
        out.lengthPrefixed(depositCapability)
            .lengthPrefixed(namespace.getBytes(StandardCharsets.US_ASCII))
            .lengthPrefixed(name.getBytes(StandardCharsets.UTF_8))
            .u64(expires.getEpochSecond())
            .toByteArray();
    InviteUrl url =
        new InviteUrl(
            new ByteWriter()
                .bytes(body)
                .lengthPrefixed(identity.sign(message(body)))
                .toByteArray());
    if (url.text().length() > Limits.URL_CHARS_MAX) {
      throw new MalformedInput("the link would be too long", "name fewer relays in it");
    }
    return url;
  }

  /// Reads a link as people paste it. Throws [MalformedInput]; whether it is still good,
  /// [#checkUsable] says.
  public static InviteUrl parse(String text) {
    String cleaned = text.length() > Limits.PASTED_CHARS_MAX ? "" : Pasted.clean(text);
    boolean link = Pasted.has(SCHEME, cleaned) || Pasted.isWebLink(cleaned);
    if (!link || Pasted.fragment(cleaned).length() > Limits.URL_CHARS_MAX) {
      throw new MalformedInput(
          "this is no invite link", "it begins with " + SCHEME + " or https:// and has a #");
    }
    byte[] bytes;
    try {
      bytes = Pasted.base64(Pasted.fragment(cleaned));
    } catch (MalformedInput e) {
      throw damaged(e);
    }
    if (bytes.length > 0 && bytes[0] != VERSION) {
      throw new MalformedInput(
          "this link was made by another version of this program", "update it, or ask for a code");
    }
    try {
      return new InviteUrl(bytes);
    } catch (MalformedInput e) {
      throw damaged(e);
    }
  }

  private static MalformedInput damaged(MalformedInput cause) {
    return new MalformedInput(
        "link damaged or forged: " + cause.getMessage(), "copy all of it again", cause);
  }

  /// Throws [MalformedInput] if the link is expired, or our own.
  public void checkUsable(PeerId self, Instant now) {
    if (!now.isBefore(expires)) {
      throw new MalformedInput("the link expired at " + expires, "ask for a new one");
    }
    if (self.equals(inviter)) {
      throw new MalformedInput("this is your own invite", "open it on the other device");
    }
  }

  /// The link itself. Secret: for the person it is meant for.
  public String text() {
    return SCHEME + Pasted.text(signed);
  }

  /// Who invites; the signature says so.
  public PeerId inviter() {
    return inviter;
  }

  /// What the inviter calls itself.
  public String name() {
    return name;
  }

  /// Where the inviter's mailbox is, each with the relay's peer id.
  public List<Multiaddr> relays() {
    return relays;
  }

  /// What allows one to leave a message in it. A fresh copy.
  public byte[] depositCapability() {
    return depositCapability.clone();
  }

  /// The private network's name, or empty for the default one.
  public Optional<String> namespace() {
    return namespace.isEmpty() ? Optional.empty() : Optional.of(namespace);
  }

  /// When it ends.
  public Instant expires() {
    return expires;
  }

  byte[] nonce() {
    return nonce;
  }

  byte[] exchangeKey() {
    return exchangeKey;
  }

  /// The key inside the peer id: links carry none besides, so that they stay short.
  static PublicKey keyOf(PeerId peer) {
    return peer.inlineKey()
        .orElseThrow(() ->
            new MalformedInput(
                "the peer id %s is a hash and does not contain its key".formatted(peer),
                "links need an Ed25519 or secp256k1 identity"));
  }

  private static byte[] message(byte[] body) {
    return Crypto.labelled(LABEL, body);
  }

  private static byte[] exactly(int length, byte[] value) {
    if (value.length != length) {
      throw new MalformedInput("a part has the wrong length");
    }
    return value;
  }

  @Override
  public String toString() {
    return "InviteUrl[inviter=%s, expires=%s]".formatted(inviter, expires);
  }
}
