package io.peerup.simulation;

import com.google.gson.JsonParser;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingResponder;
import io.peerup.pairing.PairingResponder.Step;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// A device that made one invite: keeps its place at the relay, waits there for whoever knows the
/// code, and is the inviter's side of their runs. `Listings` and `PairingServer` without threads.
final class Inviter extends Party {

  private static final Duration DIALOGUE = Duration.ofSeconds(10);
  private static final Duration RENEWAL = Duration.ofSeconds(20);
  private static final Duration TTL = Duration.ofHours(1);
  private static final int FRAME_BYTES_MAX = 4096;

  private final Relay relay;
  private final Selector selector;
  final Disk disk = new Disk(this);

  // On the disk.
  private String invitesFile;
  private Set<PeerId> trustedFile = Set.of();

  // The memory.
  private InviteTable invites;
  private Set<PeerId> trusted = new LinkedHashSet<>();
  private final List<Serving> waiting = new ArrayList<>();

  /// While false it does not look for the relay.
  boolean online = true;

  Inviter(World world, Relay relay, PairingSecret secret) {
    super(world, "inviter", 40, 1);
    this.relay = relay;
    this.selector = Selector.of(secret.kind(), secret.selector());
    this.invites = new InviteTable(world.keys());
    invites.create(secret, TTL, "", world.instant());
    invitesFile = invites.snapshot().toString();
  }

  Set<PeerId> trusted() {
    return Set.copyOf(trusted);
  }

  InviteSummary invite() {
    return invites.invites(world.instant()).getFirst();
  }

  boolean owesNothing() {
    return invites.unentered().isEmpty() && trusted.equals(trustedFile);
  }

  @Override
  void forget() {
    waiting.clear();
    disk.forget();
  }

  @Override
  void start() {
    invites =
        InviteTable.restore(JsonParser.parseString(invitesFile).getAsJsonObject(), world.keys());
    trusted = new LinkedHashSet<>(trustedFile);
    disk.locked(() -> enter(() -> {}));
    connect();
  }

  // ------------------------------------------------------------------------------- at the relay

  void connect() {
    if (isRunning() && online && direct(relay.id).isEmpty()) {
      dial(relay, relay.id, this::place, _ -> again());
    }
  }

  private void again() {
    loop().after(world.between(500, 4_000), this::connect);
  }

  @Override
  void disconnected(Session session) {
    if (session.peer().equals(relay.id)) {
      again();
    }
  }

  /// Reserves, and says who is waited for; again and again, because the relay forgets.
  private void place(Session session) {
    if (!session.isOpen() || !online) {
      return;
    }
    ask(
        session,
        CircuitRelay.HOP,
        HopCodec.encode(new HopMessage.Reserve()),
        reserved -> {
          if (!(HopCodec.decode(reserved) instanceof HopMessage.Status status) || !status.isOk()) {
            throw new Broken(this + " got no reservation");
          }
          ask(
              session,
              RendezvousMessages.PROTOCOL,
              RendezvousMessages.encode(new RendezvousMessages.Open(Optional.of(selector), TTL)),
              opened -> {
                if (RendezvousMessages.decodeOpened(opened, selector.kind()).isEmpty()) {
                  throw new Broken("the relay does not let " + this + " wait");
                }
                session.loop().after(RENEWAL, () -> place(session));
              });
        });
  }

  private static void ask(
      Session session, String protocol, byte[] request, Consumer<byte[]> answered) {
    Consumer<OverlayException> failed = _ -> session.close();
    session.open(
        List.of(protocol),
        failed,
        line -> {
          line.onFailure(failed);
          line.deadline(DIALOGUE);
          line.sendFrame(request);
          line.frame(
              FRAME_BYTES_MAX,
              answer -> {
                line.noDeadline();
                line.onFailure(_ -> {});
                line.closeWrite();
                answered.accept(answer);
              });
        });
  }

  // ------------------------------------------------------------------------------------- serving

  @Override
  boolean serves(Session session, String protocol) {
    return switch (protocol) {
      case CircuitRelay.STOP -> session.peer().equals(relay.id) && !session.isRelayed();
      case PairingProtocol.ID -> session.isRelayed();
      default -> false;
    };
  }

