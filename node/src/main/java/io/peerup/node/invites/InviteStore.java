package io.peerup.node.invites;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.AttemptLimit;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.Names;
import io.peerup.pairing.rendezvous.Selector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What pairing with codes left behind, in `state/invites.json` (0600: it holds the secrets of open
/// invites): the invites, the guesses made at codes of others, who has not acknowledged yet, and
/// what joining gave this device: its name, its network, its relays. Not thread-safe; whoever uses
/// it holds its monitor, [#save] blocks on the disk.
public final class InviteStore {

  private static final Logger LOG = LoggerFactory.getLogger(InviteStore.class);

  private static final int VERSION = 1;

  private final Path file;
  private final InviteTable table;
  private final AttemptLimit attempts;
  private final Map<String, Multiaddr> relayOfInvite = new LinkedHashMap<>();
  private final Set<PeerId> pending = new LinkedHashSet<>();
  private final List<Multiaddr> relays = new ArrayList<>();
  private Optional<String> name = Optional.empty();
  private Optional<String> namespace = Optional.empty();
  private boolean unsaved;

  /// Reads what is stored.
  ///
  /// @throws Failure `state-damaged` naming the file, which stays as it is
  public InviteStore(Home home, KeyRandom random) {
    this(home.state("invites.json"), PrivateFiles.readIfExists(home.state("invites.json")), random);
  }

  /// What these bytes of the file say; empty if there is no file.
  InviteStore(Path file, Optional<byte[]> bytes, KeyRandom random) {
    this.file = file;
    try {
      Optional<JsonObject> stored =
          bytes.map(each -> Jsons.parseObject(new String(each, StandardCharsets.UTF_8)));
      stored.ifPresent(root -> Jsons.integer(root, "version", VERSION, VERSION));
      table =
          stored.isPresent()
              ? InviteTable.restore(object(stored.get(), "invites"), random)
              : new InviteTable(random);
      attempts =
          stored.isPresent()
              ? AttemptLimit.restore(object(stored.get(), "attempts"))
              : new AttemptLimit();
      stored.ifPresent(this::restore);
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          file + " cannot be used: " + e.getMessage(),
          "restore it from a backup, or move it away: open invites are then void, paired devices"
              + " stay",
          e);
    }
  }

  private void restore(JsonObject root) {
    name = Jsons.optionalString(root, "name").map(Names::check);
    namespace = Jsons.optionalString(root, "network").map(this::network);
    Jsons.strings(root, "pending").forEach(peer -> pending.add(PeerId.parse(peer)));
    Jsons.strings(root, "relays").forEach(relay -> relays.add(withPeer(relay)));
    JsonObject relayOf = object(root, "relayOfInvite");
    for (Map.Entry<String, JsonElement> each : relayOf.entrySet()) {
      relayOfInvite.put(each.getKey(), withPeer(Jsons.string(relayOf, each.getKey())));
    }
    if (pending.size() > Limits.PENDING_MAX
        || relays.size() > Limits.RELAYS_MAX
        || relayOfInvite.size() > io.peerup.pairing.Limits.INVITES_MAX) {
      throw new MalformedInput("it lists more than this program writes");
    }
  }

  private String network(String text) {
    return text.isEmpty() ? text : Names.checkNamespace(text);
  }

  private static Multiaddr withPeer(String text) {
    Multiaddr address = Multiaddr.parse(text);
    if (address.peer().isEmpty()) {
      throw new MalformedInput("a relay without its peer id is in it");
    }
    return address;
  }

  private static JsonObject object(JsonObject root, String key) {
    if (root.get(key) instanceof JsonObject found) {
      return found;
    }
    throw new MalformedInput("`" + key + "` is missing in it");
  }

  InviteTable table() {
    return table;
  }

  AttemptLimit attempts() {
    return attempts;
  }

  /// What this device calls itself, if a pairing with a code said so.
  Optional<String> name() {
    return name;
  }

  /// The network that a pairing brought this device into; empty if none did, an empty text for the
  /// default one.
  Optional<String> network() {
    return namespace;
  }

  /// Relays that a pairing brought, each with its peer id.
  List<Multiaddr> relays() {
    return List.copyOf(relays);
  }

  /// Peers that we authorised and that have not said that they know.
  Set<PeerId> pending() {
    return Set.copyOf(pending);
  }

  void pend(PeerId peer) {
    pending.add(peer);
    if (pending.size() > Limits.PENDING_MAX) {
      pending.remove(pending.iterator().next());
    }
  }

  /// True if it was waited for.
  boolean acknowledged(PeerId peer) {
    return pending.remove(peer);
  }

  void call(String ownName) {
    name = Optional.of(ownName);
  }

  void adopt(String network, List<Multiaddr> more) {
    namespace = Optional.of(network);
    for (Multiaddr each : more) {
      if (!relays.contains(each) && relays.size() < Limits.RELAYS_MAX) {
        relays.add(each);
      }
    }
  }

  /// Where an invite can be found, so that it can be made known there again after a restart.
  void bind(String inviteId, Multiaddr relay) {
    relayOfInvite.put(inviteId, relay);
  }

  Optional<Multiaddr> relayOf(String inviteId) {
    return Optional.ofNullable(relayOfInvite.get(inviteId));
  }

  /// By what a joiner looks for it.
  Optional<Selector> selectorOf(InviteSummary invite) {
    return table.selectorOf(invite.id()).map(each -> Selector.of(invite.kind(), each));
  }

  /// Forgets an invite and where it can be found. False if there is none with this id.
  boolean revoke(String inviteId) {
    boolean known = table.revoke(inviteId);
    if (known) {
      unbindForgotten();
    }
    return known;
  }

  /// Forgets invites that ended more than a day ago, and where they could be found. True if there
  /// were any.
  boolean prune(Instant now) {
    boolean changed = table.prune(now);
    if (changed) {
      unbindForgotten();
    }
    return changed;
  }

  private void unbindForgotten() {
    relayOfInvite.keySet().removeIf(id -> table.selectorOf(id).isEmpty());
  }

  /// Writes what a [#save] that failed could not, if one did.
  void saveWhatIsNot() {
    if (unsaved) {
      save();
    }
  }

  /// As [#save], for what nobody waits for: a failure is only logged.
  void trySave() {
    try {
      save();
    } catch (Failure e) {
      LOG.atWarn().log("invites cannot be written: {}", e.message());
    }
  }

  /// Writes everything; on disk when it returns.
  void save() {
    unsaved = true;
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    name.ifPresent(own -> root.addProperty("name", own));
    namespace.ifPresent(network -> root.addProperty("network", network));
    root.add("relays", texts(relays));
    root.add("pending", texts(pending));
    JsonObject where = new JsonObject();
    relayOfInvite.forEach((id, relay) -> where.addProperty(id, relay.toString()));
    root.add("relayOfInvite", where);
    root.add("invites", table.snapshot());
    root.add("attempts", attempts.snapshot());
    PrivateFiles.write(file, root.toString().getBytes(StandardCharsets.UTF_8));
    unsaved = false;
  }

  private static JsonArray texts(Iterable<?> values) {
    JsonArray out = new JsonArray();
    values.forEach(value -> out.add(value.toString()));
    return out;
  }
}
