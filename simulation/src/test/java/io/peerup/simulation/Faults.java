package io.peerup.simulation;

import java.util.List;
import java.util.function.Consumer;

/// What may go wrong with processes and between them.
final class Faults {

  private Faults() {}

  /// One of them crashes for a while, or one of its links is held up, cut or reset.
  static void one(World world, List<? extends Party> all) {
    Party victim = all.get(world.random.nextInt(all.size()));
    switch (world.random.nextInt(5)) {
      case 0 -> {
        if (victim.isRunning()) {
          victim.crash();
          world.after(world.between(0, 4_000), victim::restart);
        }
      }
      case 1, 2 -> onSomeLink(victim, "stalled", link -> link.stall(world.between(10, 60_000)));
      case 3 -> onSomeLink(victim, "cut", link -> link.cut(world.between(0, 100_000)));
      default -> onSomeLink(victim, "reset", Link::abortFromOutside);
    }
  }

  private static void onSomeLink(Party victim, String what, Consumer<Link> fault) {
    if (!victim.links.isEmpty()) {
      victim.world.tell(victim, "a link is " + what);
      fault.accept(victim.links.get(victim.world.random.nextInt(victim.links.size())));
    }
  }
}
