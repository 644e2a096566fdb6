package io.peerup.relay.group;

import java.time.Duration;
import java.time.Instant;

/// When an answer leaves: on a grid of time, so that neither the cause of a refusal nor the length
/// of the work shows. Pure.
final class AnswerTick {

  private final Duration grid;
  private final Duration delayMin;

  AnswerTick(Duration grid, Duration delayMin) {
    this.grid = grid;
    this.delayMin = delayMin;
  }

  /// The grid of group pairing.
  static AnswerTick ofPairing() {
    return new AnswerTick(
        io.peerup.pairing.Limits.ANSWER_TICK, io.peerup.pairing.Limits.ANSWER_DELAY_MIN);
  }

  /// The first tick that is at least the minimum after `arrival` and not before `ready`.
  Instant due(Instant arrival, Instant ready) {
    Instant earliest = arrival.plus(delayMin);
    Instant from = ready.isAfter(earliest) ? ready : earliest;
    long step = grid.toMillis();
    Instant tick = Instant.ofEpochMilli(Math.floorDiv(from.toEpochMilli(), step) * step);
    return tick.isBefore(from) ? tick.plus(grid) : tick;
  }
}
