package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.math.ec.rfc7748.X25519;

/// One invite link as its maker keeps it, and its place in the state file.
final class UrlInvite {

  /// A device that the link admitted.
  ///
  /// @param joiner who
  /// @param name what it calls itself
  /// @param dropHash by which drop
  /// @param ack what it was told, to be told the same again
  /// @param entered true once its trust entry is on disk
  @SuppressWarnings("ArrayRecordComponent") // never compared by equals
  record Use(PeerId joiner, String name, byte[] dropHash, byte[] ack, boolean entered) {

    Use nowEntered() {
      return new Use(joiner, name, dropHash, ack, true);
    }
  }

  private static final int VERSION = 1;
  private static final int ID_BYTES = 4;
  private static final HexFormat HEX = HexFormat.of();

  final byte[] dropId;
  final int usesMax;
  final Instant expires;
  final List<Use> uses = new ArrayList<>();
  private final byte[] nonce;
  private final byte[] exchangePrivate;

  UrlInvite(byte[] nonce, byte[] exchangePrivate, int usesMax, Instant expires) {
    this.nonce = nonce;
    this.exchangePrivate = exchangePrivate;
    this.usesMax = usesMax;
    this.expires = expires;
    this.dropId = InviteDrop.dropId(nonce);
  }

  /// A short public name.
  String id() {
    return HEX.formatHex(dropId, 0, ID_BYTES);
  }

  InviteDrop keysFor(PeerId self, byte[] drop) {
    byte[] exchangePublic = new byte[X25519.POINT_SIZE];
    X25519.scalarMultBase(exchangePrivate, 0, exchangePublic, 0);
    return InviteDrop.ofInviter(self, nonce, exchangePrivate, exchangePublic, drop);
  }

  /// Overwrites the secrets. Always true.
  boolean wipe() {
    Arrays.fill(nonce, (byte) 0);
    Arrays.fill(exchangePrivate, (byte) 0);
    return true;
  }

  static JsonObject write(List<UrlInvite> invites) {
    JsonArray list = new JsonArray();
    for (UrlInvite invite : invites) {
      JsonArray uses = new JsonArray();
      for (Use use : invite.uses) {
        JsonObject entry = new JsonObject();
        entry.addProperty("joiner", use.joiner().toString());
        entry.addProperty("name", use.name());
        entry.addProperty("drop", HEX.formatHex(use.dropHash()));
        entry.addProperty("ack", HEX.formatHex(use.ack()));
        entry.addProperty("entered", use.entered());
        uses.add(entry);
      }
      JsonObject entry = new JsonObject();
      entry.addProperty("nonce", HEX.formatHex(invite.nonce));
      entry.addProperty("exchangePrivate", HEX.formatHex(invite.exchangePrivate));
      entry.addProperty("usesMax", invite.usesMax);
      entry.addProperty("expires", invite.expires.toString());
      entry.add("uses", uses);
      list.add(entry);
    }
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.add("links", list);
    return out;
  }

  static List<UrlInvite> read(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the links were written by another version of this program");
    }
    return in.objects("links", Limits.URL_INVITES_MAX, UrlInvite::readOne);
  }

  private static UrlInvite readOne(JsonFields in) {
    byte[] nonce = in.hex("nonce");
    byte[] exchangePrivate = in.hex("exchangePrivate");
    if (nonce.length != InviteUrl.NONCE_BYTES || exchangePrivate.length != X25519.SCALAR_SIZE) {
      throw new MalformedInput("a link has a part of the wrong size");
    }
    UrlInvite invite =
        new UrlInvite(
            nonce,
            exchangePrivate,
            in.integer("usesMax", Limits.URL_USES_MAX),
            in.instant("expires"));
    invite.uses.addAll(
        in.objects(
            "uses",
            Limits.URL_USES_MAX,
            use ->
                new Use(
                    PeerId.parse(use.text("joiner")),
                    Names.check(use.text("name")),
                    use.hex("drop"),
                    use.hex("ack"),
                    use.bool("entered"))));
    return invite;
  }
}
