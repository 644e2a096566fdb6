package io.peerup.node.peers;

import java.time.Duration;
import java.time.Instant;

/// When to try what to reach one peer: a machine without threads, clock or sockets.
///
/// A peer without a connection is dialled on every way known at once (the host staggers direct
/// before relayed). A peer with only a relayed connection is tried directly, less and less often.
/// Failures double the wait; news (an address learned, a relay ready, the network changed) forgives
/// them.
final class PathPlan {

  /// What is known about the peer at this moment.
  ///
  /// @param direct a direct connection lives
  /// @param relayed a relayed connection lives
  /// @param directAddresses direct addresses are known and direct paths are allowed
  /// @param relays a relay is ready to carry us
  record View(boolean direct, boolean relayed, boolean directAddresses, boolean relays) {}

  /// What to do next.
  sealed interface Step {
    /// Dial every way known.
    record Connect() implements Step {}

    /// Dial the direct addresses, keeping the relayed connection meanwhile.
    record Upgrade() implements Step {}

    /// Do nothing until then, or until something changes.
    record Wait(Instant until) implements Step {}
  }

  private int connectFailures;
  private int upgradeFailures;
  private Instant nextConnect = Instant.MIN;
  private Instant nextUpgrade = Instant.MIN;

  Step next(View view, Instant now) {
    if (view.direct()) {
      return new Step.Wait(now.plus(Limits.IDLE));
    }
    if (view.relayed()) {
      if (!view.directAddresses()) {
        return new Step.Wait(now.plus(Limits.IDLE));
      }
      return now.isBefore(nextUpgrade) ? new Step.Wait(nextUpgrade) : new Step.Upgrade();
    }
    if (!view.directAddresses() && !view.relays()) {
      return new Step.Wait(now.plus(Limits.IDLE));
    }
    return now.isBefore(nextConnect) ? new Step.Wait(nextConnect) : new Step.Connect();
  }

  /// An attempt to connect ended.
  void connected(boolean success, Instant now) {
    connectFailures = success ? 0 : connectFailures + 1;
    nextConnect =
        success
            ? Instant.MIN
            : now.plus(backOff(connectFailures, Limits.RETRY_FIRST, Limits.RETRY_MAX));
    if (success && nextUpgrade.isBefore(now.plus(Limits.UPGRADE_FIRST))) {
      // Where a relayed path came first, the dials of direct ones go on by themselves.
      nextUpgrade = now.plus(Limits.UPGRADE_FIRST);
    }
  }

  /// An attempt at a direct path ended.
  void upgraded(boolean success, Instant now) {
    upgradeFailures = success ? 0 : upgradeFailures + 1;
    nextUpgrade =
        success
            ? Instant.MIN
            : now.plus(backOff(upgradeFailures, Limits.UPGRADE_FIRST, Limits.UPGRADE_MAX));
  }

  /// Something changed that makes old failures meaningless.
  void forgive() {
    connectFailures = 0;
    upgradeFailures = 0;
    nextConnect = Instant.MIN;
    nextUpgrade = Instant.MIN;
  }

  private static Duration backOff(int failures, Duration first, Duration max) {
    // Shifting by more than 16 would only reach the maximum again.
    Duration wait = first.multipliedBy(1L << Math.min(failures - 1, 16));
    return wait.compareTo(max) > 0 ? max : wait;
  }
}
