package io.peerup.node.peers;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.transport.Upgrade;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The peers that have spoken hybrid with this node, kept in `state/hybrid_peers.json`: from then
/// on less is not enough. A change is on disk before it counts. Thread-safe; only changes block.
public final class HybridPeers {

  private static final Logger LOG = LoggerFactory.getLogger(HybridPeers.class);
  private static final int VERSION = 1;

  private final Path file;
  private final Function<PeerId, String> called;
  private volatile Set<PeerId> peers;

  /// Reads what is remembered.
  ///
  /// @param called what the owner calls a peer
  /// @throws Failure `state-damaged` naming the file, which stays as it is
  public HybridPeers(Path file, Function<PeerId, String> called) {
    this.file = file;
    this.called = called;
    this.peers =
        PrivateFiles.readIfExists(file).map(bytes -> decode(file, bytes)).orElseGet(Set::of);
  }

  /// Whether this peer has spoken hybrid.
  public boolean contains(PeerId peer) {
    return peers.contains(peer);
  }

  /// Whether this protocol is enough for this peer there: always, where security is not agreed on
  /// in the open. That is so over TCP and in circuits; QUIC has its own.
  boolean isEnough(PeerId peer, Multiaddr remote, String security) {
    return security.equals(Upgrade.HYBRID_NOISE)
        || !contains(peer)
        || (!remote.isCircuit() && remote.has("quic-v1"));
  }

  /// Throws [Refused] if it is not enough.
  void check(PeerId peer, Multiaddr remote, String security) {
    if (!isEnough(peer, remote, security)) {
      String name = called.apply(peer);
      LOG.atWarn()
          .addKeyValue("peer", peer)
          .addKeyValue("addr", remote)
          .addKeyValue("protocol", security)
          .log("refused: {} has spoken post-quantum security before", name);
      throw new Refused(
          "%s has spoken post-quantum security before and now speaks %s: somebody on the way may be weakening the connection; if its program was replaced by an older one: peerup peer forget-security %s"
              .formatted(name, security, name.indexOf(' ') < 0 ? name : peer));
    }
  }

  /// Remembers a peer. When there is no room, those that `lasting` does not name make it: it knows
  /// whom this node still has to do with.
  public synchronized void add(PeerId peer, Predicate<PeerId> lasting) {
    if (peers.contains(peer)) {
      return;
    }
    Set<PeerId> next = new HashSet<>(peers);
    if (next.size() >= Limits.HYBRID_PEERS_MAX) {
      next.removeIf(lasting.negate());
    }
    if (next.size() >= Limits.HYBRID_PEERS_MAX) {
      LOG.atWarn()
          .addKeyValue("peer", peer)
          .log("no room to remember that it speaks hybrid: {} peers are", next.size());
      return;
    }
    next.add(peer);
    store(next);
  }

  /// Forgets a peer. False if it was not remembered.
  public synchronized boolean forget(PeerId peer) {
    Set<PeerId> next = new HashSet<>(peers);
    if (!next.remove(peer)) {
      return false;
    }
    store(next);
    return true;
  }

  private void store(Set<PeerId> next) {
    JsonArray array = new JsonArray();
    new TreeSet<>(next).forEach(peer -> array.add(peer.toString()));
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("peers", array);
    PrivateFiles.write(file, root.toString().getBytes(StandardCharsets.UTF_8));
    peers = Collections.unmodifiableSet(next);
  }

  static Set<PeerId> decode(Path file, byte[] bytes) {
    try {
      JsonObject root = Jsons.parseObject(new String(bytes, StandardCharsets.UTF_8));
      Jsons.integer(root, "version", VERSION, VERSION);
      if (!(root.get("peers") instanceof JsonArray stored)
          || stored.size() > Limits.HYBRID_PEERS_MAX) {
        throw new MalformedInput("there is no list of peers in it");
      }
      Set<PeerId> out = new HashSet<>();
      for (JsonElement each : stored) {
        if (!each.isJsonPrimitive()) {
          throw new MalformedInput("one of its peers is not a text");
        }
        out.add(PeerId.parse(each.getAsString()));
      }
      return Collections.unmodifiableSet(out);
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          file + " is damaged: " + e.getMessage(),
          "restore it from a backup, or move it away: peers may then weaken a connection once more",
          e);
    }
  }
}
