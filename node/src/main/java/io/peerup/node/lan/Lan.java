package io.peerup.node.lan;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.node.peers.Wakeup;
import io.peerup.pairing.rendezvous.Selector;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The local network as a way for two devices to meet: answers for the invites of this node and to
/// its peers while there are any, and looks for the device behind a code and for peers.
/// Thread-safe.
public final class Lan implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Lan.class);

  private final Host host;
  private final boolean on;
  private final InstantSource clock;
  private final Wakeup wakeup = new Wakeup();
  private final Supplier<Collection<PeerId>> peers;
  private volatile Supplier<Collection<Selector>> open = List::of;
  private volatile List<LanInterface> serving = List.of();
  private String lastTrouble = "";

  /// Only the serving thread's: whoever floods us with questions must not make us hash each time.
  private PeerNames ofPeers = new PeerNames(Set.of(), 0, List.of());

  private @Nullable Thread thread;

  private record PeerNames(Set<PeerId> askers, long hour, List<String> names) {}

  /// @param on what the configuration says; without, this does nothing
  /// @param peers who may find us; asked often, must not block
  public Lan(Host host, boolean on, Supplier<Collection<PeerId>> peers, InstantSource clock) {
    this.host = host;
    this.on = on;
    this.peers = peers;
    this.clock = clock;
  }

  /// From now on answers for the invites that `current` says, which is asked often, on a thread of
  /// this class.
  public synchronized void answerFor(Supplier<Collection<Selector>> current) {
    open = current;
    if (on && thread == null) {
      thread = Thread.ofVirtual().name("lan").start(this::serve);
    }
  }

  /// There may be more or fewer invites.
  public void changed() {
    wakeup.wake();
  }

  /// True if somebody who comes from there may be one of those whom we answer: from a local
  /// network, while we answer there. Answers from memory.
  public boolean isNear(Multiaddr remote) {
    return !remote.isCircuit()
        && remote.socketAddress().map(from -> isNear(from.getAddress(), serving)).orElse(false);
  }

  private static boolean isNear(InetAddress address, List<LanInterface> networks) {
    return networks.stream().anyMatch(each -> each.contains(address));
  }

  /// Why nobody could find an invite of ours here, or empty if somebody can.
  public Optional<String> trouble() {
    if (!on) {
      return Optional.of("finding devices on the local network is turned off");
    }
    List<LanInterface> networks = listened();
    if (networks.isEmpty()) {
      return Optional.of("this device is on no local network with a private IPv4 address");
    }
    try (LanSocket _ = LanSocket.open(networks)) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("the local network cannot be asked: " + e.getMessage());
    }
  }

  /// Looks for who answers for this code, and hands each that does to `attempt`, until one attempt
  /// succeeds or the time is over. Blocks for some seconds, and as long as the attempts do.
  public <T> Optional<T> find(
      Selector code, Optional<PeerId> inviter, Function<LanAddress, Optional<T>> attempt) {
    List<LanInterface> networks = on ? LanInterface.all() : List.of();
    if (networks.isEmpty()) {
      return Optional.empty();
    }
    try (LanSocket socket = LanSocket.open(networks)) {
      LanSearch search = LanSearch.forCode(code, host.id(), inviter, networks);
      return find(socket, networks, search, attempt);
    } catch (IOException e) {
      LOG.atWarn().log("the local network cannot be asked: {}", e.getMessage());
      return Optional.empty();
    }
  }

  /// Looks for these peers on the networks on which we can be dialled, too, and connects to those
  /// who are where an answer says. What answers say is not kept: in another network it would lead
  /// to somebody else. Blocks for some seconds.
  void seek(Collection<PeerId> wanted) {
    List<LanInterface> networks = on ? listened() : List.of();
    if (networks.isEmpty() || wanted.isEmpty()) {
      return;
    }
    try (LanSocket socket = LanSocket.open(networks)) {
      LanSearch search = LanSearch.forPeers(wanted, host.id(), clock.instant(), networks);
      find(
          socket,
          networks,
          search,
          each -> {
            meet(each);
            return Optional.empty();
          });
    } catch (IOException e) {
      LOG.atDebug().log("the local network cannot be asked: {}", e.getMessage());
    }
  }

  private void meet(LanAddress found) {
    if (!host.connections(found.peer()).isEmpty()) {
      return;
    }
    try {
      host.connect(found.address(), PeerExpectation.exactly(found.peer()), Limits.DIAL);
    } catch (OverlayException e) {
      LOG.atDebug()
          .addKeyValue("peer", found.peer())
          .addKeyValue("addr", found.address())
          .log("not found on the local network: {}", e.getMessage());
    }
  }

  private <T> Optional<T> find(
      LanSocket socket,
      List<LanInterface> networks,
      LanSearch search,
      Function<LanAddress, Optional<T>> attempt)
      throws IOException {
    Pace pace = new Pace();
    Instant end = clock.instant().plus(Limits.SEARCH);
    Instant again = clock.instant().plus(Limits.ASK_AGAIN);
    ask(socket, networks, search);
    boolean askedAgain = false;
    for (Instant now = clock.instant(); now.isBefore(end); now = clock.instant()) {
      if (!askedAgain && !now.isBefore(again)) {
        ask(socket, networks, search);
        askedAgain = true;
      }
      Duration wait = Duration.between(now, askedAgain ? end : again);
      Optional<LanSocket.Received> got = socket.receive(wait);
      if (got.isPresent()) {
        for (LanAddress each : search.consider(got.get().bytes(), got.get().from())) {
          Optional<T> done = attempt.apply(each);
          if (done.isPresent()) {
            return done;
          }
        }
        keep(pace);
      }
    }
    return Optional.empty();
  }

  private static void ask(LanSocket socket, List<LanInterface> networks, LanSearch search) {
    byte[] question = search.question();
    for (LanInterface each : networks) {
      try {
        socket.send(question, each);
      } catch (IOException e) {
        LOG.atDebug().log("cannot ask on {}: {}", each.name(), e.getMessage());
      }
    }
  }

  private void keep(Pace pace) {
    Duration wait = pace.one(clock.instant());
    if (wait.isPositive()) {
      LockSupport.parkNanos(wait.toNanos());
    }
  }

  @Override
  public synchronized void close() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /// The networks on which we can be dialled.
  private List<LanInterface> listened() {
    List<Multiaddr> listening = host.listenAddresses();
    return LanInterface.all().stream()
        .filter(each -> !LanAddress.texts(host.id(), each, listening).isEmpty())
        .toList();
  }

  private void serve() {
    try {
      while (true) {
        List<LanInterface> networks = names().isEmpty() ? List.of() : listened();
        if (!networks.isEmpty()) {
          serveOn(networks);
        }
        wakeup.await(Limits.RESCAN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Collection<String> names() {
    List<String> all = new ArrayList<>();
    open.get().forEach(each -> all.add(LanName.of(each)));
    Set<PeerId> askers = Set.copyOf(peers.get());
    long hour = LanName.hour(clock.instant());
    if (!ofPeers.askers().equals(askers) || ofPeers.hour() != hour) {
      List<String> names =
          askers.stream()
              .limit(Limits.ASKERS_MAX)
              .flatMap(asker -> LanName.around(asker, host.id(), hour).stream())
              .toList();
      ofPeers = new PeerNames(askers, hour, names);
    }
    all.addAll(ofPeers.names());
    return all;
  }

  /// Until nobody may ask for us or the networks are others.
  private void serveOn(List<LanInterface> networks) {
    try (LanSocket socket = LanSocket.open(networks)) {
      serving = networks;
      LanAnswers answers = new LanAnswers(host.id());
      Pace pace = new Pace();
      Instant look = clock.instant().plus(Limits.LOOK);
      Instant rescan = clock.instant().plus(Limits.RESCAN);
      while (!Thread.currentThread().isInterrupted()) {
        Optional<LanSocket.Received> got = socket.receive(Limits.LOOK);
        if (got.isPresent()) {
          answer(socket, networks, answers, got.get());
          keep(pace);
        }
        Instant now = clock.instant();
        if (!now.isBefore(look)) {
          if (names().isEmpty()) {
            return;
          }
          look = now.plus(Limits.LOOK);
        }
        if (!now.isBefore(rescan)) {
          if (!listened().equals(networks)) {
            wakeup.wake();
            return;
          }
          rescan = now.plus(Limits.RESCAN);
        }
      }
    } catch (IOException e) {
      boolean news = !String.valueOf(e.getMessage()).equals(lastTrouble);
      lastTrouble = String.valueOf(e.getMessage());
      if (news && !Thread.currentThread().isInterrupted()) {
        LOG.atWarn().log("nobody can find this device on the local network: {}", e.getMessage());
      }
    } finally {
      serving = List.of();
    }
  }

  private void answer(
      LanSocket socket, List<LanInterface> networks, LanAnswers answers, LanSocket.Received got)
      throws IOException {
    Optional<LanInterface> at =
        networks.stream().filter(each -> each.contains(got.from().getAddress())).findFirst();
    if (at.isPresent()) {
      Optional<byte[]> answer =
          answers.answer(
              got.bytes(),
              got.from(),
              at.get(),
              this::names,
              host.listenAddresses(),
              clock.instant());
      if (answer.isPresent()) {
        socket.send(answer.get(), at.get());
      }
    }
  }
}
