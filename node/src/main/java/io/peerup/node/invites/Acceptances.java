package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.peers.PairingGuests;
import io.peerup.node.peers.RelayLinks;
import io.peerup.pairing.InviteAccept;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.relay.mailbox.MailboxClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Links of others that this device accepts: leaves a drop in the inviter's mailbox and looks for
/// the acknowledgement, over restarts if need be. Nobody is trusted before it is there.
/// Thread-safe; a virtual thread for each link that waits.
public final class Acceptances implements Mailroom.Reader, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Acceptances.class);

  /// How long the first attempt may take; whoever accepts waits for it in any case.
  private static final Duration FIRST_ATTEMPT = Limits.DIAL.plus(Limits.DIALOGUE.multipliedBy(2));

  /// How far an accepted link is.
  public enum State {
    DROP_SENT,
    PAIRED,
    ALREADY_USED,
    EXPIRED,
    OTHER_NETWORK
  }

  /// An accepted link.
  ///
  /// @param inviter who made it
  /// @param name what it calls itself or, once paired, what we call it
  /// @param expires when the link ends
  public record View(
      PeerId inviter, String name, Instant expires, State state, List<String> warnings) {}

  private final Host host;
  private final PrivateKey identity;
  private final KeyRandom random;
  private final Cards cards;
  private final LinkStore store;
  private final Settling settling;
  private final NetworkGate networks;
  private final RelayLinks relays;
  private final PairingGuests guests;
  private final Mailroom mailroom;
  private final Predicate<PeerId> blocked;
  private final InstantSource clock;
  private final Map<Acceptance, Thread> threads = new ConcurrentHashMap<>();

  public Acceptances(
      Host host,
      PrivateKey identity,
      KeyRandom random,
      Cards cards,
      LinkStore store,
      Settling settling,
      NetworkGate networks,
      RelayLinks relays,
      PairingGuests guests,
      Mailroom mailroom,
      Predicate<PeerId> blocked,
      InstantSource clock) {
    this.host = host;
    this.identity = identity;
    this.random = random;
    this.cards = cards;
    this.store = store;
    this.settling = settling;
    this.networks = networks;
    this.relays = relays;
    this.guests = guests;
    this.mailroom = mailroom;
    this.blocked = blocked;
    this.clock = clock;
  }

  /// Goes on with what waited when the process ended.
  public void start() {
    synchronized (store) {
      store.accepted.stream().filter(each -> each.state.isWaiting()).forEach(this::pursue);
    }
  }

  /// Accepts a link under this name and waits for the acknowledgement, at most so long beyond the
  /// first attempt to leave the drop. The same link again goes on with the same drop.
  ///
  /// @param network the network that the user named, see [NetworkGate]
  /// @throws Failure `link-expired`, `bad-code` for our own; `other-network`; `peer-blocked`;
  ///   `too-many-accepted`; `relay-unreachable`; `link-refused`; `link-used`
  public View accept(InviteUrl url, String name, Optional<String> network, Duration most)
      throws InterruptedException {
    check(url, network);
    Acceptance mine;
    int before;
    synchronized (store) {
      Optional<Acceptance> known =
          store.accepted.stream().filter(each -> each.accept.isFor(url)).findFirst();
      mine = known.isPresent() ? known.get() : begin(url, name, network);
      before = mine.attempts;
      if (mine.refused) {
        mine.refused = false;
        Optional.ofNullable(threads.remove(mine)).ifPresent(Thread::interrupt);
      }
      pursue(mine);
      mine.wakeup.wake();
    }
    return await(mine, before, most);
  }

  /// Every accepted link that is not forgotten yet.
  public List<View> list() {
    synchronized (store) {
      return store.accepted.stream().map(this::view).toList();
    }
  }

  @Override
  public boolean isWaiting() {
    synchronized (store) {
      return store.accepted.stream().anyMatch(each -> each.state.isWaiting());
    }
  }

  @Override
  public boolean read(PeerId relay, MailboxClient mailbox, byte[] message) {
    synchronized (store) {
      for (Acceptance each : store.accepted) {
        switch (each.accept.receive(message)) {
          case InviteAccept.Result.Ignored _ -> {}
          case InviteAccept.Result.Paired(PeerId inviter, PeerCard card) -> {
            if (each.state.isWaiting()) {
              paired(each, inviter, card);
            }
            return true;
          }
          case InviteAccept.Result.AlreadyUsed _ -> {
            if (each.state.isWaiting()) {
              LOG.atWarn().log("the link of {} was used by another device", each.accept.name());
              become(each, Acceptance.State.ALREADY_USED);
            }
            return true;
          }
        }
      }
      return false;
    }
  }

  @Override
  public void close() {
    threads.values().forEach(Thread::interrupt);
  }

  private void check(InviteUrl url, Optional<String> network) {
    if (!clock.instant().isBefore(url.expires())) {
      throw expired(url.expires());
    }
    try {
      url.checkUsable(identity.peerId(), clock.instant());
    } catch (MalformedInput e) {
      throw new Failure("bad-code", String.valueOf(e.getMessage()), e.hint(), e);
    }
    if (blocked.test(url.inviter())) {
      throw new Failure(
          "peer-blocked",
          "who made the link is blocked here: " + url.inviter(),
          "peerup peer unblock --id " + url.inviter());
    }
    networks.check(url.namespace().orElse(""), network);
    relays.checkRoom(
        id -> url.relays().stream().anyMatch(each -> each.peer().equals(Optional.of(id))));
  }

  private static Failure expired(Instant end) {
    return new Failure("link-expired", "the link expired at " + end, "ask for a new one");
  }

  /// On disk before anything is sent. Under the store's monitor.
  private Acceptance begin(InviteUrl url, String name, Optional<String> network) {
    store.prune(clock.instant());
    if (!store.hasRoomForAnAcceptance()) {
      throw new Failure(
          "too-many-accepted",
          "this device waits for " + Limits.ACCEPTED_MAX + " links already",
          "`peerup status` shows them; each is forgotten a day after its end");
    }
    byte[] reply = random.bytes(io.peerup.pairing.mailbox.Limits.CAPABILITY_BYTES);
    try {
      Acceptance mine =
          new Acceptance(
              InviteAccept.of(url, identity, cards.ofJoiner(name, reply), random, clock.instant()),
              url.relays(),
              url.depositCapability(),
              CapabilityHash.of(reply),
              name,
              network);
      store.accepted.add(mine);
      store.save();
      return mine;
    } catch (MalformedInput e) {
      throw new Failure("bad-code", String.valueOf(e.getMessage()), e.hint(), e);
    } catch (Failure e) {
      store.accepted.removeLast();
      throw e;
    }
  }

  private View await(Acceptance mine, int before, Duration most) throws InterruptedException {
    Instant attempted = clock.instant().plus(FIRST_ATTEMPT);
    Optional<Instant> end = Optional.empty();
    synchronized (store) {
      while (true) {
        switch (mine.state) {
          case PAIRED -> {
            return view(mine);
          }
          case ALREADY_USED ->
              throw new Failure(
                  "link-used",
                  "the link was already used by another device",
                  "if that was not meant to be, tell "
                      + mine.accept.name()
                      + " and ask for a"
                      + " new one");
          case OTHER_NETWORK ->
              throw new Failure(
                  "other-network",
                  "the inviter is in another network than this device",
                  "use another home for another network: peerup accept --home DIR URL");
          case SENDING, DROP_SENT -> {}
        }
        if (mine.refused) {
          throw new Failure(
              "link-refused",
              "the relay does not take the link: it was already used, or taken back, or too many"
                  + " asked from here within a minute",
              "try once more in a minute, then ask for a new one");
        }
        boolean sent = mine.state == Acceptance.State.DROP_SENT;
        if (!sent && mine.attempts > before && !mine.reached) {
          throw unreachable(mine);
        }
        Instant now = clock.instant();
        if (!now.isBefore(mine.accept.expires())) {
          throw expired(mine.accept.expires());
        }
        if (sent && end.isEmpty()) {
          end = Optional.of(now.plus(most));
        }
        Instant until = end.orElse(attempted);
        if (!now.isBefore(until)) {
          if (sent) {
            return view(mine);
          }
          throw unreachable(mine);
        }
        store.wait(Math.clamp(Duration.between(now, until).toMillis(), 1, 500));
      }
    }
  }

  private static Failure unreachable(Acceptance mine) {
    return new Failure(
        "relay-unreachable",
        "cannot reach the relay of the link" + (mine.trouble.isEmpty() ? "" : ": " + mine.trouble),
        "check that this device is online, then do the same again");
  }

  private View view(Acceptance each) {
    State state =
        switch (each.state) {
          case PAIRED -> State.PAIRED;
          case ALREADY_USED -> State.ALREADY_USED;
          case OTHER_NETWORK -> State.OTHER_NETWORK;
          case SENDING, DROP_SENT ->
              clock.instant().isBefore(each.accept.expires()) ? State.DROP_SENT : State.EXPIRED;
        };
    return new View(
        each.accept.inviter(),
        each.calledName(),
        each.accept.expires(),
        state,
        List.copyOf(each.warnings));
  }

  /// Under the store's monitor. Trust first, then the state: a crash in between does it again.
  private void paired(Acceptance each, PeerId inviter, PeerCard card) {
    if (blocked.test(inviter)) {
      LOG.atWarn().addKeyValue("peer", inviter).log("blocked since its link was accepted");
      return;
    }
    try {
      networks.check(card.namespace(), each.network);
      Settling.Settled settled = settling.settle(inviter, card, each.ownName, Settling.Way.LINK);
      each.called = settled.name();
      each.warnings = settled.warnings();
      LOG.atInfo()
          .addKeyValue("peer", inviter)
          .log("PAIRED by an invite link: {}, unverified", settled.name());
      become(each, Acceptance.State.PAIRED);
    } catch (Failure e) {
      if (!e.code().equals("other-network")) {
        throw e;
      }
      LOG.atWarn().addKeyValue("peer", inviter).log("not paired: {}", e.message());
      become(each, Acceptance.State.OTHER_NETWORK);
    }
  }

  private void become(Acceptance each, Acceptance.State state) {
    Acceptance.State before = each.state;
    each.state = state;
    try {
      store.save();
    } catch (Failure e) {
      each.state = before;
      throw e;
    }
    each.wakeup.wake();
    store.notifyAll();
  }

  /// Under the store's monitor.
  private void pursue(Acceptance mine) {
    if (mine.state.isWaiting() && !threads.containsKey(mine)) {
      threads.put(
          mine,
          Thread.ofVirtual()
              .name("accept " + mine.accept.inviter().shortForm())
              .start(() -> pursueUntilOver(mine)));
    }
  }

  private void pursueUntilOver(Acceptance mine) {
    try {
      for (int round = 0; isWaiting(mine); round++) {
        tryVisit(mine, round == 0);
        List<Duration> pauses = Limits.LATER_LOOKS;
        if (isWaiting(mine)) {
          mine.wakeup.await(pauses.get(Math.min(round, pauses.size() - 1)));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError().log("internal error: an accepted link is not pursued any more", e);
    } finally {
      threads.remove(mine, Thread.currentThread());
    }
  }

  /// A disk that is full for a while does not end it.
  private void tryVisit(Acceptance mine, boolean first) throws InterruptedException {
    try {
      visit(mine, first);
    } catch (Failure e) {
      LOG.atWarn().log("an accepted link cannot be written: {}", e.message());
      synchronized (store) {
        mine.trouble = e.message();
      }
    }
  }

  private boolean isWaiting(Acceptance mine) {
    synchronized (store) {
      return mine.state.isWaiting() && !mine.refused && store.accepted.contains(mine);
    }
  }

  /// Leaves the drop at every relay of the link that can be reached, which changes nothing if it is
  /// there already, and looks for the acknowledgement there.
  private void visit(Acceptance mine, boolean first) throws InterruptedException {
    Map<Connection, Boolean> visited = new LinkedHashMap<>();
    List<PeerId> hosts = new ArrayList<>();
    boolean taken = false;
    boolean refused = false;
    int unanswered = 0;
    String trouble = "";
    try {
      for (Multiaddr relay : mine.relays) {
        PeerId id = relay.peer().orElseThrow();
        guests.startVisit(id);
        hosts.add(id);
        try {
          Optional<Connection> known = Mailroom.direct(host, id);
          Connection connection =
              known.isPresent()
                  ? known.get()
                  : host.connect(relay, PeerExpectation.exactly(id), Limits.DIAL);
          visited.put(connection, known.isEmpty());
          unanswered++;
          boolean yes =
              mailroom.talk(
                  connection,
                  mailbox ->
                      mailbox.deposit(
                          mine.capability, mine.accept.drop(), Optional.of(mine.reply)));
          unanswered--;
          taken |= yes;
          refused |= !yes;
        } catch (OverlayException e) {
          trouble = String.valueOf(e.getMessage());
        }
      }
      synchronized (store) {
        mine.doubtful |= unanswered > 0;
        attempted(mine, taken, refused, !visited.isEmpty(), trouble);
      }
      look(mine, visited.keySet().stream().toList(), first);
    } finally {
      hosts.forEach(guests::endVisit);
      visited.forEach((connection, ours) -> {
        if (ours && !relays.isRelay(connection.remotePeer())) {
          connection.close();
        }
      });
    }
  }

  /// Under the store's monitor.
  private void attempted(
      Acceptance mine, boolean taken, boolean refused, boolean reached, String trouble) {
    mine.attempts++;
    mine.reached = reached;
    mine.trouble = trouble;
    if (taken && mine.state == Acceptance.State.SENDING) {
      become(mine, Acceptance.State.DROP_SENT);
    }
    boolean never = mine.state == Acceptance.State.SENDING;
    if (never && refused) {
      mine.refused = true;
    }
    if (never && !mine.doubtful && (refused || (!reached && mine.attempts == 1))) {
      // Nothing of it is anywhere: as if it had never been accepted. In doubt it is kept: the same
      // link again must leave the same drop, or the maker may let in who does not know of it.
      store.accepted.remove(mine);
      store.save();
    }
    store.notifyAll();
  }

  private void look(Acceptance mine, List<Connection> visited, boolean first)
      throws InterruptedException {
    List<Duration> pauses = new ArrayList<>(first ? Limits.FIRST_LOOKS : List.of());
    pauses.addFirst(Duration.ZERO);
    for (Duration pause : pauses) {
      if (!isWaiting(mine)) {
        return;
      }
      mine.wakeup.await(pause);
      for (Connection relay : visited) {
        try {
          mailroom.collect(relay);
        } catch (OverlayException e) {
          LOG.atDebug().log("no look into the mailbox: {}", e.getMessage());
        }
      }
    }
  }
}
