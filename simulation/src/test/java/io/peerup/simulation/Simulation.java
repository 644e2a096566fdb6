package io.peerup.simulation;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One world from its beginning to its end: some devices join a group and talk, while the network
/// and the processes fail; then all is well again, and what must be true is looked at.
final class Simulation {

  /// Silence is noticed after 40 s, a stall after 30 s more, and then everybody tries again.
  private static final Duration RECOVERY = Duration.ofSeconds(200);

  /// Less than the 30 s after which a keep-alive would wake up what sleeps by mistake; the slowest
  /// reader is through in a few.
  private static final Duration CALM = Duration.ofSeconds(20);

  private final World world;
  private final Impostor impostor;
  private final Relay relay;
  private final List<Member> members = new ArrayList<>();

  private Simulation(long seed, Sabotage sabotage) {
    world = new World(seed, sabotage);
    impostor = new Impostor(world);
    int count = 2 + world.random.nextInt(2);
    PeerId relayId = new Relay(world, Relay.codes(world, 1, impostor.id).spec()).id;
    GroupCode.NewGroup group = Relay.codes(world, count, relayId);
    relay = new Relay(world, group.spec());
    for (int i = 0; i < count; i++) {
      members.add(new Member(world, 10 + i, relay, impostor, group.codes().get(i), false));
    }
    if (world.chance(0.3)) { // two devices, one code
      members.add(new Member(world, 20, relay, impostor, group.codes().getFirst(), false));
    }
    if (world.chance(0.3)) {
      members.add(new Member(world, 30, relay, impostor, group.codes().getLast(), true));
    }
  }

  /// What a run came to: the same for the same seed.
  record Result(long fingerprint, boolean sabotaged, int swapsDone, int swapsFailed) {}

  /// Throws [Broken].
  static Result run(long seed, Sabotage sabotage) {
    Simulation simulation = new Simulation(seed, sabotage);
    simulation.live();
    simulation.checkRest();
    simulation.checkMembership();
    simulation.end();
    return simulation.result();
  }

  private void live() {
    for (Member member : members) {
      world.after(world.between(0, 2_000), member::connect);
    }
    int faults = world.random.nextInt(7);
    for (int i = 0; i < faults; i++) {
      world.after(world.between(0, 12_000), this::fault);
    }
    world.run(Duration.ofSeconds(15));
    members.forEach(member -> member.active = false);
    if (faults == 0) {
      world.run(CALM);
      checkSwaps("is slow though nothing was wrong");
    }
    world.run(RECOVERY);
  }

  private void fault() {
    List<Party> all = new ArrayList<>(members);
    all.add(relay);
    Faults.one(world, all);
  }

  /// Nothing is stuck: everything came to an end, or to where it should be.
  private void checkRest() {
    checkSwaps("is stuck");
    for (Member member : members) {
      if (!member.isDecided()) {
        throw new Broken(member + " never heard whether it is in");
      }
      if (member.membership().isPresent() && !member.isReserved()) {
        throw new Broken(member + " has no reservation");
      }
      if (member.membership().isPresent() && !relay.table.isReserved(member.id, world.instant())) {
        throw new Broken("the relay does not know the reservation of " + member);
      }
    }
  }

  private void checkSwaps(String complaint) {
    for (Party process : all()) {
      for (Swap swap : process.swaps) {
        if (!swap.isOver()) {
          throw new Broken(process + " " + complaint + ": " + swap);
        }
      }
    }
  }

  /// Both sides agree on who is in, and everyone who is in knows everyone.
  private void checkMembership() {
    Set<PeerId> in = new HashSet<>();
    Map<String, Member> byCode = new HashMap<>();
    for (Member member : members) {
      if (member.membership().isEmpty()) {
        if (relay.members().contains(member.id)) {
          throw new Broken(member + " was refused, but the relay has it");
        }
        continue;
      }
      in.add(member.id);
      Member other = byCode.put(member.code.text(), member);
      if (other != null) {
        throw new Broken(member + " and " + other + " are in with the same code");
      }
    }
    if (!relay.members().equals(in)) {
      throw new Broken("the relay has " + relay.members() + ", but these are in: " + in);
    }
    for (Member member : members) {
      member
          .membership()
          .ifPresent(group -> {
            Set<PeerId> known = new HashSet<>(group.members());
            known.add(member.id);
            if (!known.equals(in)) {
              throw new Broken(member + " knows " + known + ", but these are in: " + in);
            }
          });
    }
    boolean burned = relay.failures() >= io.peerup.pairing.Limits.FAILURES_MAX;
    long codes =
        members.stream().filter(m -> !m.isGuesser()).map(m -> m.code.text()).distinct().count();
    if (!burned && in.size() != codes) {
      throw new Broken(in.size() + " of " + codes + " good codes let somebody in");
    }
  }

  /// All leave; the relay is as empty as it was.
  private void end() {
    for (Member member : members) {
      member.online = false;
      List.copyOf(member.sessions).forEach(Session::close);
    }
    world.run(RECOVERY);
    for (Party process : all()) {
      if (!process.sessions.isEmpty() || !process.links.isEmpty()) {
        throw new Broken(process + " still has " + process.sessions + " and " + process.links);
      }
    }
    if (relay.table.circuits() != 0 || relay.table.reservations(world.instant()) != 0) {
      throw new Broken(
          "the relay still counts "
              + relay.table.circuits()
              + " circuits and "
              + relay.table.reservations(world.instant())
              + " reservations");
    }
    for (Member member : members) {
      if (relay.table.circuitsOf(member.id) != 0) {
        throw new Broken("the relay still counts circuits of " + member);
      }
    }
    if (relay.probation.size() != 0) {
      throw new Broken("the relay still counts strangers");
    }
  }

  private List<Party> all() {
    List<Party> all = new ArrayList<>(members);
    all.add(relay);
    all.add(impostor);
    return all;
  }

  private Result result() {
    int done = 0;
    int failed = 0;
    for (Party process : all()) {
      for (Swap swap : process.swaps) {
        if (swap.isFailed()) {
          failed++;
        } else {
          done++;
        }
      }
    }
    return new Result(world.random.nextLong() ^ world.tasks(), world.sabotaged(), done, failed);
  }
}
