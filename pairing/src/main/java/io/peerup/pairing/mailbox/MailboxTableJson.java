package io.peerup.pairing.mailbox;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.JsonFields;
import io.peerup.pairing.mailbox.Mailbox.Capability;
import io.peerup.pairing.mailbox.Mailbox.Waiting;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The state file of a [MailboxTable]. Reading checks everything again: a file may be damaged.
final class MailboxTableJson {

  private static final int VERSION = 1;
  private static final HexFormat HEX = HexFormat.of();

  /// No time of ours is later, and adding to one that is may overflow.
  private static final Instant YEAR_10000 = Instant.parse("+10000-01-01T00:00:00Z");

  private MailboxTableJson() {}

  static JsonObject write(Collection<Mailbox> mailboxes) {
    JsonArray list = new JsonArray();
    mailboxes.forEach(each -> list.add(write(each)));
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.add("mailboxes", list);
    return out;
  }

  static List<Mailbox> read(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the mailboxes were written by another version of this program");
    }
    List<Mailbox> mailboxes =
        in.objects("mailboxes", Limits.MAILBOXES_MAX, MailboxTableJson::readMailbox);
    Set<Object> seen = new HashSet<>();
    for (Mailbox mailbox : mailboxes) {
      refuseUnless(seen.add(mailbox.owner), "a mailbox is listed twice");
      for (CapabilityHash hash : mailbox.capabilities.keySet()) {
        refuseUnless(seen.add(hash), "a capability is listed twice");
      }
    }
    return mailboxes;
  }

  private static JsonObject write(Mailbox mailbox) {
    JsonArray capabilities = new JsonArray();
    for (Map.Entry<CapabilityHash, Capability> each : mailbox.capabilities.entrySet()) {
      capabilities.add(write(each.getKey(), each.getValue()));
    }
    JsonArray messages = new JsonArray();
    for (Waiting each : mailbox.messages) {
      JsonObject one = new JsonObject();
      one.addProperty("id", HEX.toHexDigits(each.mail().id()));
      one.addProperty("expires", each.expires().toString());
      one.addProperty("message", HEX.formatHex(each.mail().message()));
      messages.add(one);
    }
    JsonObject out = new JsonObject();
    out.addProperty("owner", mailbox.owner.toString());
    out.addProperty("guest", mailbox.guest);
    out.add("capabilities", capabilities);
    out.add("messages", messages);
    return out;
  }

  private static JsonObject write(CapabilityHash hash, Capability capability) {
    JsonObject out = new JsonObject();
    out.addProperty("hash", hash.hex());
    out.addProperty("usesLeft", capability.usesLeft);
    out.addProperty("expires", capability.expires.toString());
    if (capability.only != null) {
      out.addProperty("only", capability.only.toString());
    }
    JsonArray seen = new JsonArray();
    capability.seen.forEach(seen::add);
    out.add("seen", seen);
    return out;
  }

  private static Mailbox readMailbox(JsonFields in) {
    Mailbox mailbox = new Mailbox(PeerId.parse(in.text("owner")), in.bool("guest"));
    in.objects(
        "capabilities",
        Limits.CAPABILITIES_PER_MAILBOX_MAX,
        each -> {
          CapabilityHash hash = new CapabilityHash(each.text("hash"));
          boolean first = mailbox.capabilities.put(hash, readCapability(each)) == null;
          refuseUnless(first, "a capability is listed twice");
          return hash;
        });
    mailbox.messages.addAll(
        in.objects("messages", Limits.MESSAGES_PER_MAILBOX_MAX, MailboxTableJson::readMessage));
    long ids = mailbox.messages.stream().mapToLong(each -> each.mail().id()).distinct().count();
    refuseUnless(ids == mailbox.messages.size(), "a message is listed twice");
    return mailbox;
  }

  private static Capability readCapability(JsonFields in) {
    Capability capability =
        new Capability(
            in.integer("usesLeft", Limits.USES_MAX),
            time(in),
            in.optionalPeer("only").orElse(null));
    capability.seen.addAll(
        in.texts("seen", Limits.USES_MAX, text -> new CapabilityHash(text).hex()));
    return capability;
  }

  private static Waiting readMessage(JsonFields in) {
    byte[] id = in.hex("id");
    refuseUnless(id.length == Long.BYTES, "a message has an id of the wrong size");
    return new Waiting(
        new Mail(HexFormat.fromHexDigitsToLong(in.text("id")), in.hex("message")), time(in));
  }

  private static Instant time(JsonFields in) {
    Instant time = in.instant("expires");
    refuseUnless(time.isBefore(YEAR_10000), "a time is outside the calendar");
    return time;
  }

  private static void refuseUnless(boolean holds, String problem) {
    if (!holds) {
      throw new MalformedInput(problem);
    }
  }
}
