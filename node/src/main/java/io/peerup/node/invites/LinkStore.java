package io.peerup.node.invites;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.mailbox.CapabilityHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Invite links in `state/links.json` (0600: it holds the secrets of open links): those that this
/// device made, with what relays were told about them, why drops were refused, and those that it
/// accepted. Not thread-safe; whoever uses it holds its monitor, [#save] blocks on the disk.
public final class LinkStore {

  private static final int VERSION = 1;

  /// A link of ours, beside what [UrlInvites] keeps of it.
  ///
  /// @param capability by which drops come
  /// @param relays where
  /// @param ended whether somebody was told that its time is over
  record Made(
      CapabilityHash capability,
      int uses,
      Instant created,
      Instant expires,
      List<Multiaddr> relays,
      boolean ended) {

    boolean isAt(PeerId relay) {
      return relays.stream().anyMatch(each -> each.peer().equals(Optional.of(relay)));
    }

    Made nowEnded() {
      return new Made(capability, uses, created, expires, relays, true);
    }
  }

  /// A capability that one relay has yet to forget.
  record Revoked(PeerId relay, CapabilityHash capability, Instant expires) {}

  /// Why a drop admitted nobody, or a link ended unused.
  record Refusal(Instant at, String link, String reason) {}

  private final Path file;
  private final UrlInvites table;
  final Map<String, Made> made = new LinkedHashMap<>();
  final List<Revoked> revoked = new ArrayList<>();
  final List<Acceptance> accepted = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final Map<PeerId, Integer> untold = new HashMap<>();
  private boolean unsaved;

  /// Reads what is stored.
  ///
  /// @throws Failure `state-damaged` naming the file, which stays as it is
  public LinkStore(Home home) {
    this(home.state("links.json"), PrivateFiles.readIfExists(home.state("links.json")));
  }

  /// What these bytes of the file say; empty if there is no file.
  LinkStore(Path file, Optional<byte[]> bytes) {
    this.file = file;
    try {
      Optional<JsonObject> stored =
          bytes.map(each -> Jsons.parseObject(new String(each, StandardCharsets.UTF_8)));
      stored.ifPresent(root -> Jsons.integer(root, "version", VERSION, VERSION));
      table =
          stored.isPresent()
              ? UrlInvites.restore(object(stored.get().get("links")))
              : new UrlInvites();
      stored.ifPresent(this::restore);
    } catch (Failure | MalformedInput | DateTimeException e) {
      throw new Failure(
          "state-damaged",
          file + " cannot be used: " + e.getMessage(),
          "restore it from a backup, or move it away: open links are then void, paired devices"
              + " stay",
          e);
    }
  }

  private void restore(JsonObject root) {
    each(
        root,
        "made",
        io.peerup.pairing.Limits.URL_INVITES_MAX,
        in ->
            made.put(
                Jsons.string(in, "id"),
                new Made(
                    new CapabilityHash(Jsons.string(in, "capability")),
                    (int) Jsons.integer(in, "uses", 1, io.peerup.pairing.Limits.URL_USES_MAX),
                    Instant.parse(Jsons.string(in, "created")),
                    Instant.parse(Jsons.string(in, "expires")),
                    Jsons.strings(in, "relays").stream().map(LinkStore::withPeer).toList(),
                    Jsons.bool(in, "ended", false))));
    each(
        root,
        "revoked",
        Limits.REVOKED_MAX,
        in ->
            revoked.add(
                new Revoked(
                    PeerId.parse(Jsons.string(in, "relay")),
                    new CapabilityHash(Jsons.string(in, "capability")),
                    Instant.parse(Jsons.string(in, "expires")))));
    each(
        root,
        "refusals",
        Limits.REFUSALS_MAX,
        in ->
            refusals.add(
                new Refusal(
                    Instant.parse(Jsons.string(in, "at")),
                    Jsons.string(in, "link"),
                    Jsons.string(in, "reason"))));
    each(root, "accepted", Limits.ACCEPTED_MAX, in -> accepted.add(Acceptance.restore(in)));
  }

  private static void each(JsonObject root, String key, int max, Consumer<JsonObject> reader) {
    if (!(root.get(key) instanceof JsonArray all) || all.size() > max) {
      throw new MalformedInput("`" + key + "` in it is not what this program writes");
    }
    for (JsonElement each : all) {
      reader.accept(object(each));
    }
  }

  private static JsonObject object(JsonElement element) {
    if (element instanceof JsonObject found) {
      return found;
    }
    throw new MalformedInput("a part of it is missing");
  }

