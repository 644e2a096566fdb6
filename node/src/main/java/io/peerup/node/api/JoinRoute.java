package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.node.invites.Adopted;
import io.peerup.node.invites.CodeJoiner;
import io.peerup.node.invites.NetworkGate;
import io.peerup.node.network.Joiner;
import io.peerup.node.network.Memberships;
import io.peerup.node.network.Roster;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.FullCode;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.GroupKey;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PairingCode;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.QuickCode;
import io.peerup.pairing.RelayHost;
import io.peerup.trust.AuthorizedKeysFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `POST /v1/join`: one pairing at a time.
public final class JoinRoute {

  private static final Logger LOG = LoggerFactory.getLogger(JoinRoute.class);

  /// What the relay tells of itself and of us is good to know, not worth a long wait.
  private static final Duration IDENTIFY = Duration.ofSeconds(3);

  private final Host host;
  private final AuthorizedKeysFile keys;
  private final Memberships memberships;
  private final Roster roster;
  private final RelayLinks relays;
  private final Joiner joiner;
  private final Adopted adopted;
  private final CodeJoiner codes;
  private final LinkRoutes links;
  private final NetworkGate networks;
  private final Supplier<String> network;
  private final ReentrantLock one = new ReentrantLock();

  public JoinRoute(
      Host host,
      AuthorizedKeysFile keys,
      Memberships memberships,
      Roster roster,
      RelayLinks relays,
      Joiner joiner,
      Adopted adopted,
      CodeJoiner codes,
      LinkRoutes links,
      NetworkGate networks,
      Supplier<String> network) {
    this.links = links;
    this.networks = networks;
    this.host = host;
    this.keys = keys;
    this.memberships = memberships;
    this.roster = roster;
    this.relays = relays;
    this.joiner = joiner;
    this.adopted = adopted;
    this.codes = codes;
    this.network = network;
  }

  public Route route() {
    return Route.post("/v1/join", this::handle);
  }

  private Reply handle(Request request) throws InterruptedException {
    PairingCode code = parse(Jsons.string(request.body(), "code"));
    if (code instanceof PairingCode.Link(InviteUrl url)) {
      // It waits for somebody who may be offline, and keeps no other join from going on.
      return Reply.json(links.accept(url, request));
    }
    String name = Jsons.string(request.body(), "name");
    Optional<String> accepted = Jsons.optionalString(request.body(), "network");
    if (!one.tryLock()) {
      throw new Failure(
          "join-in-progress", "another join is in progress on this node", "wait for it to end");
    }
    try {
      return Reply.json(
          switch (code) {
            case PairingCode.Group group -> joinGroup(group.code(), name, accepted);
            case PairingCode.Spoken spoken ->
                joinPeer(
                    spoken.code().secret(),
                    relayOf(spoken.relay()),
                    Optional.empty(),
                    name,
                    accepted);
            case PairingCode.Typed typed ->
                joinPeer(
                    typed.code().secret(),
                    relayOf(typed.relay()),
                    Optional.empty(),
                    name,
                    accepted);
            case PairingCode.Full full -> joinFull(full.code(), name, accepted);
            case PairingCode.Link _ ->
                throw new IllegalStateException("internal error: links are accepted above");
          });
    } finally {
      one.unlock();
    }
  }

  private JsonObject joinGroup(GroupCode code, String name, Optional<String> accepted) {
    String theirs = code.namespace().orElse("");
    networks.check(theirs, accepted);
    memberships.checkRoom(GroupKey.groupId(code.secrets().selector()));
    relays.checkRoom(code::pins);
    List<PeerId> refused = new ArrayList<>();
    Joiner.Joined joined =
        joiner.join(
            code,
            name,
            each -> {
              if (!theirs.equals(network.get())) {
                adopted.moveTo(theirs);
              }
              refused.addAll(settle(each));
            });
    return reply(joined.group(), refused);
  }