  @Override
  void serve(Line line, String protocol) {
    if (protocol.equals(CircuitRelay.STOP)) {
      stop(line);
    } else {
      disk.locked(() -> new Serving(line).listen());
    }
  }

  private void stop(Line line) {
    line.deadline(Limits.INBOUND_UPGRADE_MAX);
    line.frame(
        Limits.MESSAGE_BYTES_MAX,
        frame -> {
          if (!(StopCodec.decode(frame) instanceof StopMessage.Connect connect)) {
            throw new Broken("a status where an offer belongs");
          }
          line.sendFrame(StopCodec.encode(StopMessage.Status.of(RelayStatus.OK)));
          line.whenSent(() -> {
            line.noDeadline();
            secure(line, Direction.INBOUND, connect.source(), _ -> {}, _ -> {});
          });
        });
  }

  /// One run.
  private final class Serving {
    private final Line line;
    private final PairingResponder machine;

    Serving(Line line) {
      this.line = line;
      this.machine =
          new PairingResponder(
              invites,
              line.session().channel(relay.id),
              identity,
              PeerCard.of("home", List.of()),
              world.keys(),
              world.instant());
    }

    void listen() {
      line.onFailure(_ -> disk.locked(() -> take(machine.lost(world.instant()))));
      line.deadline(left());
      line.frame(
          FRAME_BYTES_MAX,
          frame -> {
            line.noDeadline();
            disk.locked(() -> take(machine.receive(frame, world.instant())));
          });
    }

    private Duration left() {
      Duration left = Duration.between(world.instant(), machine.deadline());
      return left.isPositive() ? left : Duration.ofMillis(1);
    }

    private void take(Step step) {
      world.tell(Inviter.this, "goes on with " + step.getClass().getSimpleName());
      switch (step) {
        case Step.Send send -> {
          line.sendFrame(send.frame());
          listen();
        }
        case Step.Wait _ -> {
          waiting.add(this);
          line.session().loop().after(left(), () -> disk.locked(this::proceed));
        }
        case Step.Commit commit -> commit(commit);
        case Step.Acknowledged _ -> {
          line.closeWrite();
          nextTurns();
        }
        case Step.Fail fail -> {
          Runnable end =
              () -> {
                Duration pause = Duration.between(world.instant(), fail.closeAt());
                line.session()
                    .loop()
                    .after(pause.isPositive() ? pause : Duration.ZERO, line::reset);
                nextTurns();
              };
          if (fail.changed()) {
            save(end);
          } else {
            end.run();
          }
        }
      }
    }

    private void proceed() {
      if (waiting.remove(this)) {
        take(machine.proceed(world.instant()));
      }
    }

    /// The invite, the trust entry, that the latter is written; then the answer.
    private void commit(Step.Commit commit) {
      if (world.sabotages(Sabotage.ANSWER_BEFORE_TRUST)) {
        line.sendFrame(commit.frame());
      }
      Runnable done =
          () -> {
            if (world.sabotage != Sabotage.ANSWER_BEFORE_TRUST) {
              line.sendFrame(commit.frame());
            }
            listen();
            nextTurns();
          };
      if (commit.changed()) {
        save(() -> enter(done));
      } else {
        enter(done);
      }
    }
  }

  /// Whoever waits looks again.
  private void nextTurns() {
    List.copyOf(waiting).forEach(each -> disk.locked(each::proceed));
  }

  /// Writes the trust entries of all that invites admitted, as after a crash.
  private void enter(Runnable then) {
    List<InviteTable.Admitted> owed = invites.unentered();
    if (owed.isEmpty()) {
      then.run();
      return;
    }
    owed.forEach(each -> trusted.add(each.peer()));
    Set<PeerId> file = new LinkedHashSet<>(trusted);
    disk.write(
        () -> trustedFile = file,
        () -> {
          owed.forEach(each -> invites.entered(each.inviteId()));
          save(then);
        });
  }

  private void save(Runnable then) {
    String file = invites.snapshot().toString();
    boolean used = file.contains("\"consumed\"");
    disk.write(
        () -> {
          if (!(used && world.sabotages(Sabotage.FORGOTTEN_USE))) {
            invitesFile = file;
          }
        },
        then);
  }
}
