package io.peerup.simulation;

import com.google.gson.JsonParser;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupJoin;
import io.peerup.pairing.GroupMembership;
import io.peerup.pairing.GroupMembership.IntroResult;
import io.peerup.pairing.PairMessages;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import io.peerup.relay.circuit.wire.RelayStatus;
import io.peerup.relay.circuit.wire.StopCodec;
import io.peerup.relay.circuit.wire.StopMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A device: joins with its code, keeps a connection and a reservation at the relay, calls others
/// through it. Also the stranger who guesses.
final class Member extends Party {

  private final Relay relay;
  private final Impostor impostor;
  final GroupCode code;
  private final boolean guesses;

  // The disk.
  private @Nullable String membershipFile;

  // The memory.
  private @Nullable GroupMembership membership;
  private boolean refused;
  private @Nullable Keeper keeper;

  /// While true it starts things of its own accord.
  boolean active = true;

  /// While false it does not look for the relay.
  boolean online = true;

  private int guessesLeft = 4;

  private static final Duration NOTICES_MAX = Duration.ofSeconds(15);

  Member(World world, int number, Relay relay, Impostor impostor, GroupCode code, boolean guesses) {
    super(world, (guesses ? "stranger-" : "member-") + number, number, 1);
    this.relay = relay;
    this.impostor = impostor;
    this.code = code;
    this.guesses = guesses;
  }

  Optional<GroupMembership> membership() {
    return Optional.ofNullable(membership);
  }

  boolean isGuesser() {
    return guesses;
  }

  /// It knows where it stands.
  boolean isDecided() {
    return membership != null || refused || guesses;
  }

  boolean isReserved() {
    return keeper != null && keeper.isReserved();
  }

  @Override
  void forget() {
    membership = null;
    refused = false;
    keeper = null;
  }

  @Override
  void start() {
    if (membershipFile != null) {
      membership =
          GroupMembership.restore(JsonParser.parseString(membershipFile).getAsJsonObject());
      keep();
    }
    connect();
  }

  /// Looks for the relay until it is in.
  void connect() {
    if (!isRunning()
        || !online
        || refused
        || membership != null
        || direct(relay.id).isPresent()
        || (guesses && guessesLeft == 0)) {
      return;
    }
    dialRelay(this::join, _ -> again());
  }

  void dialRelay(Consumer<Session> then, Consumer<OverlayException> failed) {
    Party there = world.chance(0.05) || !relay.isRunning() ? impostor : relay;
    dial(there, relay.id, then, failed);
  }

  private void again() {
    loop().after(world.between(500, 4_000), this::connect);
  }

  @Override
  void disconnected(Session session) {
    if (!session.peer().equals(relay.id)) {
      return;
    }
    if (keeper != null) {
      keeper.disconnected(session);
    } else {
      again();
    }
  }

  private void keep() {
    if (keeper == null) {
      keeper = new Keeper(this, relay, this::live);
      keeper.turn();
      if (world.chance(0.2)) { // somebody else in the process dials at the same time
        dialRelay(_ -> {}, _ -> {});
      }
    }
  }

  // ----------------------------------------------------------------------------------------
  // joining

  private void join(Session session) {
    if (membership != null) {
      return;
    }
    GroupJoin machine = new GroupJoin(code, identity, name, world.keys());
    byte[] request = machine.request();
    if (guesses) {
      guessesLeft--;
      request[2 + 8 + world.random.nextInt(16)] ^= 1;
    }
    Consumer<OverlayException> failed = _ -> session.close();
    session.open(
        List.of(PairMessages.PAIR_PROTOCOL),
        failed,
        line -> {
          line.onFailure(failed);
          line.deadline(Duration.ofSeconds(10));
          line.sendFrame(request);
          line.closeWrite();
          line.frame(
              io.peerup.pairing.Limits.ANSWER_BYTES_MAX,
              answer -> {
                line.noDeadline();
                told(session, machine.finish(session.peer(), answer));
              });
        });
  }