  private static List<Multiaddr> relayOf(Optional<RelayHost> written) {
    return written.map(RelayHost::multiaddr).stream().toList();
  }

  private JsonObject joinFull(FullCode code, String name, Optional<String> accepted) {
    networks.check(code.namespace().orElse(""), accepted);
    return joinPeer(code.secret(), code.relays(), Optional.of(code.inviter()), name, accepted);
  }

  /// With a code that one other device made.
  private JsonObject joinPeer(
      PairingSecret secret,
      List<Multiaddr> known,
      Optional<PeerId> inviter,
      String name,
      Optional<String> accepted) {
    CodeJoiner.Joined joined;
    try {
      joined =
          codes.join(
              new CodeJoiner.Wanted(secret, known, inviter),
              name,
              theirs -> networks.check(theirs, accepted));
    } finally {
      secret.destroy();
    }
    JsonObject out = new JsonObject();
    out.addProperty("peerId", host.id().toString());
    out.addProperty("name", name);
    out.addProperty("network", joined.network());
    joined.relay().ifPresent(relay -> out.addProperty("relay", relay.toString()));
    JsonObject peer = new JsonObject();
    peer.addProperty("peerId", joined.inviter().toString());
    peer.addProperty("name", joined.name());
    peer.addProperty("quickCode", QuickCode.of(host.id(), joined.inviter()).toString());
    JsonArray peers = new JsonArray();
    peers.add(peer);
    out.add("peers", peers);
    out.add("warnings", NodeApi.array(joined.warnings()));
    return out;
  }

  /// What is true from now on: peers authorised, group remembered, relay one of ours.
  private List<PeerId> settle(Joiner.Joined joined) {
    List<PeerId> refused = roster.joined(joined.group());
    GroupMembership group = joined.group().membership();
    relays.keep(group.relayId(), List.of(group.relayAddress()));
    // It may have turned us away before, when it did not know us.
    relays.retry(group.relayId());
    try {
      // While we were on probation the relay answered nothing but the pairing.
      host.identify(joined.relay(), IDENTIFY);
    } catch (OverlayException e) {
      LOG.atDebug().addKeyValue("relay", group.relayId()).log("identify: {}", e.getMessage());
    }
    return refused;
  }

  private JsonObject reply(GroupJoin.Result.Joined joined, List<PeerId> refused) {
    GroupMembership group = joined.membership();
    JsonObject out = new JsonObject();
    out.addProperty("peerId", host.id().toString());
    out.addProperty("name", joined.names().getOrDefault(host.id(), group.announcedName()));
    out.addProperty("network", group.namespace().orElse(""));
    out.addProperty("relay", group.relayAddress().withPeer(group.relayId()).toString());
    out.addProperty("group", group.groupId());
    joined.authExpires().ifPresent(end -> out.addProperty("expiresAt", end.toString()));
    JsonArray peers = new JsonArray();
    group.members().stream()
        .sorted()
        .forEach(peer -> {
          JsonObject each = new JsonObject();
          each.addProperty("peerId", peer.toString());
          each.addProperty("name", nameOf(peer, joined));
          each.addProperty("quickCode", QuickCode.of(host.id(), peer).toString());
          peers.add(each);
        });
    out.add("peers", peers);
    List<String> warnings = new ArrayList<>(joined.warnings());
    refused.forEach(
        peer -> warnings.add("a member of the group is blocked here and was not added: " + peer));
    out.add("warnings", NodeApi.array(warnings));
    return out;
  }

  private String nameOf(PeerId peer, GroupJoin.Result.Joined joined) {
    return keys.current()
        .find(peer)
        .map(entry -> entry.name())
        .orElseGet(() -> joined.names().getOrDefault(peer, ""));
  }

  private static PairingCode parse(String text) {
    try {
      return PairingCode.parse(text);
    } catch (MalformedInput e) {
      throw new Failure("bad-code", String.valueOf(e.getMessage()), e.hint(), e);
    }
  }
}
