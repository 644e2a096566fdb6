package io.peerup.simulation;

import java.util.ArrayDeque;
import java.util.Queue;

/// A process's lock around its state and the disk under it: one task at a time, and none while a
/// write is on its way. A write happens as a whole or not at all, and the process may be killed
/// before it or right behind it.
final class Disk {

  private final Party process;
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private boolean writing;
  private int writesUntilCrash;

  Disk(Party process) {
    this.process = process;
    World world = process.world;
    this.writesUntilCrash = world.chance(0.5) ? 1 + world.random.nextInt(5) : 0;
  }

  /// From now on writing kills nobody.
  void calm() {
    writesUntilCrash = 0;
  }

  /// The process died: what waited is gone.
  void forget() {
    tasks.clear();
    writing = false;
  }

  void locked(Runnable task) {
    tasks.add(task);
    next();
  }

  private void next() {
    while (!writing && !tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  /// Only from a task. What follows comes before any other task.
  void write(Runnable effect, Runnable then) {
    writing = true;
    World world = process.world;
    process
        .loop()
        .after(
            world.between(0, world.chance(0.1) ? 2_000 : 30),
            () -> {
              boolean dies = --writesUntilCrash == 0;
              if (dies && world.chance(0.5)) {
                die();
                return;
              }
              effect.run();
              if (dies) {
                die();
                return;
              }
              writing = false;
              then.run();
              next();
            });
  }

  private void die() {
    process.crash();
    process.world.after(process.world.between(0, 4_000), process::restart);
  }
}