  private void told(Session session, GroupJoin.Result result) {
    world.tell(this, "is told " + result.getClass().getSimpleName());
    switch (result) {
      case GroupJoin.Result.Failed _ -> {
        refused = !guesses;
        session.close();
      }
      case GroupJoin.Result.Joined joined -> {
        if (guesses) {
          throw new Broken("a wrong code was good enough");
        }
        if (!joined.warnings().isEmpty()) {
          throw new Broken("an honest relay was accused: " + joined.warnings());
        }
        // The disk first; until it has it, nothing has happened.
        loop()
            .after(
                world.between(0, 50),
                () -> {
                  if (membership == null) {
                    membership = joined.membership();
                    store();
                  }
                  keep();
                });
      }
    }
  }

  private void store() {
    if (membership != null) {
      membershipFile = membership.snapshot().toString();
    }
  }

  // ---------------------------------------------------------------------------------------
  // circuits

  /// What a device does: talks to the relay, and through it to others.
  private void live(Session session) {
    if (!active || !session.isOpen()) {
      return;
    }
    List<Session> circuits = sessions.stream().filter(Session::isRelayed).toList();
    if (circuits.isEmpty()) {
      if (world.chance(0.5)) {
        call(session);
      }
    } else {
      Session one = circuits.get(world.random.nextInt(circuits.size()));
      if (world.chance(0.2)) {
        one.close();
      } else {
        one.open(List.of(Swap.PROTOCOL), _ -> {}, Swap::ask);
      }
    }
    if (world.chance(0.5)) {
      session.open(List.of(Swap.PROTOCOL), _ -> {}, Swap::ask);
    }
    session.loop().after(world.between(200, 4_000), () -> live(session));
  }

  private void call(Session session) {
    Set<PeerId> known = membership == null ? Set.of() : membership.members();
    List<PeerId> others = new ArrayList<>(new java.util.TreeSet<>(known));
    if (others.isEmpty() || sessions.size() > 4) {
      return;
    }
    PeerId target = others.get(world.random.nextInt(others.size()));
    session.open(
        List.of(CircuitRelay.HOP),
        _ -> {},
        line -> {
          line.deadline(Limits.HOP_DIALOGUE_MAX);
          line.sendFrame(HopCodec.encode(new HopMessage.Connect(target)));
          line.frame(
              Limits.MESSAGE_BYTES_MAX,
              frame -> {
                if (HopCodec.decode(frame) instanceof HopMessage.Status status && status.isOk()) {
                  line.whenSent(() -> {
                    line.noDeadline();
                    secure(line, Direction.OUTBOUND, target, this::talk, _ -> {});
                  });
                } else {
                  line.reset();
                }
              });
        });
  }

  private void talk(Session circuit) {
    int count = 1 + world.random.nextInt(3);
    for (int i = 0; i < count; i++) {
      circuit.open(List.of(Swap.PROTOCOL), _ -> {}, Swap::ask);
    }
  }

  @Override
  boolean serves(Session session, String protocol) {
    boolean fromRelay = session.peer().equals(relay.id) && !session.isRelayed();
    return switch (protocol) {
      case CircuitRelay.STOP -> fromRelay && membership != null;
      case PairMessages.NOTIFY_PROTOCOL -> fromRelay;
      case Swap.PROTOCOL ->
          membership != null && (fromRelay || membership.members().contains(session.peer()));
      default -> false;
    };
  }

  @Override
  void serve(Line line, String protocol) {
    switch (protocol) {
      case CircuitRelay.STOP -> stop(line);
      case PairMessages.NOTIFY_PROTOCOL -> {
        line.deadline(NOTICES_MAX);
        whenJoined(line, () -> notices(line));
      }
      default -> Swap.answer(line);
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

  /// What overtakes the answer to our join waits for it.
  private void whenJoined(Line line, Runnable next) {
    if (membership != null) {
      next.run();
    } else if (!line.isOver()) {
      line.session().loop().after(Duration.ofMillis(20), () -> whenJoined(line, next));
    }
  }

  private void notices(Line line) {
    line.frameOrEnd(
        io.peerup.pairing.Limits.FRAME_BYTES_MAX,
        frame -> {
          if (membership != null) {
            IntroResult result = membership.accept(PairMessages.decodeNotice(frame));
            world.tell(this, "hears " + result);
            if (result instanceof IntroResult.Rejected rejected && !rejected.harmless()) {
              throw new Broken("an honest introduction was rejected: " + rejected.reason());
            }
            store();
          }
          notices(line);
        },
        () -> {
          line.noDeadline();
          line.closeWrite();
        });
  }
}
