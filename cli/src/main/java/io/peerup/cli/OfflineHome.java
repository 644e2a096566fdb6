package io.peerup.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.HomeLock;
import io.peerup.libp2p.PeerId;
import io.peerup.node.api.VerifyRoutes;
import io.peerup.node.network.Memberships;
import io.peerup.relay.group.GroupStore;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.IdentityFile;
import io.peerup.trust.TrustJson;
import io.peerup.trust.TrustVerbs;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;

/// The trust files of a home that nothing runs.
final class OfflineHome implements AutoCloseable {

  private final Home home;
  private final InstantSource clock = InstantSource.system();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Optional<PeerId> self;
  private final AuthorizedKeysFile keys;
  private final BlockedPeersFile blocked;

  private OfflineHome(Home home, boolean toWrite) {
    this.home = home;
    Running.refuseMissing(home);
    try {
      if (toWrite) {
        open.push(HomeLock.acquire(home.ensure()));
      }
      self = IdentityFile.peerId(home);
      keys = AuthorizedKeysFile.open(home.authorizedKeys(), clock);
      open.push(keys);
      blocked = BlockedPeersFile.open(home.blockedPeers());
      open.push(blocked);
    } catch (Failure e) {
      close();
      throw e;
    }
  }

  /// To look only.
  static OfflineHome toRead(Home home) {
    return new OfflineHome(home, false);
  }

  /// To change what is in it: locked, so that nothing starts meanwhile.
  static OfflineHome toWrite(Home home) {
    return new OfflineHome(home, true);
  }

  TrustVerbs verbs() {
    return new TrustVerbs(self, keys, blocked, clock, this::remove, (_, _) -> {});
  }

  /// As a node shows its peers, when it is connected to none.
  JsonObject peers() {
    Authorizer authorizer = new Authorizer(keys::current, blocked::current);
    JsonArray list = new JsonArray();
    keys.current().peers().stream()
        .sorted(Comparator.comparing(AuthorizedPeer::name))
        .forEach(entry -> {
          JsonObject peer =
              TrustJson.peer(entry, authorizer.decide(entry.peer(), clock.instant()), self);
          peer.addProperty("connected", false);
          peer.addProperty("path", "none");
          peer.add("relay", JsonNull.INSTANCE);
          peer.add("rttMs", JsonNull.INSTANCE);
          list.add(peer);
        });
    JsonObject out = new JsonObject();
    out.add("peers", list);
    out.add("disabledLines", TrustJson.disabledLines(keys.current()));
    return out;
  }

  /// As a node answers it.
  JsonObject safetyNumber(String peer, Optional<String> brought) {
    return VerifyRoutes.number(
        keys,
        self.orElseThrow(() ->
            new Failure(
                "no-identity",
                "there is no identity in " + home.root(),
                "create one with `peerup init`")),
        peer,
        brought);
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      switch (open.pop()) {
        case HomeLock lock -> lock.close();
        case AuthorizedKeysFile file -> file.close();
        case BlockedPeersFile file -> file.close();
        default -> throw new IllegalStateException("nothing else is opened");
      }
    }
  }

  /// The groups first, in the file's form of a node or of a relay: otherwise an introduction or an
  /// old code would bring the peer back.
  private void remove(PeerId peer) {
    if (isRelay()) {
      GroupStore.open(home.state("groups.json"), clock).removeMember(peer);
    } else if (self.isPresent()) {
      new Memberships(home, self.get()).remove(peer);
    }
    keys.update(all -> all.without(peer));
  }

  private boolean isRelay() {
    try {
      self.ifPresent(own -> new Memberships(home, own));
      return false;
    } catch (Failure e) {
      if (e.code().equals("state-damaged")) {
        return true;
      }
      throw e;
    }
  }
}
