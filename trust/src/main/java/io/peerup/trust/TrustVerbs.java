package io.peerup.trust;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.trust.Authorizer.Decision;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What the owner of a home may say about who is trusted: allow, deny, block, unblock, and why. The
/// only way to the tier `local` and to the block list besides an editor; nothing that comes over
/// the network leads here. Used by daemons, relays, and by commands while neither runs. Blocks on
/// the disk.
///
/// Every answer is the decision that is in force afterwards (`docs/json.md`).
public final class TrustVerbs {

  private final Optional<PeerId> self;
  private final AuthorizedKeysFile keys;
  private final BlockedPeersFile blocked;
  private final Authorizer authorizer;
  private final PeerDirectory directory;
  private final InstantSource clock;
  private final Consumer<PeerId> remover;
  private final BiConsumer<String, PeerId> told;

  /// @param self who we are, if there is an identity yet
  /// @param remover takes a peer out of `authorized_keys` and of whatever would bring it back
  /// @param told hears of each change: the verb, and about whom
  public TrustVerbs(
      Optional<PeerId> self,
      AuthorizedKeysFile keys,
      BlockedPeersFile blocked,
      InstantSource clock,
      Consumer<PeerId> remover,
      BiConsumer<String, PeerId> told) {
    this.self = self;
    this.keys = keys;
    this.blocked = blocked;
    this.authorizer = new Authorizer(keys::current, blocked::current);
    this.directory = new PeerDirectory(keys::current);
    this.clock = clock;
    this.remover = remover;
    this.told = told;
  }

  /// Puts a peer into the tier `local`. A name is changed only if given.
  ///
  /// @throws Failure `bad-peer-id`, `own-peer-id`, `bad-name`, `name-in-use`, `too-many-peers`
  public JsonObject allow(String id, Optional<String> name) {
    PeerId peer = other(PeerDirectory.id(id));
    name.ifPresent(TrustVerbs::checkName);
    written(all -> {
      AuthorizedPeer entry =
          all.find(peer).orElseGet(() -> AuthorizedPeer.of(peer)).allowed(clock.instant());
      if (name.isPresent()) {
        refuseTaken(all, peer, name.get());
        entry = entry.withName(name.get());
      }
      return all.with(entry);
    });
    told.accept("allow", peer);
    return explain(peer);
  }

  /// Takes a peer out of the tier `local`. When nothing else trusts it, its line goes, too.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, `bad-peer-id`, `own-peer-id`
  public JsonObject deny(String typed) {
    PeerId peer = other(directory.anybody(typed, blocked.current()));
    AuthorizedKeys after =
        written(all -> {
          AuthorizedPeer entry = all.find(peer).orElseThrow(() -> notAuthorized(peer));
          return entry.denied(clock.instant()).map(all::with).orElse(all);
        });
    if (after.find(peer).flatMap(entry -> entry.denied(clock.instant())).isEmpty()) {
      remover.accept(peer);
    }
    told.accept("deny", peer);
    return explain(peer);
  }

  /// Blocks a peer, known or not. Its line in `authorized_keys` stays.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, `bad-peer-id`, `own-peer-id`,
  ///   `too-many-peers`
  public JsonObject block(String typed) {
    PeerId peer = other(directory.anybody(typed, blocked.current()));
    Optional<String> name = keys.current().find(peer).map(AuthorizedPeer::name);
    try {
      blocked.update(all -> all.with(peer, name));
    } catch (MalformedInput e) {
      throw failure("too-many-peers", e);
    }
    told.accept("block", peer);
    return explain(peer);
  }

  /// Ends a block: what the peer was trusted with before is in force again.
  ///
  /// @throws Failure `not-blocked`, `no-such-peer`, `ambiguous-peer`, `bad-peer-id`
  public JsonObject unblock(String typed) {
    PeerId peer = directory.anybody(typed, blocked.current());
    blocked.update(all -> {
      if (!all.contains(peer)) {
        throw new Failure(
            "not-blocked", peer + " is not blocked", "peerup peer list --blocked shows who is");
      }
      return all.without(peer);
    });
    told.accept("unblock", peer);
    return explain(peer);
  }

  /// Whether a peer may speak to us, and why.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, `bad-peer-id`
  public JsonObject explain(String typed) {
    return explain(directory.anybody(typed, blocked.current()));
  }

  /// Who is blocked, each as [#explain] says it.
  public JsonObject listBlocked() {
    JsonArray list = new JsonArray();
    blocked.current().peers().forEach(peer -> list.add(explain(peer)));
    JsonObject out = new JsonObject();
    out.add("blocked", list);
    return out;
  }

  private JsonObject explain(PeerId peer) {
    Decision decision = authorizer.decide(peer, clock.instant());
    Optional<AuthorizedPeer> entry = keys.current().find(peer);
    JsonObject out = new JsonObject();
    out.addProperty("peerId", peer.toString());
    out.addProperty(
        "name", entry.map(AuthorizedPeer::name).or(() -> blocked.current().name(peer)).orElse(""));
    out.addProperty(
        "verified",
        self.flatMap(own -> entry.filter(each -> Verified.holds(each, own))).isPresent());
    TrustJson.decision(out, decision);
    out.addProperty("reason", decision.reason());
    return out;
  }

  private PeerId other(PeerId peer) {
    if (self.equals(Optional.of(peer))) {
      throw new Failure(
          "own-peer-id", "this is the peer id of this device itself", "name another peer's id");
    }
    return peer;
  }

  private AuthorizedKeys written(UnaryOperator<AuthorizedKeys> change) {
    try {
      return keys.update(change);
    } catch (MalformedInput e) {
      throw failure("too-many-peers", e);
    }
  }

  private static void checkName(String name) {
    try {
      AuthorizedPeer.checkName(name);
    } catch (MalformedInput e) {
      throw new Failure(
          "bad-name",
          String.valueOf(e.getMessage()),
          e.hint().isEmpty() ? "choose another name: --name laptop" : e.hint(),
          e);
    }
  }

  private static void refuseTaken(AuthorizedKeys all, PeerId peer, String name) {
    if (all.find(name).filter(each -> !each.peer().equals(peer)).isPresent()) {
      throw new Failure("name-in-use", "another peer has this name", "choose another name");
    }
  }

  private static Failure notAuthorized(PeerId peer) {
    return new Failure(
        "no-such-peer",
        peer + " is not authorised here, so there is nothing to take away",
        "to refuse it whatever may speak for it: peerup peer block --id " + peer);
  }

  private static Failure failure(String code, MalformedInput e) {
    return new Failure(code, String.valueOf(e.getMessage()), e.hint(), e);
  }
}
