package io.peerup.pairing.rendezvous;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.SourcePrefix;
import io.peerup.pairing.SourceRate;
import io.peerup.pairing.rendezvous.RendezvousMessages.Opened;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The relay's side of the rendezvous: who waits for a code, and who may knock. A machine; kept in
/// memory only, because whoever waits asks again when the relay comes back.
///
/// A lookup gives its caller a ticket: the right to open one circuit to the one that waits, within
/// [Limits#TICKET_TIME]. There is one live ticket an invite, so guesses at a code come one after
/// the other, and [Limits#TICKETS_MAX] in all: a place that had them stays, without an answer,
/// until its time is over, so that asking for it again makes no new ones.
public final class RendezvousTable {

  private static final class Place {
    final PeerId owner;
    Instant expires;
    int tickets;
    @Nullable Ticket live;

    Place(PeerId owner, Instant expires) {
      this.owner = owner;
      this.expires = expires;
    }
  }

  private record Ticket(PeerId caller, Instant ends) {}

  private static final int NAMEPLATE_MIN = 1_000;
  private static final int NAMEPLATES = 9_000;

  private final RandomGenerator random;
  private final Map<Selector, Place> places = new LinkedHashMap<>();
  private final SourceRate finds =
      new SourceRate(Limits.FINDS_PER_SOURCE_MAX, Limits.FINDS_WINDOW, Limits.SOURCES_MAX);

  /// @param random draws nameplates; they are public, so any generator does
  public RendezvousTable(RandomGenerator random) {
    this.random = random;
  }

  /// A member waits for whoever knows a code; without a selector it is allotted a nameplate. Asking
  /// again for a place one already has prolongs it and keeps its count of lookups. Empty if the
  /// selector is another's, the time is out of bounds, or there are too many.
  public Optional<Opened> open(
      PeerId owner, Optional<Selector> selector, Duration ttl, Instant now) {
    prune(now);
    if (ttl.compareTo(Limits.TTL_MIN) < 0 || ttl.compareTo(Limits.TTL_MAX) > 0) {
      return Optional.empty();
    }
    Instant expires = now.plus(ttl);
    Place known = selector.map(places::get).orElse(null);
    if (known != null) {
      if (!known.owner.equals(owner)) {
        return Optional.empty();
      }
      known.expires = expires;
      return Optional.of(new Opened(selector.get(), expires));
    }
    long own = places.values().stream().filter(p -> p.owner.equals(owner)).count();
    if (own >= Limits.OPEN_PER_MEMBER_MAX || places.size() >= Limits.OPEN_MAX) {
      return Optional.empty();
    }
    Selector chosen = selector.orElseGet(this::freeNameplate);
    places.put(chosen, new Place(owner, expires));
    return Optional.of(new Opened(chosen, expires));
  }

  /// Somebody asks who waits for a code. Empty if nobody does, another caller's ticket is live, the
  /// invite has had all its lookups, or this source asked too often.
  public Optional<PeerId> find(PeerId caller, SourcePrefix source, Selector selector, Instant now) {
    prune(now);
    if (!finds.count(source, now)) {
      return Optional.empty();
    }
    Place place = places.get(selector);
    if (place == null
        || place.owner.equals(caller)
        || place.live != null
        || place.tickets >= Limits.TICKETS_MAX) {
      return Optional.empty();
    }
    place.tickets++;
    place.live = new Ticket(caller, now.plus(Limits.TICKET_TIME));
    return Optional.of(place.owner);
  }

  /// Whoever waited waits no more. False if this member has no such place.
  public boolean close(PeerId owner, Selector selector) {
    Place place = places.get(selector);
    return place != null && place.owner.equals(owner) && places.remove(selector) != null;
  }

  /// May this stranger open a circuit to that member now? Uses up its ticket: the second time the
  /// answer is no.
  public boolean redeem(PeerId caller, PeerId owner, Instant now) {
    prune(now);
    for (Place place : places.values()) {
      if (place.owner.equals(owner) && place.live != null && place.live.caller.equals(caller)) {
        place.live = null;
        return true;
      }
    }
    return false;
  }

  /// True while this caller holds a ticket. Changes nothing.
  public boolean hasTicket(PeerId caller, Instant now) {
    return places.values().stream()
        .anyMatch(place ->
            place.live != null
                && place.live.caller.equals(caller)
                && now.isBefore(place.live.ends)
                && now.isBefore(place.expires));
  }

  /// A member is one no more: nobody waits in its name.
  public void forget(PeerId owner) {
    places.values().removeIf(place -> place.owner.equals(owner));
  }

  /// Until when strangers have a reason to be here; [Instant#MIN] if they have none.
  public Instant openUntil() {
    return places.values().stream()
        .map(place -> place.expires)
        .max(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  /// How many invites each member has open.
  public Map<PeerId, Integer> open(Instant now) {
    prune(now);
    Map<PeerId, Integer> open = new HashMap<>();
    places.values().forEach(place -> open.merge(place.owner, 1, Integer::sum));
    return open;
  }

  /// How many invites are open.
  public int size() {
    return places.size();
  }

  private void prune(Instant now) {
    Iterator<Place> each = places.values().iterator();
    while (each.hasNext()) {
      Place place = each.next();
      if (place.live != null && !now.isBefore(place.live.ends())) {
        place.live = null;
      }
      if (!now.isBefore(place.expires)) {
        each.remove();
      }
    }
  }

  /// Four digits are enough: [Limits#OPEN_MAX] is far below 9000.
  private Selector freeNameplate() {
    while (true) {
      int number = NAMEPLATE_MIN + random.nextInt(NAMEPLATES);
      Selector candidate = Selector.ofText(Selector.SPOKEN, Integer.toString(number));
      if (!places.containsKey(candidate)) {
        return candidate;
      }
    }
  }
}
