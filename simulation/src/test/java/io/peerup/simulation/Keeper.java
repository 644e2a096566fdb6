package io.peerup.simulation;

import io.peerup.libp2p.OverlayException;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import io.peerup.relay.circuit.ScheduleDoor;
import io.peerup.relay.circuit.TableDoor;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// `Reservations` without a thread: asks the relay for a place when the schedule says so, over
/// whichever connection there is, and again when the one it was asked over has ended.
final class Keeper {

  private final Member member;
  private final Relay relay;
  private final Consumer<Session> then;
  private final World world;
  private final ScheduleDoor schedule;
  private @Nullable Session carrier;
  private boolean asking;
  private int turns;

  /// @param then told of the connection each time that there is a place
  Keeper(Member member, Relay relay, Consumer<Session> then) {
    this.member = member;
    this.relay = relay;
    this.then = then;
    this.world = member.world;
    this.schedule = new ScheduleDoor(new SplittableRandom(world.random.nextLong()));
  }

  boolean isReserved() {
    return schedule.held() && carrier != null && carrier.isOpen();
  }

  /// Asks now, or later, as the schedule has it.
  void turn() {
    if (asking || !member.online) {
      return;
    }
    int mine = ++turns;
    Optional<Duration> wait = schedule.untilAsk(world.instant());
    if (wait.isEmpty()) {
      throw new Broken(member + " was denied a reservation for good");
    }
    if (wait.get().isZero()) {
      asking = true;
      member
          .oldest(relay.id)
          .ifPresentOrElse(this::ask, () -> member.dialRelay(this::ask, this::failed));
    } else {
      member
          .loop()
          .after(
              wait.get(),
              () -> {
                if (mine == turns) {
                  turn();
                }
              });
    }
  }

  void disconnected(Session session) {
    if (session != carrier || !schedule.held()) {
      return;
    }
    carrier = null;
    schedule.lost(world.instant());
    if (member.direct(relay.id).isPresent() && world.sabotages(Sabotage.FORGOTTEN_PLACE)) {
      return;
    }
    turn();
  }

  private void ask(Session session) {
    session.open(
        List.of(CircuitRelay.HOP),
        this::failed,
        line -> {
          line.onFailure(this::failed);
          line.deadline(Limits.RESERVE_MAX);
          line.sendFrame(HopCodec.encode(new HopMessage.Reserve()));
          line.frame(Limits.MESSAGE_BYTES_MAX, frame -> answered(line, frame));
        });
  }

  private void answered(Line line, byte[] frame) {
    line.noDeadline();
    line.onFailure(_ -> {});
    line.closeWrite();
    if (!(HopCodec.decode(frame) instanceof HopMessage.Status status) || !status.isOk()) {
      throw new Broken(member + " got no reservation");
    }
    Session session = line.session();
    asking = false;
    carrier = session;
    schedule.reserved(
        world.instant(),
        TableDoor.accept(status, relay.id, Relay.ADDRESS, member.id, world.instant()));
    world.tell(session, "carries a reservation");
    if (session.isOpen()) {
      then.accept(session);
    } else {
      // Its end may have been announced before we knew that it matters.
      schedule.lost(world.instant());
    }
    turn();
  }

  private void failed(OverlayException cause) {
    world.tell(member, "got no reservation: " + cause.getMessage());
    asking = false;
    schedule.failed(cause, world.instant());
    turn();
  }
}
