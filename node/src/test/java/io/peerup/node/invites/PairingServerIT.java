package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.control.Home;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.node.Ids;
import io.peerup.pairing.FullCode;
import io.peerup.pairing.Guesses;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.PairingInitiator;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.testkit.Alone;
import io.peerup.testkit.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The inviter's side over real connections and with its real file: what somebody without the code
/// can learn by asking, and how often. `./x uniform` takes 200 runs a cause.
@Alone
class PairingServerIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final int RUNS = Integer.getInteger("peerup.uniform.runs", 8);

  /// A source may begin five runs a second.
  private static final Duration PACE = Duration.ofMillis(250);

  private static final int FRAME_BYTES_MAX = 4096;
  private static final int ATTEMPTS = 1000;
  private static final PrivateKey INVITER = Ids.key(1);

  @TempDir Path directory;

  private final InstantSource clock = InstantSource.system();
  private final KeyRandom random = KeyRandom.secure();
  private final Set<PeerId> admitted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger evaluated = new AtomicInteger();
  private final List<Host> joiners = new ArrayList<>();
  private Home home;
  private Host inviter;
  private InviteStore store;

  private enum Cause {
    UNKNOWN,
    WRONG_CODE,
    EXPIRED,
    BURNED,
    USED_BY_ANOTHER
  }

  /// What a joiner sees.
  ///
  /// @param frames length of each frame that it got
  /// @param reset after how many milliseconds the stream ended
  /// @param paired whether it has the inviter's proof
  private record Seen(List<Integer> frames, double reset, boolean paired) {}

  @BeforeEach
  void start() {
    home = Home.of(directory.resolve("home")).ensure();
    inviter =
        HostBuilder.create()
            .identity(INVITER)
            .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
            .build();
    restart();
  }

  @AfterEach
  void stop() {
    joiners.forEach(Host::close);
    inviter.close();
  }

  /// What is on disk comes back, and nothing else.
  private void restart() {
    store = new InviteStore(home, random);
    PairingServer server =
        new PairingServer(
            store, INVITER, random, clock, PairingServerIT::card, new CountingEvents());
    inviter.handle(PairingProtocol.ID, server);
  }

  private static PeerCard card() {
    return new PeerCard("home", List.of(), "", "", List.of(), new byte[0]);
  }

  private final class CountingEvents implements PairingServer.Events {
    @Override
    public void admit(PeerId peer, PeerCard joiner, boolean held) {
      admitted.add(peer);
    }

    @Override
    public void admitted(String inviteId, PeerId peer, Connection connection) {}

    @Override
    public void acknowledged(PeerId peer) {}

    @Override
    public void failed(PairingResponder.Cause cause, PeerId peer) {
      if (cause == PairingResponder.Cause.WRONG_CODE) {
        evaluated.incrementAndGet();
      }
    }
  }

  private Connection joiner(int key) {
    Host host = HostBuilder.create().identity(Ids.key(key)).build();
    joiners.add(host);
    Multiaddr address = inviter.listenAddresses().getFirst().withPeer(inviter.id());
    return host.connect(address, PeerExpectation.exactly(inviter.id()), SOON);
  }

  private PairingSecret code() {
    return FullCode.generate(
            INVITER.peerId(),
            List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/7777").withPeer(Ids.peer(9))),
            "",
            Instant.ofEpochSecond(clock.instant().getEpochSecond()).plus(TTL),
            random)
        .secret();
  }

  private String invite(PairingSecret code, Instant from) {
    InviteStore now = store;
    synchronized (now) {
      String id = now.table().create(code, TTL, "", from).id();
      now.save();
      return id;
    }
  }

  private InviteSummary look(String id) {
    InviteStore now = store;
    synchronized (now) {
      return now.table().invites(clock.instant()).stream()
          .filter(each -> each.id().equals(id))
          .findFirst()
          .orElseThrow();
    }
  }

  /// One run; empty if the inviter did not begin it.
  private Optional<Seen> run(Connection connection, int key, PairingSecret code) {
    PairingInitiator run =
        new PairingInitiator(
            code, PairingServer.channel(Ids.peer(key), connection), Ids.key(key), card(), random);
    List<Integer> frames = new ArrayList<>();
    long began = System.nanoTime();
    boolean paired = false;
    try (Stream stream = connection.openStream(List.of(PairingProtocol.ID), SOON)) {
      stream.deadline(SOON);
      began = System.nanoTime();
      stream.writeFrame(run.start(clock.instant()));
      while (true) {
        byte[] frame = stream.readFrame(FRAME_BYTES_MAX);
        frames.add(frame.length);
        switch (run.receive(frame, clock.instant())) {
          case PairingInitiator.Step.Send send -> stream.writeFrame(send.frame());
          case PairingInitiator.Step.CountAndSend send -> stream.writeFrame(send.frame());
          case PairingInitiator.Step.Paired done -> {
            paired = true;
            stream.writeFrame(done.done());
          }
          case PairingInitiator.Step.Failed _, PairingInitiator.Step.Unreachable _ ->
              throw new AssertionError("the inviter sent something else than a run");
        }
      }
    } catch (OverlayException end) {
      double millis = (System.nanoTime() - began) / 1e6;
      return frames.isEmpty() ? Optional.empty() : Optional.of(new Seen(frames, millis, paired));
    }
  }

  @Test
  void unknownWrongExpiredBurnedAndUsedByAnotherLookTheSameOverAConnection() throws Exception {
    Connection other = joiner(2);
    PairingSecret used = code();
    String usedId = invite(used, clock.instant());
    assertThat(run(other, 2, used).orElseThrow().paired()).isTrue();
    assertThat(look(usedId).state()).isEqualTo(InviteSummary.State.CONSUMED);
    PairingSecret expired = code();
    invite(expired, clock.instant().minus(Duration.ofHours(1)));
    PairingSecret burned = code();
    String burnedId = invite(burned, clock.instant());
    for (int i = 0; i < 3; i++) {
      assertThat(run(other, 2, Guesses.at(burned))).isPresent();
    }
    assertThat(look(burnedId).state()).isEqualTo(InviteSummary.State.BURNED);
    PairingSecret unknown = code();

    Map<Cause, Samples> ends = new EnumMap<>(Cause.class);
    Set<List<Integer>> shapes = new HashSet<>();
    Connection asker = joiner(3);
    Map<Cause, List<Future<Optional<Seen>>>> runs = new EnumMap<>(Cause.class);
    Cause[] causes = Cause.values();
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < RUNS; round++) {
        for (int i = 0; i < causes.length; i++) {
          Cause cause = causes[(i + round) % causes.length];
          Callable<Optional<Seen>> attempt =
              switch (cause) {
                case UNKNOWN -> () -> run(asker, 3, unknown);
                case WRONG_CODE -> () -> wrong(asker);
                case EXPIRED -> () -> run(asker, 3, expired);
                case BURNED -> () -> run(asker, 3, burned);
                case USED_BY_ANOTHER -> () -> run(asker, 3, used);
              };
          runs.computeIfAbsent(cause, _ -> new ArrayList<>()).add(tasks.submit(attempt));
          LockSupport.parkNanos(PACE.toNanos());
        }
      }
      for (Cause cause : causes) {
        Samples own = new Samples();
        for (Future<Optional<Seen>> each : runs.getOrDefault(cause, List.of())) {
          Seen seen = each.get().orElseThrow();
          assertThat(seen.paired()).isFalse();
          assertThat(seen.reset()).as("%s", cause).isGreaterThanOrEqualTo(1999);
          shapes.add(seen.frames());
          own.add(seen.reset());
        }
        ends.put(cause, own);
      }
    }
    assertThat(shapes).as("lengths of what comes").hasSize(1);
    assertThat(shapes.iterator().next()).as("two frames and silence").hasSize(2);
    assertThat(admitted).containsExactly(Ids.peer(2));
    compare(ends);
  }

  /// With an invite of its own, which three of them would burn.
  private Optional<Seen> wrong(Connection asker) {
    PairingSecret code = code();
    String id = invite(code, clock.instant());
    Optional<Seen> seen = run(asker, 3, Guesses.at(code));
    InviteStore now = store;
    synchronized (now) {
      assertThat(look(id).failures()).isEqualTo(1);
      now.table().revoke(id);
    }
    return seen;
  }

  private static void compare(Map<Cause, Samples> ends) {
    StringBuilder table = new StringBuilder();
    double distance = 0;
    double least = Double.MAX_VALUE;
    double most = 0;
    for (Map.Entry<Cause, Samples> each : ends.entrySet()) {
      Samples own = each.getValue();
      double farthest = ends.values().stream().mapToDouble(own::distance).max().orElse(0);
      distance = Math.max(distance, farthest);
      least = Math.min(least, own.median());
      most = Math.max(most, own.median());
      table.append(
          "%n  %-16s n=%d median %.2f ms, distance %.3f"
              .formatted(each.getKey(), own.size(), own.median(), farthest));
    }
    System.out.println("time of failed runs, from the first frame to the end:" + table);
    // With few runs chance alone is larger than what is asked of the inviter.
    assertThat(most - least)
        .as("medians:%s", table)
        .isLessThan(Math.max(5, Samples.medianNoise(ends.values())));
    assertThat(distance).as("%s", table).isLessThanOrEqualTo(Math.max(0.1, Samples.noise(RUNS)));
  }

  @Test
  void ofAThousandWrongAttemptsAtATimeThreeAreEvaluatedAndARestartGivesNoneBack() throws Exception {
    PairingSecret code = code();
    String id = invite(code, clock.instant());
    assertThat(run(joiner(2), 2, Guesses.at(code))).isPresent();
    assertThat(look(id).failures()).isEqualTo(1);
    restart();
    assertThat(look(id).failures()).isEqualTo(1);

    List<Connection> connections = List.of(joiner(3), joiner(4), joiner(5), joiner(6));
    List<Future<Optional<Seen>>> runs = new ArrayList<>();
    try (var tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < ATTEMPTS; i++) {
        int which = i % connections.size();
        runs.add(tasks.submit(() -> run(connections.get(which), 3 + which, Guesses.at(code))));
        LockSupport.parkNanos(Duration.ofMillis(3).toNanos());
      }
      for (Future<Optional<Seen>> each : runs) {
        assertThat(each.get().map(Seen::paired).orElse(false)).isFalse();
      }
    }
    assertThat(evaluated).as("wrong codes that were looked at").hasValue(3);
    assertThat(look(id).state()).isEqualTo(InviteSummary.State.BURNED);
    restart();
    assertThat(look(id).state()).isEqualTo(InviteSummary.State.BURNED);
    LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
    assertThat(run(connections.getFirst(), 3, code).orElseThrow().paired())
        .as("the right code, too late")
        .isFalse();
    assertThat(evaluated).hasValue(3);
    assertThat(admitted).isEmpty();
  }
}
