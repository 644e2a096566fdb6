package io.peerup.simulation;

import com.google.gson.JsonParser;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.SpliceLimits;
import io.peerup.libp2p.transport.StreamSplice;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupSpec;
import io.peerup.pairing.GroupTable;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.pairing.PairOutcome;
import io.peerup.pairing.PairWork;
import io.peerup.pairing.Probation;
import io.peerup.pairing.SourcePrefix;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.RendezvousTable;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.TableDoor;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;

/// The relay: `CircuitRelay`, `PairingService` and `PeerNotifier` as dialogues without threads,
/// around the machines that they drive.
final class Relay extends Party {

  static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/203.0.113.7/tcp/7777");
  private static final Duration PROBATION_CHECK = Duration.ofMillis(250);

  /// Whatever draws them: nobody is allotted one here.
  private static final long NAMEPLATES = 1;

  // The disk.
  private String groupsFile;
  private Set<PeerId> authorizedFile = Set.of();

  // The memory.
  private GroupTable groups = new GroupTable();
  private Set<PeerId> authorized = new LinkedHashSet<>();
  TableDoor table;
  Probation<Session> probation = new Probation<>();
  private RendezvousTable rendezvous;
  private final Queue<Runnable> forDisk = new ArrayDeque<>();
  private boolean diskBusy;

  // What the world was told, whatever the relay remembers.
  private int failuresTold;

  Relay(World world, GroupSpec spec) {
    super(world, "relay", 1, 2);
    var _ = groups.create(spec, Duration.ofDays(1), Optional.empty(), "", world.instant());
    groupsFile = groups.snapshot().toString();
    table = new TableDoor(identity, RelayPolicy.members());
    rendezvous = new RendezvousTable(new SplittableRandom(NAMEPLATES));
    watchProbation();
  }

  @Override
  void forget() {
    forDisk.clear();
    diskBusy = false;
  }

  @Override
  void start() {
    groups =
        GroupTable.restore(
            JsonParser.parseString(groupsFile).getAsJsonObject(), PairWork.uncounted());
    authorized = new LinkedHashSet<>(authorizedFile);
    table = new TableDoor(identity, RelayPolicy.members());
    probation = new Probation<>();
    rendezvous = new RendezvousTable(new SplittableRandom(NAMEPLATES));
    watchProbation();
    checkFailures();
  }

  /// As `peerup relay` does by hand.
  void enrol(PeerId peer) {
    authorized.add(peer);
    authorizedFile = new LinkedHashSet<>(authorized);
  }

  Set<PeerId> members() {
    return groups.members(world.instant());
  }

  boolean isMember(PeerId peer) {
    return authorized.contains(peer);
  }

  int failures() {
    return groups.groups(world.instant()).getFirst().failures();
  }

  private void checkFailures() {
    if (failures() < failuresTold) {
      throw new Broken(failuresTold + " wrong codes were refused, " + failures() + " are counted");
    }
  }

  // ----------------------------------------------------------------------------------- connections

  @Override
  void connected(Session session) {
    if (isMember(session.peer())) {
      tell(session, Optional.empty(), 1);
    } else {
      var admission = probation.arrive(session, source(session), world.instant());
      admission.close().forEach(Session::close);
      if (!admission.admitted()) {
        session.close();
      }
    }
  }

  private void watchProbation() {
    loop()
        .after(
            PROBATION_CHECK,
            () -> {
              probation.expire(world.instant()).forEach(Session::close);
              watchProbation();
            });
  }

  @Override
  void disconnected(Session session) {
    probation.leave(session);
    boolean gone = direct(session.peer()).isEmpty();
    if (gone ? !world.sabotages(Sabotage.KEPT_RESERVATION) : world.sabotages(Sabotage.HASTY_DROP)) {
      table.drop(session.peer());
    }
  }

