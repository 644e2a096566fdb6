package io.peerup.simulation;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.PairingInitiator;
import io.peerup.pairing.PairingInitiator.Step;
import io.peerup.pairing.PairingProtocol;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.Limits;
import io.peerup.relay.circuit.wire.HopCodec;
import io.peerup.relay.circuit.wire.HopMessage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A device that was told a code, the right one or not, and whoever knocks without asking for it.
/// `InviterSearch` and `CodeJoiner` without threads.
final class Guest extends Party {

  /// What it has and what it does.
  enum Kind {
    RIGHT,
    WRONG,
    /// Asks for a circuit without a ticket.
    SNEAKS
  }

  private static final Duration DIALOGUE = Duration.ofSeconds(10);
  private static final int FRAME_BYTES_MAX = 4096;

  private final Relay relay;
  private final PeerId inviter;
  private final PairingSecret secret;
  final Kind kind;
  final Disk disk = new Disk(this);

  // On the disk.
  private boolean trusts;
  private int attempts;

  // The memory.
  private boolean busy;

  Guest(World world, int number, Relay relay, PeerId inviter, PairingSecret secret, Kind kind) {
    super(world, kind.name().toLowerCase(java.util.Locale.ROOT) + "-" + number, number, 1);
    this.relay = relay;
    this.inviter = inviter;
    this.secret = secret;
    this.kind = kind;
  }

  boolean trusts() {
    return trusts;
  }

  boolean isBusy() {
    return busy;
  }

  @Override
  void forget() {
    busy = false;
    disk.forget();
  }

  /// A person has to type the code again.
  @Override
  void start() {}

  @Override
  boolean serves(Session session, String protocol) {
    return false;
  }

  @Override
  void serve(Line line, String protocol) {
    throw new Broken("somebody speaks " + protocol + " with a guest");
  }

  /// `peerup join CODE`, from the beginning.
  void join() {
    if (isRunning() && !busy && !trusts) {
      world.tell(this, "joins");
      busy = true;
      dial(relay, relay.id, this::search, this::failed);
    }
  }

  private void failed(OverlayException cause) {
    failed(String.valueOf(cause.getMessage()));
  }

  private void failed(String why) {
    if (busy) {
      world.tell(this, "did not join: " + why);
      leave();
    }
  }

  void leave() {
    busy = false;
    List.copyOf(sessions).forEach(Session::close);
  }

  private void search(Session session) {
    if (kind == Kind.SNEAKS) {
      circuit(session);
      return;
    }
    session.open(
        List.of(RendezvousMessages.PROTOCOL),
        this::failed,
        line -> {
          line.onFailure(this::failed);
          line.deadline(DIALOGUE);
          line.sendFrame(
              RendezvousMessages.encode(
                  new RendezvousMessages.Find(Selector.of(secret.kind(), secret.selector()))));
          line.frame(
              FRAME_BYTES_MAX,
              answer -> {
                line.noDeadline();
                line.onFailure(_ -> {});
                line.closeWrite();
                Optional<PeerId> found = RendezvousMessages.decodeFound(answer);
                if (found.isEmpty()) {
                  failed("nobody waits");
                } else if (found.get().equals(inviter)) {
                  circuit(session);
                } else {
                  throw new Broken("the relay sends " + this + " to " + found.get());
                }
              });
        });
  }

  private void circuit(Session session) {
    session.open(
        List.of(CircuitRelay.HOP),
        this::failed,
        line -> {
          line.onFailure(this::failed);
          line.deadline(Limits.HOP_DIALOGUE_MAX);
          line.sendFrame(HopCodec.encode(new HopMessage.Connect(inviter)));
          line.frame(
              Limits.MESSAGE_BYTES_MAX,
              frame -> {
                if (HopCodec.decode(frame) instanceof HopMessage.Status status && status.isOk()) {
                  if (kind == Kind.SNEAKS) {
                    throw new Broken("a stranger without a ticket has a circuit");
                  }
                  line.whenSent(() -> {
                    line.noDeadline();
                    secure(line, Direction.OUTBOUND, inviter, this::pair, this::failed);
                  });
                } else {
                  line.reset();
                  failed("no circuit");
                }
              });
        });
  }

  @Override
  void disconnected(Session session) {
    if (busy) {
      failed("a connection ended");
    }
  }

  // ---------------------------------------------------------------------------------- the run

  private void pair(Session circuit) {
    PairingInitiator machine =
        new PairingInitiator(
            secret,
            circuit.channel(relay.id),
            identity,
            PeerCard.of(name, List.of()),
            world.keys());
    circuit.open(
        List.of(PairingProtocol.ID),
        this::failed,
        line -> {
          line.sendFrame(machine.start(world.instant()));
          listen(machine, line);
        });
  }

  private void listen(PairingInitiator machine, Line line) {
    Consumer<OverlayException> lost =
        _ -> {
          var _ = machine.lost();
          failed("the run ended");
        };
    line.onFailure(lost);
    Duration left = Duration.between(world.instant(), machine.deadline());
    line.deadline(left.isPositive() ? left : Duration.ofMillis(1));
    line.frame(
        FRAME_BYTES_MAX,
        frame -> {
          line.noDeadline();
          take(machine, line, machine.receive(frame, world.instant()));
        });
  }

  private void take(PairingInitiator machine, Line line, Step step) {
    world.tell(this, "goes on with " + step.getClass().getSimpleName());
    switch (step) {
      case Step.Send send -> {
        line.sendFrame(send.frame());
        listen(machine, line);
      }
      case Step.CountAndSend proof ->
          disk.locked(() ->
              disk.write(
                  () -> attempts++,
                  () -> {
                    line.sendFrame(proof.frame());
                    listen(machine, line);
                  }));
      case Step.Paired paired ->
          disk.locked(() ->
              disk.write(
                  () -> {
                    if (kind != Kind.RIGHT) {
                      throw new Broken("a wrong code was good enough for " + this);
                    }
                    trusts = true;
                  },
                  () -> {
                    line.sendFrame(paired.done());
                    line.closeWrite();
                    busy = false;
                    loop().after(Duration.ofSeconds(3), this::leave);
                  }));
      case Step.Failed _ -> failed("wrong code, or somebody in between");
      case Step.Unreachable _ -> failed("the inviter said nothing");
    }
  }

  @Override
  public String toString() {
    return name + (attempts > 0 ? " after " + attempts + " proofs" : "");
  }
}
