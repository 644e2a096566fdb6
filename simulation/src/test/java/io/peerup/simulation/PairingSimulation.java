package io.peerup.simulation;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.InviteSummary;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.SecretDoor;
import io.peerup.pairing.rendezvous.Limits;
import io.peerup.pairing.rendezvous.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// One world in which strangers pair by an invite: they find the inviter at the relay, come to it
/// through a circuit and run the pairing with it, while the network and the processes fail, before
/// and after each write to a disk. Then all is well again, everybody who is not in tries once more,
/// and what must be true is looked at.
final class PairingSimulation {

  private static final byte[] SELECTOR = "EJWJ7KQ".getBytes(StandardCharsets.US_ASCII);

  /// Silence is noticed after 40 s, a stall after 30 s more.
  private static final Duration RECOVERY = Duration.ofSeconds(200);

  /// One try after the other: longer than a ticket, a run and a stay at the relay.
  private static final Duration ONE_TRY = Limits.TICKET_TIME.plusSeconds(40);

  private final World world;
  private final Relay relay;
  private final Inviter inviter;
  private final List<Guest> guests = new ArrayList<>();

  private PairingSimulation(long seed, Sabotage sabotage) {
    world = new World(seed, sabotage);
    PeerId relayId = new Relay(world, Relay.codes(world, 1, new Impostor(world).id).spec()).id;
    relay = new Relay(world, Relay.codes(world, 1, relayId).spec());
    PairingSecret code = secret();
    inviter = new Inviter(world, relay, code);
    relay.enrol(inviter.id);
    int right = 1 + world.random.nextInt(2); // or two devices, one code
    for (int i = 0; i < right; i++) {
      guests.add(new Guest(world, 50 + i, relay, inviter.id, code, Guest.Kind.RIGHT));
    }
    if (world.chance(0.4)) {
      guests.add(new Guest(world, 60, relay, inviter.id, secret(), Guest.Kind.WRONG));
    }
    if (world.chance(0.3)) {
      guests.add(new Guest(world, 70, relay, inviter.id, code, Guest.Kind.SNEAKS));
    }
  }

  private PairingSecret secret() {
    return SecretDoor.secret(Selector.TYPED, SELECTOR, world.keys().bytes(PairingSecret.PRS_BYTES));
  }

  /// What a run came to: the same for the same seed.
  record Result(long fingerprint, boolean paired, boolean burned) {}

  /// Throws [Broken].
  static Result run(long seed, Sabotage sabotage) {
    PairingSimulation simulation = new PairingSimulation(seed, sabotage);
    simulation.live();
    simulation.once();
    simulation.check();
    simulation.end();
    return new Result(
        simulation.world.random.nextLong() ^ simulation.world.tasks(),
        !simulation.inviter.trusted().isEmpty(),
        simulation.isBurned());
  }

  private void live() {
    inviter.connect();
    guests.forEach(guest -> world.after(world.between(1_000, 12_000), guest::join));
    int faults = world.random.nextInt(5);
    List<Party> all = all();
    for (int i = 0; i < faults; i++) {
      world.after(world.between(0, 20_000), () -> Faults.one(world, all));
    }
    world.run(Duration.ofSeconds(25));
    world.run(RECOVERY);
  }

  /// The one retry.
  private void once() {
    inviter.disk.calm();
    guests.forEach(guest -> guest.disk.calm());
    for (Guest guest : guests) {
      if (guest.isBusy()) {
        throw new Broken(guest + " is stuck");
      }
      guest.join();
      world.run(ONE_TRY);
    }
  }

  private boolean isBurned() {
    return inviter.invite().state() == InviteSummary.State.BURNED;
  }

  /// Both or neither, and one device a code.
  private void check() {
    Set<PeerId> in = new HashSet<>();
    for (Guest guest : guests) {
      if (guest.isBusy()) {
        throw new Broken(guest + " is stuck in a world without faults");
      }
      if (guest.trusts()) {
        in.add(guest.id);
      }
    }
    if (!inviter.trusted().equals(in)) {
      throw new Broken(
          "the inviter trusts " + inviter.trusted() + ", but these trust the inviter: " + in);
    }
    if (in.size() > 1) {
      throw new Broken("the code worked for " + in);
    }
    if (in.isEmpty() && !isBurned()) {
      throw new Broken("nobody is in, though " + inviter.invite() + " could be used");
    }
    if (!inviter.owesNothing()) {
      throw new Broken("the inviter's disk and memory say different things");
    }
  }

  /// All leave; the relay is as empty as it was.
  private void end() {
    inviter.online = false;
    guests.forEach(Guest::leave);
    List.copyOf(inviter.sessions).forEach(Session::close);
    world.run(RECOVERY);
    for (Party process : all()) {
      if (!process.sessions.isEmpty() || !process.links.isEmpty()) {
        throw new Broken(process + " still has " + process.sessions + " and " + process.links);
      }
    }
    if (relay.table.circuits() != 0
        || relay.table.reservations(world.instant()) != 0
        || relay.probation.size() != 0) {
      throw new Broken("the relay still counts circuits, reservations or strangers");
    }
  }

  private List<Party> all() {
    List<Party> all = new ArrayList<>(guests);
    all.add(inviter);
    all.add(relay);
    return all;
  }
}
