package io.peerup.node.invites;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Jsons;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.node.peers.Wakeup;
import io.peerup.pairing.InviteAccept;
import io.peerup.pairing.Names;
import io.peerup.pairing.mailbox.CapabilityHash;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A link of somebody else that this device accepted. Guarded by the monitor of its [LinkStore].
final class Acceptance {

  /// How far it is. A link whose time is over while it waits is shown as expired.
  enum State {
    /// Not known to be in the inviter's mailbox.
    SENDING,
    /// In the inviter's mailbox; no answer yet.
    DROP_SENT,
    /// Both trust each other.
    PAIRED,
    /// Another device was faster.
    ALREADY_USED,
    /// The inviter said yes, and this device belongs to another network by now.
    OTHER_NETWORK;

    boolean isWaiting() {
      return this == SENDING || this == DROP_SENT;
    }
  }

  /// What a visit to the relays of the link means for it.
  enum Verdict {
    /// The drop is in the inviter's mailbox now.
    SENT,
    /// Nothing of it is anywhere: as if it had never been accepted.
    VOID,
    AS_BEFORE
  }

  final InviteAccept accept;
  final List<Multiaddr> relays;
  final byte[] capability;
  final CapabilityHash reply;
  final String ownName;
  final Optional<String> network;
  State state = State.SENDING;

  // Not persisted.
  final Wakeup wakeup = new Wakeup();
  int attempts;
  String trouble = "";
  boolean refused;
  boolean reached;
  // The drop may be in a mailbox although no relay said so: an answer was lost, maybe before a
  // restart.
  boolean doubtful;
  List<String> warnings = List.of();
  String called = "";

  /// @param relays where the inviter's mailbox is
  /// @param capability what lets us leave a message there
  /// @param reply by which the acknowledgement comes
  /// @param ownName what we call ourselves in it
  /// @param network the network that the user named, if one was named
  Acceptance(
      InviteAccept accept,
      List<Multiaddr> relays,
      byte[] capability,
      CapabilityHash reply,
      String ownName,
      Optional<String> network) {
    this.accept = accept;
    this.relays = List.copyOf(relays);
    this.capability = capability;
    this.reply = reply;
    this.ownName = ownName;
    this.network = network;
  }

  /// What we call the inviter, as far as that is known.
  String calledName() {
    return called.isEmpty() ? accept.name() : called;
  }

  /// Takes in what came of a visit; to be called once for each.
  Verdict visited(Visit.Left left) {
    attempts++;
    reached = left.reached();
    trouble = left.trouble();
    doubtful |= left.unanswered();
    if (state != State.SENDING) {
      return Verdict.AS_BEFORE;
    }
    if (left.taken()) {
      return Verdict.SENT;
    }
    refused |= left.refused();
    // In doubt it is kept: the same link again must leave the same drop, or the maker may let in
    // who does not know of it.
    boolean nowhere = left.refused() || (!reached && attempts == 1);
    return nowhere && !doubtful ? Verdict.VOID : Verdict.AS_BEFORE;
  }

  JsonObject snapshot() {
    JsonArray where = new JsonArray();
    relays.forEach(relay -> where.add(relay.toString()));
    JsonObject out = new JsonObject();
    out.add("accept", accept.snapshot());
    out.add("relays", where);
    out.addProperty("capability", HexFormat.of().formatHex(capability));
    out.addProperty("reply", reply.hex());
    out.addProperty("ownName", ownName);
    network.ifPresent(name -> out.addProperty("network", name));
    out.addProperty("state", state.name().toLowerCase(Locale.ROOT));
    return out;
  }

  /// Throws [MalformedInput] or [io.peerup.control.Failure] if it is damaged.
  static Acceptance restore(JsonObject in) {
    if (!(in.get("accept") instanceof JsonObject accept)) {
      throw new MalformedInput("an accepted link is incomplete");
    }
    try {
      Acceptance out =
          new Acceptance(
              InviteAccept.restore(accept),
              Jsons.strings(in, "relays").stream().map(LinkStore::withPeer).toList(),
              HexFormat.of().parseHex(Jsons.string(in, "capability")),
              new CapabilityHash(Jsons.string(in, "reply")),
              Names.check(Jsons.string(in, "ownName")),
              Jsons.optionalString(in, "network"));
      out.doubtful = true;
      out.state = State.valueOf(Jsons.string(in, "state").toUpperCase(Locale.ROOT));
      return out;
    } catch (MalformedInput e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new MalformedInput("an accepted link is damaged: " + e.getMessage(), e);
    }
  }
}
