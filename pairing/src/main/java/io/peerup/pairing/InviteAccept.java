package io.peerup.pairing;

import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// The joiner's side of an invite link: one drop for the inviter's mailbox, and then waiting for
/// the acknowledgement, over restarts if need be. A machine: keep [#snapshot] in a file of mode
/// 0600 before the drop is left, and hand in whatever arrives.
public final class InviteAccept {

  private static final int VERSION = 1;
  private static final HexFormat HEX = HexFormat.of();

  private final PeerId inviter;
  private final String name;
  private final Instant expires;
  private final byte[] drop;
  private final byte[] info;
  private final byte[] ackKey;

  /// What a message means.
  public sealed interface Result {

    /// The inviter has our trust entry: write its own.
    record Paired(PeerId inviter, PeerCard card) implements Result {}

    /// Another device was faster.
    record AlreadyUsed(PeerId inviter) implements Result {}

    /// Not for us, or not by the inviter, or about another drop. Nothing changes.
    record Ignored() implements Result {}
  }

  private InviteAccept(
      PeerId inviter, String name, Instant expires, byte[] drop, byte[] info, byte[] ackKey) {
    this.inviter = inviter;
    this.name = name;
    this.expires = expires;
    this.drop = drop;
    this.info = info;
    this.ackKey = ackKey;
  }

  /// Accepts a link; `card` is what the inviter gets to see of us. Throws [MalformedInput] if the
  /// link is expired, our own, or cannot be used with our identity.
  public static InviteAccept of(
      InviteUrl url, PrivateKey identity, PeerCard card, KeyRandom random, Instant now) {
    url.checkUsable(identity.peerId(), now);
    InviteUrl.keyOf(identity.peerId());
    byte[] secret = random.bytes(X25519.SCALAR_SIZE);
    byte[] ephemeral = new byte[X25519.POINT_SIZE];
    X25519.scalarMultBase(secret, 0, ephemeral, 0);
    InviteDrop keys = InviteDrop.ofJoiner(url, secret, ephemeral);
    Arrays.fill(secret, (byte) 0);
    byte[] dropId = InviteDrop.dropId(url.nonce());
    byte[] drop = keys.sealDrop(identity, ephemeral, dropId, card.encoded());
    InviteAccept accept =
        new InviteAccept(
            url.inviter(), url.name(), url.expires(), drop, keys.info(), keys.ackKey());
    keys.destroy();
    return accept;
  }

  /// What to leave in the inviter's mailbox; the same bytes each time.
  public byte[] drop() {
    return drop.clone();
  }

  /// Takes a message from our own mailbox. Never throws, whatever is in it.
  public Result receive(byte[] message) {
    byte[] dropId = InviteDrop.dropIdOf(drop).orElseThrow();
    if (InviteDrop.ackIdOf(message).filter(id -> Arrays.equals(id, dropId)).isEmpty()) {
      return new Result.Ignored();
    }
    try {
      AckPayload payload =
          AckPayload.decode(
              InviteDrop.openAck(ackKey, info, inviter, Crypto.sha256("", drop), message));
      return switch (payload) {
        case AckPayload.Accepted accepted -> new Result.Paired(inviter, accepted.card());
        case AckPayload.AlreadyUsed _ -> new Result.AlreadyUsed(inviter);
      };
    } catch (MalformedInput e) {
      return new Result.Ignored();
    }
  }

  /// Whether this is about that link: the same drop must go on, since another one would count as
  /// another device.
  public boolean isFor(InviteUrl url) {
    byte[] dropId = InviteDrop.dropId(url.nonce());
    return inviter.equals(url.inviter())
        && InviteDrop.dropIdOf(drop).filter(id -> Arrays.equals(id, dropId)).isPresent();
  }

  /// Who invited us.
  public PeerId inviter() {
    return inviter;
  }

  /// What the inviter calls itself in the link.
  public String name() {
    return name;
  }

  /// When waiting is over: the inviter takes no drop after that.
  public Instant expires() {
    return expires;
  }

  /// Everything, a key included: for a file of mode 0600.
  public JsonObject snapshot() {
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.addProperty("inviter", inviter.toString());
    out.addProperty("name", name);
    out.addProperty("expires", expires.toString());
    out.addProperty("drop", HEX.formatHex(drop));
    out.addProperty("info", HEX.formatHex(info));
    out.addProperty("ackKey", HEX.formatHex(ackKey));
    return out;
  }

  /// The acceptance of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static InviteAccept restore(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the acceptance was written by another version of this program");
    }
    byte[] drop = in.hex("drop");
    if (InviteDrop.dropIdOf(drop).isEmpty()) {
      throw new MalformedInput("\"drop\" is not a drop");
    }
    return new InviteAccept(
        PeerId.parse(in.text("inviter")),
        Names.check(in.text("name")),
        in.instant("expires"),
        drop,
        in.hex("info"),
        in.hex("ackKey"));
  }

  @Override
  public String toString() {
    return "InviteAccept[inviter=" + inviter + "]";
  }
}