  static Multiaddr withPeer(String text) {
    Multiaddr address = Multiaddr.parse(text);
    if (address.peer().isEmpty()) {
      throw new MalformedInput("a relay without its peer id is in it");
    }
    return address;
  }

  UrlInvites table() {
    return table;
  }

  /// The last refusals, oldest first.
  List<Refusal> refusals() {
    return List.copyOf(refusals);
  }

  /// The same again, because it could not be deleted, is told once.
  void refuse(Instant at, String link, String reason) {
    refusals.removeIf(each -> each.link().equals(link) && each.reason().equals(reason));
    refusals.add(new Refusal(at, link, reason));
    if (refusals.size() > Limits.REFUSALS_MAX) {
      refusals.removeFirst();
    }
  }

  void revoke(Revoked capability) {
    revoked.add(capability);
    if (revoked.size() > Limits.REVOKED_MAX) {
      revoked.removeFirst();
    }
  }

  /// Whether the acknowledgement for this joiner, which the relay did not take, is worth another
  /// try: so many times, until the process ends.
  boolean isWorthAnotherTry(PeerId joiner) {
    return untold.merge(joiner, 1, Integer::sum) < Limits.ACK_TRIES_MAX;
  }

  /// An accepted link is so far now: on disk when it returns; if it cannot be written, it is as far
  /// as before. Whoever waits for it looks again.
  void become(Acceptance mine, Acceptance.State state) {
    Acceptance.State before = mine.state;
    mine.state = state;
    try {
      save();
    } catch (Failure e) {
      mine.state = before;
      throw e;
    }
    mine.wakeup.wake();
    notifyAll();
  }

  /// Whether this device may wait for one link more. Those that came to something go first.
  boolean hasRoomForAnAcceptance() {
    if (accepted.size() >= Limits.ACCEPTED_MAX) {
      accepted.removeIf(each -> !each.state.isWaiting());
    }
    return accepted.size() < Limits.ACCEPTED_MAX;
  }

  /// Forgets what ended so long ago that nobody asks. True if there was anything.
  boolean prune(Instant now) {
    boolean changed = table.prune(now);
    List<String> left = table.links().stream().map(UrlInvites.Summary::id).toList();
    changed |= made.keySet().retainAll(left);
    changed |= revoked.removeIf(each -> !now.isBefore(each.expires()));
    changed |=
        accepted.removeIf(each ->
            !now.minus(io.peerup.pairing.Limits.INVITE_MEMORY).isBefore(each.accept.expires()));
    return changed;
  }

  /// Writes everything; on disk when it returns. After a failure [#isUnsaved] until it succeeds.
  void save() {
    unsaved = true;
    PrivateFiles.write(file, snapshot().toString().getBytes(StandardCharsets.UTF_8));
    unsaved = false;
  }

  JsonObject snapshot() {
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("links", table.snapshot());
    JsonArray madeOnes = new JsonArray();
    made.forEach((id, each) -> madeOnes.add(json(id, each)));
    root.add("made", madeOnes);
    JsonArray revokedOnes = new JsonArray();
    for (Revoked each : revoked) {
      JsonObject out = new JsonObject();
      out.addProperty("relay", each.relay().toString());
      out.addProperty("capability", each.capability().hex());
      out.addProperty("expires", each.expires().toString());
      revokedOnes.add(out);
    }
    root.add("revoked", revokedOnes);
    JsonArray refusedOnes = new JsonArray();
    for (Refusal each : refusals) {
      JsonObject out = new JsonObject();
      out.addProperty("at", each.at().toString());
      out.addProperty("link", each.link());
      out.addProperty("reason", each.reason());
      refusedOnes.add(out);
    }
    root.add("refusals", refusedOnes);
    JsonArray acceptedOnes = new JsonArray();
    accepted.forEach(each -> acceptedOnes.add(each.snapshot()));
    root.add("accepted", acceptedOnes);
    return root;
  }

  /// True if the disk lacks what the memory has, because writing failed: nobody may be told of it.
  boolean isUnsaved() {
    return unsaved;
  }

  private static JsonObject json(String id, Made link) {
    JsonArray relays = new JsonArray();
    link.relays().forEach(relay -> relays.add(relay.toString()));
    JsonObject out = new JsonObject();
    out.addProperty("id", id);
    out.addProperty("capability", link.capability().hex());
    out.addProperty("uses", link.uses());
    out.addProperty("created", link.created().toString());
    out.addProperty("expires", link.expires().toString());
    out.add("relays", relays);
    out.addProperty("ended", link.ended());
    return out;
  }
}
