package io.peerup.simulation;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.transport.Loop;
import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;

/// Time, chance and the order of everything. Tasks of one loop run in their order; which loop goes
/// next is chance.
final class World {

  /// More would be two sides keeping each other busy for ever.
  private static final int TASKS_MAX = 3_000_000;

  private static final boolean TRACE = Boolean.getBoolean("sim.trace");

  private record Due(long at, long order, Runnable task) {}

  final SplittableRandom random;

  /// Keys have their own chance, so that a handshake that draws more or less does not change what
  /// happens in the world.
  private final SplittableRandom secrets;

  final Sabotage sabotage;
  private final PriorityQueue<Due> timers =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
  private final List<Task> busy = new ArrayList<>();
  private long now;
  private long orders;
  private int tasks;
  private boolean sabotaged;

  World(long seed, Sabotage sabotage) {
    this.random = new SplittableRandom(seed);
    this.secrets = random.split();
    this.sabotage = sabotage;
  }

  /// True the first time it is asked for the mistake that this world has.
  boolean sabotages(Sabotage kind) {
    if (sabotage != kind) {
      return false;
    }
    sabotaged = true;
    return true;
  }

  /// Whether the mistake has been made.
  boolean sabotaged() {
    return sabotaged;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  Duration between(long minMillis, long maxMillis) {
    return Duration.ofNanos(random.nextLong(minMillis * 1_000_000, maxMillis * 1_000_000 + 1));
  }

  KeyRandom keys() {
    return secrets::nextBytes;
  }

  Instant instant() {
    return VirtualClock.START.plusNanos(now);
  }

  long nanoTime() {
    return now;
  }

  /// One line of the story, for whoever replays a seed.
  void tell(Object who, String what) {
    if (TRACE) {
      System.out.printf("%10.3f %s: %s%n", now / 1e9, who, what);
    }
  }

  /// How much has happened.
  int tasks() {
    return tasks;
  }

  /// Something outside all loops.
  void after(Duration delay, Runnable task) {
    timers.add(new Due(now + delay.toNanos(), orders++, task));
  }

  /// Runs everything until that much later.
  void run(Duration time) {
    long until = now + time.toNanos();
    while (true) {
      if (!busy.isEmpty()) {
        one();
      } else if (!timers.isEmpty() && timers.peek().at() <= until) {
        Due due = timers.remove();
        now = Math.max(now, due.at());
        due.task().run();
      } else {
        now = until;
        return;
      }
    }
  }

  private void one() {
    if (++tasks > TASKS_MAX) {
      throw new Broken("the world never comes to rest");
    }
    Task loop = busy.get(random.nextInt(busy.size()));
    Runnable task = loop.tasks.remove();
    if (loop.tasks.isEmpty()) {
      busy.remove(loop);
    }
    task.run();
  }

  /// A loop of a process that may be killed.
  Task loop() {
    return new Task();
  }

  final class Task implements Loop {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean killed;

    /// Nothing of it happens any more.
    void kill() {
      killed = true;
      tasks.clear();
      busy.remove(this);
    }

    @Override
    public boolean inLoop() {
      return true;
    }

    @Override
    public void execute(Runnable task) {
      if (!killed) {
        if (tasks.isEmpty()) {
          busy.add(this);
        }
        tasks.add(task);
      }
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
      boolean[] cancelled = {false};
      World.this.after(
          delay,
          () -> {
            if (!cancelled[0]) {
              execute(task);
            }
          });
      return () -> cancelled[0] = true;
    }

    @Override
    public long nanoTime() {
      return now;
    }
  }
}
