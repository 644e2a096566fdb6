package io.peerup.node.lan;

import io.peerup.libp2p.PeerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// When to ask for which of the peers that are missing. A machine.
final class SeekPlan {

  private final Set<PeerId> missed = new HashSet<>();
  private Instant due = Instant.MIN;
  private Duration wait = Limits.PEERS_AGAIN;
  private int turn;

  /// Whom to ask for now; empty for nobody. At most [Limits#PEERS_MAX], others take turns.
  List<PeerId> wanted(Collection<PeerId> missing, Instant now) {
    if (!missed.containsAll(missing)) {
      due = now;
      wait = Limits.PEERS_AGAIN;
    }
    missed.retainAll(missing);
    missed.addAll(missing);
    if (missing.isEmpty() || now.isBefore(due)) {
      return List.of();
    }
    due = now.plus(wait);
    Duration doubled = wait.multipliedBy(2);
    wait = doubled.compareTo(Limits.PEERS_AGAIN_MAX) < 0 ? doubled : Limits.PEERS_AGAIN_MAX;
    List<PeerId> all = new ArrayList<>(missing);
    Collections.sort(all);
    Collections.rotate(all, -turn % all.size());
    turn = (turn + Limits.PEERS_MAX) % all.size();
    return all.stream().limit(Limits.PEERS_MAX).toList();
  }
}
