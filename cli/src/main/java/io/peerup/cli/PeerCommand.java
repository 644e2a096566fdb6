package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.peerup.control.Home;
import io.peerup.control.client.ControlClient;
import io.peerup.trust.Tier;
import java.util.ArrayList;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "peer",
    description = "Manage single peers: who may talk to this device, and who never.",
    subcommands = {
      PeerCommand.ListPeers.class,
      PeerCommand.Rename.class,
      PeerCommand.Allow.class,
      PeerCommand.Deny.class,
      PeerCommand.Block.class,
      PeerCommand.Unblock.class,
      PeerCommand.ForgetSecurity.class,
      PeerCommand.Remove.class
    })
final class PeerCommand extends GroupCommand {

  /// A name for each tier, for completion: as it is written in files and documents.
  static final class TierNames extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    TierNames() {
      super(Stream.of(Tier.values()).map(Tier::text).toList());
    }
  }

  @Command(
      name = "list",
      description = {
        "List peers, as `peerup peers` does, or some of them.",
        "Works without a running daemon; then no peer is connected."
      })
  static final class ListPeers extends PeerupCommand {
    @Option(names = "--allowed", description = "Only those who may talk to this device now.")
    boolean allowed;

    @Option(
        names = "--blocked",
        description = "Who is blocked instead, known or not; also at a relay.")
    boolean blocked;

    @Option(
        names = "--tier",
        paramLabel = "TIER",
        completionCandidates = TierNames.class,
        description = "Only those trusted for this reason: local, group, invite or held.")
    @Nullable Tier tier;

    @Override
    protected int run(Home home, Voice voice) {
      if (blocked && (allowed || tier != null)) {
        throw misuse("--blocked goes without --allowed and --tier: who is blocked is not allowed");
      }
      JsonObject reply = blocked ? Trust.blocked(home) : filtered(Trust.peers(home));
      if (voice.json()) {
        voice.emit(reply);
      } else if (!blocked) {
        new StatusView(voice).peers(reply);
      } else if (reply.getAsJsonArray("blocked").isEmpty()) {
        voice.say("Nobody is blocked.");
      } else {
        for (JsonElement each : reply.getAsJsonArray("blocked")) {
          voice.say(Trust.title(each.getAsJsonObject()));
        }
      }
      return Peerup.DONE;
    }

    private JsonObject filtered(JsonObject reply) {
      JsonArray some = new JsonArray();
      for (JsonElement each : reply.getAsJsonArray("peers")) {
        JsonObject peer = each.getAsJsonObject();
        boolean inTier =
            tier == null || peer.getAsJsonArray("tiers").contains(new JsonPrimitive(tier.text()));
        if (inTier && (!allowed || peer.get("allowed").getAsBoolean())) {
          some.add(peer);
        }
      }
      reply.add("peers", some);
      return reply;
    }
  }

  @Command(
      name = "allow",
      description = {
        "Let a peer talk to this device, whether or not a group brought it.",
        "The other device must allow this one, too. Works without a running daemon."
      })
  static final class Allow extends PeerupCommand {
    @Option(
        names = "--id",
        paramLabel = "PEER-ID",
        description = "The peer's id (there: peerup whoami). Required.")
    @Nullable String id;

    @Option(names = "--name", paramLabel = "NAME", description = "What to call it here.")
    @Nullable String name;

    @Override
    protected int run(Home home, Voice voice) {
      if (id == null) {
        throw misuse("say whom to allow: --id PEER-ID");
      }
      Addresses.checkPeerId(id);
      JsonObject reply = Trust.ask(home, Trust.Verb.ALLOW, id, Optional.ofNullable(name));
      if (voice.json()) {
        voice.emit(reply);
        return Peerup.DONE;
      }
      voice.say("Allowed " + Trust.title(reply));
      if (reply.get("blocked").getAsBoolean()) {
        voice.warn("it is blocked, too, and gets nothing until: peerup peer unblock --id " + id);
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "deny",
      description = {
        "Take back what `peer allow` gave. Connections end at once if nothing else trusts the peer.",
        "If a group does, it says so; `peer remove` and `peer block` end that, too."
      })
  static final class Deny extends OnePeer {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Trust.ask(home, Trust.Verb.DENY, typed());
      String tiers = Trust.words(reply, "tiers");
      if (voice.json()) {
        voice.emit(reply);
      } else if (tiers.isEmpty()) {
        voice.say("Denied " + Trust.title(reply));
      } else {
        voice.say("No longer allowed by hand: " + Trust.title(reply));
        voice.warn(
            "it is still trusted as: "
                + tiers
                + "; to refuse it all the same: peerup peer block --id "
                + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "block",
      description = {
        "Refuse a peer whatever else speaks for it, and end its connections at once.",
        "What it was trusted with comes back with `peer unblock`. At a relay this shuts it out there."
      })
  static final class Block extends OnePeer {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Trust.ask(home, Trust.Verb.BLOCK, typed());
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Blocked " + Trust.title(reply));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "unblock",
      description = "End a block; what the peer was trusted with before is in force again.")
  static final class Unblock extends OnePeer {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply = Trust.ask(home, Trust.Verb.UNBLOCK, typed());
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Unblocked " + Trust.title(reply));
        voice.say(
            reply.get("allowed").getAsBoolean()
                ? "It may talk to this device again."
                : "It may not talk to this device: " + StatusView.text(reply, "reason"));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "forget-security",
      description = {
        "Forget that a peer or relay has spoken post-quantum security.",
        "It may connect with less again. For one whose program was replaced by one that lacks it;",
        "if it was not, somebody on the way may be weakening the connection."
      })
  static final class ForgetSecurity extends OnePeer {
    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          Running.node(home)
              .call(
                  "POST",
                  "/v1/peers/" + ControlClient.segment(typed()) + "/forget-security",
                  new JsonObject());
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say(
            (reply.get("forgotten").getAsBoolean() ? "Forgotten: " : "Nothing to forget of ")
                + Trust.title(reply));
      }
      return Peerup.DONE;
    }
  }

  @Command(name = "rename", description = "Give a peer another name on this device.")
  static final class Rename extends PeerupCommand {
    @Parameters(index = "0", paramLabel = "PEER", description = "Its name or peer id.")
    String peer = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "The new name.")
    String name = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject request = new JsonObject();
      request.addProperty("name", name);
      JsonObject reply =
          Running.node(home)
              .call("POST", "/v1/peers/" + ControlClient.segment(peer) + "/rename", request);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say("Renamed to " + StatusView.text(reply, "name"));
      }
      return Peerup.DONE;
    }
  }

  @Command(
      name = "remove",
      description = {
        "Remove a peer: it may no longer talk to this device, and its connections end at once.",
        "The peer itself, and other devices, are not told."
      })
  static final class Remove extends PeerupCommand {
    @Parameters(paramLabel = "PEER", description = "Its name or peer id.")
    String peer = "";

    @Override
    protected int run(Home home, Voice voice) {
      JsonObject reply =
          Running.node(home).call("DELETE", "/v1/peers/" + ControlClient.segment(peer), null);
      if (voice.json()) {
        voice.emit(reply);
      } else {
        voice.say(
            "Removed " + StatusView.text(reply, "name") + "  " + StatusView.text(reply, "peerId"));
      }
      return Peerup.DONE;
    }
  }
}
