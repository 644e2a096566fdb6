package io.peerup.simulation;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.transport.MuxedConnection;
import io.peerup.libp2p.transport.Upgrade;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A daemon or a relay: an identity, what its disk holds, and what dies with it.
abstract class Party {

  static final Duration NEGOTIATION_MAX = Duration.ofSeconds(10);
  static final Duration UPGRADE_MAX = Duration.ofSeconds(15);

  final World world;
  final String name;
  final PrivateKey identity;
  private final Upgrade.Config upgrades;
  final PeerId id;
  final List<Session> sessions = new ArrayList<>();
  final List<Link> links = new ArrayList<>();
  final List<Swap> swaps = new ArrayList<>();
  private final int loopCount;
  private List<World.Task> loops;
  private boolean running = true;

  Party(World world, String name, int number, int loopCount) {
    this.world = world;
    this.name = name;
    this.loopCount = loopCount;
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    identity = PrivateKey.ofEd25519Seed(seed);
    id = identity.peerId();
    upgrades = new Upgrade.Config(identity, world.keys(), YamuxLimits.DEFAULT);
    loops = makeLoops();
  }

  private List<World.Task> makeLoops() {
    List<World.Task> made = new ArrayList<>();
    for (int i = 0; i < loopCount; i++) {
      made.add(world.loop());
    }
    return made;
  }

  /// One of its loops.
  World.Task loop() {
    return loops.get(world.random.nextInt(loops.size()));
  }

  boolean isRunning() {
    return running;
  }

  /// `kill -9`: what is not on the disk is gone.
  void crash() {
    world.tell(this, "crashes");
    running = false;
    loops.forEach(World.Task::kill);
    links.forEach(link -> link.killed(world.chance(0.3)));
    swaps.forEach(Swap::processDied);
    sessions.clear();
    links.clear();
    forget();
  }

  final void restart() {
    if (!running) {
      world.tell(this, "starts again");
      running = true;
      loops = makeLoops();
      start();
    }
  }

  /// Everything that is only in memory.
  abstract void forget();

  /// With what the disk holds.
  abstract void start();

  abstract boolean serves(Session session, String protocol);

  abstract void serve(Line line, String protocol);

  void connected(Session session) {}

  /// Called when it is no more among [#sessions].
  void disconnected(Session session) {}

  final void ended(Session session, OverlayException cause) {
    world.tell(session, "ended: " + cause.getMessage());
    sessions.remove(session);
    if (session.link != null) {
      links.remove(session.link);
    }
    if (cause.getMessage() == null) {
      throw new Broken("a connection ended without a reason", cause);
    }
    disconnected(session);
  }

  /// The newest connection.
  Optional<Session> direct(PeerId peer) {
    List<Session> all = directs(peer);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /// The one that a host prefers.
  final Optional<Session> oldest(PeerId peer) {
    return directs(peer).stream().findFirst();
  }

  final List<Session> directs(PeerId peer) {
    return sessions.stream()
        .filter(one -> one.peer().equals(peer) && !one.isRelayed() && one.isOpen())
        .toList();
  }

  /// A connection over the network to whoever is at the other end of it.
  final Link dial(
      Party target, PeerId wanted, Consumer<Session> then, Consumer<OverlayException> failed) {
    World.Task loop = loop();
    World.Task theirs = target.loop();
    Link[] ends = Link.pair(world, loop, theirs);
    links.add(ends[0]);
    theirs.execute(() -> target.accept(ends[1], theirs));
    var _ =
        Upgrade.start(
            ends[0],
            Direction.OUTBOUND,
            upgrades,
            expecting(wanted),
            UPGRADE_MAX,
            new Outcome(Optional.of(wanted), loop, ends[0], then, failed));
    return ends[0];
  }

  private void accept(Link end, World.Task loop) {
    links.add(end);
    var _ =
        Upgrade.start(
            end,
            Direction.INBOUND,
            upgrades,
            PeerExpectation.any(),
            UPGRADE_MAX,
            new Outcome(Optional.empty(), loop, end, _ -> {}, _ -> {}));
  }

  /// A connection inside a circuit.
  final void secure(
      Line carrier,
      Direction direction,
      PeerId wanted,
      Consumer<Session> then,
      Consumer<OverlayException> failed) {
    Stream stream = carrier.give();
    Upgrade.startOver(
        stream,
        direction,
        upgrades,
        expecting(wanted),
        UPGRADE_MAX,
        new Outcome(Optional.of(wanted), carrier.session().loop(), null, then, failed));
  }

  private PeerExpectation expecting(PeerId wanted) {
    return peer -> peer.equals(wanted) || world.sabotages(Sabotage.ANY_PEER);
  }

  private final class Outcome implements Upgrade.Outcome {
    private final Optional<PeerId> wanted;
    private final World.Task loop;
    private final @org.jspecify.annotations.Nullable Link link;
    private final Consumer<Session> then;
    private final Consumer<OverlayException> failed;
    private boolean decided;

    Outcome(
        Optional<PeerId> wanted,
        World.Task loop,
        @org.jspecify.annotations.Nullable Link link,
        Consumer<Session> then,
        Consumer<OverlayException> failed) {
      this.wanted = wanted;
      this.loop = loop;
      this.link = link;
      this.then = then;
      this.failed = failed;
    }

    private void once() {
      if (decided) {
        throw new Broken("an upgrade had two outcomes");
      }
      decided = true;
    }

    @Override
    public void upgraded(MuxedConnection connection) {
      once();
      Session session = new Session(Party.this, connection, loop, link);
      if (wanted.isPresent() && !wanted.get().equals(session.peer())) {
        throw new Broken(name + " wanted another peer than " + session);
      }
      world.tell(session, "is there");
      sessions.add(session);
      connection.start(session);
      connected(session);
      then.accept(session);
    }

    @Override
    public void failed(OverlayException cause) {
      once();
      world.tell(Party.this, "handshake failed: " + cause.getMessage());
      if (link != null) {
        links.remove(link);
      }
      if (!(cause instanceof PeerUnreachable
          || cause instanceof DeadlineExceeded
          || cause instanceof Refused)) {
        throw new Broken("a handshake failed because somebody broke a rule", cause);
      }
      failed.accept(cause);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
