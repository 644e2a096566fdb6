package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Links of others that this device accepts: writes down a drop for the inviter, which [Pursuit]
/// leaves in its mailbox, and takes the acknowledgement, over restarts if need be. Nobody is
/// trusted before it is there. Thread-safe.
public final class Acceptances implements Mailroom.Reader, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Acceptances.class);

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

  private final PrivateKey identity;
  private final KeyRandom random;
  private final Cards cards;
  private final LinkStore store;
  private final Settling settling;
  private final NetworkGate networks;
  private final RelayLinks relays;
  private final Pursuit pursuit;
  private final Predicate<PeerId> blocked;
  private final InstantSource clock;

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
    this.identity = identity;
    this.random = random;
    this.cards = cards;
    this.store = store;
    this.settling = settling;
    this.networks = networks;
    this.relays = relays;
    this.pursuit = new Pursuit(host, store, relays, guests, mailroom);
    this.blocked = blocked;
    this.clock = clock;
  }

  /// Goes on with what waited when the process ended.
  public void start() {
    synchronized (store) {
      store.accepted.stream().filter(each -> each.state.isWaiting()).forEach(pursuit::begin);
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
    AcceptWait wait;
    synchronized (store) {
      Optional<Acceptance> known =
          store.accepted.stream().filter(each -> each.accept.isFor(url)).findFirst();
      mine = known.isPresent() ? known.get() : begin(url, name, network);
      wait = new AcceptWait(mine, most, clock.instant());
      pursuit.beginAnew(mine);
    }
    return await(mine, wait);
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
              store.become(each, Acceptance.State.ALREADY_USED);
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
    pursuit.close();
  }

  private void check(InviteUrl url, Optional<String> network) {
    if (!clock.instant().isBefore(url.expires())) {
      throw AcceptWait.expired(url.expires());
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

  private View await(Acceptance mine, AcceptWait wait) throws InterruptedException {
    synchronized (store) {
      while (true) {
        Optional<Duration> most = wait.next(clock.instant());
        if (most.isEmpty()) {
          return view(mine);
        }
        store.wait(Math.clamp(most.get().toMillis(), 1, 500));
      }
    }
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
      store.become(each, Acceptance.State.PAIRED);
    } catch (Failure e) {
      if (!e.code().equals("other-network")) {
        throw e;
      }
      LOG.atWarn().addKeyValue("peer", inviter).log("not paired: {}", e.message());
      store.become(each, Acceptance.State.OTHER_NETWORK);
    }
  }
}