  /// Everybody has an address of its own.
  private static SourcePrefix source(Session session) {
    byte[] bytes = session.peer().toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    try {
      return SourcePrefix.of(
          InetAddress.getByAddress(
              new byte[] {10, 1, bytes[bytes.length - 1], bytes[bytes.length - 2]}));
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  boolean serves(Session session, String protocol) {
    return switch (protocol) {
      case PairMessages.PAIR_PROTOCOL, RendezvousMessages.PROTOCOL -> true;
      case CircuitRelay.HOP ->
          isMember(session.peer())
              || rendezvous.hasTicket(session.peer(), world.instant())
              || world.sabotages(Sabotage.CIRCUITS_FOR_ALL);
      case Swap.PROTOCOL -> isMember(session.peer());
      default -> false;
    };
  }

  @Override
  void serve(Line line, String protocol) {
    switch (protocol) {
      case PairMessages.PAIR_PROTOCOL -> pair(line);
      case CircuitRelay.HOP -> hop(line);
      case RendezvousMessages.PROTOCOL -> rendezvous(line);
      default -> Swap.answer(line);
    }
  }

  // ---------------------------------------------------------------------------------------
  // circuits

  private void hop(Line line) {
    line.deadline(Limits.HOP_DIALOGUE_MAX);
    line.frame(
        Limits.MESSAGE_BYTES_MAX,
        frame -> {
          switch (HopCodec.decode(frame)) {
            case HopMessage.Reserve() -> reserve(line);
            case HopMessage.Connect(PeerId target) -> connect(line, target);
            case HopMessage.Status _ -> throw new Broken("a status where a request belongs");
          }
        });
  }

  private void reserve(Line line) {
    Session session = line.session();
    if (!isMember(session.peer())) {
      refuse(line, RelayStatus.PERMISSION_DENIED.code());
      return;
    }
    HopMessage.Status answer = table.reserve(session.peer(), ADDRESS, world.instant());
    if (direct(session.peer()).isEmpty()) {
      table.drop(session.peer());
    }
    line.sendFrame(HopCodec.encode(answer));
    line.closeWrite();
  }

  private void connect(Line hop, PeerId target) {
    PeerId source = hop.session().peer();
    if (!isMember(source)
        && !rendezvous.redeem(source, target, world.instant())
        && !world.sabotages(Sabotage.CIRCUITS_FOR_ALL)) {
      refuse(hop, RelayStatus.PERMISSION_DENIED.code());
      return;
    }
    TableDoor.Connecting answer = table.connect(source, target, world.instant());
    if (answer.circuit() < 0) {
      refuse(hop, answer.status());
      return;
    }
    TableDoor own = table;
    Optional<Session> there = direct(target);
    if (there.isEmpty()) {
      own.circuitEnded(answer.circuit());
      refuse(hop, RelayStatus.CONNECTION_FAILED.code());
      return;
    }
    boolean[] over = {false};
    hop.onFailure(_ -> {
      over[0] = true;
      own.circuitEnded(answer.circuit());
    });
    Runnable declined =
        () -> {
          if (!over[0]) {
            over[0] = true;
            own.circuitEnded(answer.circuit());
            refuse(hop, RelayStatus.CONNECTION_FAILED.code());
          }
        };
    there
        .get()
        .open(
            List.of(CircuitRelay.STOP),
            _ -> declined.run(),
            stop -> {
              stop.onFailure(_ -> declined.run());
              stop.deadline(Limits.STOP_DIALOGUE_MAX);
              stop.sendFrame(StopCodec.encode(new StopMessage.Connect(source, Optional.empty())));
              stop.frame(
                  Limits.MESSAGE_BYTES_MAX,
                  frame -> {
                    boolean yes =
                        StopCodec.decode(frame) instanceof StopMessage.Status status
                            && status.isOk();
                    if (over[0]) {
                      stop.reset();
                    } else if (yes) {
                      bridge(hop, stop, answer.circuit(), own);
                    } else {
                      stop.reset();
                      declined.run();
                    }
                  });
            });
  }

  private void refuse(Line hop, int status) {
    hop.sendFrame(
        HopCodec.encode(new HopMessage.Status(status, Optional.empty(), Optional.empty())));
    hop.closeWrite();
  }

  private void bridge(Line hop, Line stop, long circuit, TableDoor own) {
    Session stranger = hop.session();
    probation.circuitBegan(stranger);
    stop.noDeadline();
    stop.onFailure(_ -> {
      hop.reset();
      own.circuitEnded(circuit);
    });
    hop.onFailure(_ -> {
      stop.reset();
      own.circuitEnded(circuit);
    });
    hop.sendFrame(
        HopCodec.encode(
            new HopMessage.Status(RelayStatus.OK.code(), Optional.empty(), Optional.empty())));
    hop.whenSent(() -> {
      hop.noDeadline();
      boolean[] ended = {false};
      var _ =
          StreamSplice.start(
              hop.give(),
              stop.give(),
              new SpliceLimits(0, Duration.ZERO),
              (_, reason) -> {
                if (ended[0]) {
                  throw new Broken("a splice ended twice");
                }
                ended[0] = true;
                probation.circuitEnded(stranger, world.instant());
                if (!(reason.startsWith("reset") && world.sabotages(Sabotage.KEPT_CIRCUIT))) {
                  own.circuitEnded(circuit);
                }
              });
    });
  }

  // ----------------------------------------------------------------------------------------
  // rendezvous

  private void rendezvous(Line line) {
    line.deadline(io.peerup.relay.group.Limits.DIALOGUE_MAX);
    line.frame(
        io.peerup.pairing.rendezvous.Limits.FRAME_BYTES_MAX,
        frame -> {
          probation.spoke(line.session());
          line.sendFrame(decide(frame, line.session()));
          line.closeWrite();
        });
  }

  private byte[] decide(byte[] frame, Session session) {
    PeerId peer = session.peer();
    return switch (RendezvousMessages.decodeRequest(frame)) {
      case RendezvousMessages.Open(var selector, var ttl) when isMember(peer) ->
          rendezvous
              .open(peer, selector, ttl, world.instant())
              .map(RendezvousMessages::encode)
              .orElseGet(RendezvousMessages::failed);
      case RendezvousMessages.Find(var selector) ->
          rendezvous
              .find(peer, source(session), selector, world.instant())
              .map(RendezvousMessages::encodeFound)
              .orElseGet(RendezvousMessages::failed);
      case RendezvousMessages.Request _ -> RendezvousMessages.failed();
    };
  }

  // ----------------------------------------------------------------------------------------
  // pairing

  private void pair(Line line) {
    line.deadline(io.peerup.relay.group.Limits.DIALOGUE_MAX);
    line.frame(
        io.peerup.pairing.Limits.FRAME_BYTES_MAX,
        frame -> {
          probation.spoke(line.session());
          forDisk.add(() -> decide(line, frame));
          nextForDisk();
        });
  }

  /// One at a time, as the lock of the store has it.
  private void nextForDisk() {
    if (!diskBusy && !forDisk.isEmpty()) {
      diskBusy = true;
      forDisk.remove().run();
    }
  }

  private void decide(Line line, byte[] frame) {
    PeerId peer = line.session().peer();
    PairOutcome outcome = groups.join(frame, peer, source(line.session()), world.instant());
    checkFailures();
    world.tell(this, "decides about " + peer.shortForm() + ": " + outcome);
    boolean early = world.sabotages(Sabotage.ANSWER_BEFORE_DISK);
    if (early) {
      answer(line, outcome);
    }
    Runnable done =
        () -> {
          diskBusy = false;
          if (!early) {
            answer(line, outcome);
          }
          nextForDisk();
        };
    if (outcome.changed()) {
      String file = groups.snapshot().toString();
      write(() -> {
        boolean forgets = world.sabotages(Sabotage.FORGOTTEN_FAILURES);
        groupsFile = forgets ? file.replaceAll("\"failures\":[0-9]+", "\"failures\":0") : file;
        admit(peer, outcome, done);
      });
    } else {
      admit(peer, outcome, done);
    }
  }

  private void admit(PeerId peer, PairOutcome outcome, Runnable done) {
    if (outcome instanceof PairOutcome.Admitted && authorized.add(peer)) {
      Set<PeerId> file = new LinkedHashSet<>(authorized);
      write(() -> {
        authorizedFile = file;
        done.run();
      });
    } else {
      done.run();
    }
  }

  private void write(Runnable done) {
    loop().after(world.between(0, world.chance(0.1) ? 2_000 : 30), done);
  }

  private void answer(Line line, PairOutcome outcome) {
    if (outcome instanceof PairOutcome.Admitted admitted) {
      probation.leave(line.session());
      if (admitted.changed()) {
        for (PeerId member : admitted.others()) {
          directs(member).forEach(s -> tell(s, Optional.of(admitted.intro()), 1));
        }
      }
    }
    int failures = failures();
    line.session()
        .loop()
        .after(
            world.between(100, 150),
            () -> {
              failuresTold = Math.max(failuresTold, failures);
              line.sendFrame(outcome.answer());
              line.closeWrite();
            });
  }

  /// Tells a member of one other, or of all.
  private void tell(Session session, Optional<PeerNotice> one, int attempt) {
    if (!session.isOpen() || attempt > io.peerup.relay.group.Limits.NOTIFY_ATTEMPTS_MAX) {
      return;
    }
    List<PeerNotice> notices =
        one.map(List::of).orElseGet(() -> groups.noticesFor(session.peer(), world.instant()));
    if (notices.isEmpty()) {
      return;
    }
    world.tell(this, "tells " + session.peer().shortForm() + " of " + notices.size());
    java.util.function.Consumer<OverlayException> again =
        _ ->
            session
                .loop()
                .after(
                    io.peerup.relay.group.Limits.NOTIFY_PAUSE,
                    () -> tell(session, one, attempt + 1));
    session.open(
        List.of(PairMessages.NOTIFY_PROTOCOL),
        again,
        line -> {
          line.onFailure(again);
          line.deadline(io.peerup.relay.group.Limits.NOTIFY_MAX);
          notices.forEach(notice -> line.sendFrame(PairMessages.encode(notice)));
          line.closeWrite();
          line.read(new AwaitEnd(line));
        });
  }

  /// The receiver's end says that it has taken all.
  private record AwaitEnd(Line line) implements Line.Reader {
    @Override
    public int take(byte[] bytes, int offset, int length) {
      throw new Broken("a receiver of notices spoke");
    }

    @Override
    public void ended() {
      line.noDeadline();
    }
  }

  static GroupCode.NewGroup codes(World world, int count, PeerId relay) {
    return GroupCode.generate(
        count, relay, io.peerup.pairing.RelayHost.of(ADDRESS), "", world.keys());
  }
}
