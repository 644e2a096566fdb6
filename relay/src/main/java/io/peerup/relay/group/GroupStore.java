package io.peerup.relay.group;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupSpec;
import io.peerup.pairing.GroupSummary;
import io.peerup.pairing.GroupTable;
import io.peerup.pairing.PairMessages.PeerNotice;
import io.peerup.pairing.PairOutcome;
import io.peerup.pairing.PairWork;
import io.peerup.pairing.SourcePrefix;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// The groups of a relay, in memory and on disk: every change is written and flushed before the
/// call that made it returns, so that no crash gives an attempt back. Thread-safe; blocks on the
/// disk, except for [#hasLiveGroup()].
public final class GroupStore {

  private final Path file;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final GroupTable table;
  // True while the disk lacks something that memory has, because a write failed.
  private boolean unsaved;
  private volatile Instant liveUntil = Instant.MIN;

  private GroupStore(Path file, GroupTable table, InstantSource clock) {
    this.file = file;
    this.table = table;
    this.clock = clock;
    updateLiveUntil(clock.instant());
  }

  /// Opens the groups kept in this file; none if there is no file.
  ///
  /// @throws Failure `state-damaged` if the file cannot be understood: starting without it would
  ///   forget burned groups and used codes
  public static GroupStore open(Path file, InstantSource clock) {
    return open(file, clock, PairWork.uncounted());
  }

  static GroupStore open(Path file, InstantSource clock, PairWork work) {
    Optional<byte[]> stored = PrivateFiles.readIfExists(file);
    if (stored.isEmpty()) {
      return new GroupStore(file, new GroupTable(work), clock);
    }
    try {
      JsonObject tree = Jsons.parseObject(new String(stored.get(), StandardCharsets.UTF_8));
      return new GroupStore(file, GroupTable.restore(tree, work), clock);
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          "cannot understand " + file + ": " + e.getMessage(),
          "restore the file from a backup; or move it away to start without groups: members stay"
              + " authorised, but unused codes die and late members are not introduced",
          e);
    }
  }

  /// Opens a group; see [GroupTable#create].
  ///
  /// @throws Failure if it cannot be written; then it does not exist
  public GroupSummary create(
      GroupSpec spec, Duration ttl, Optional<Duration> authorisation, String namespace) {
    lock.lock();
    try {
      GroupSummary made = table.create(spec, ttl, authorisation, namespace, clock.instant());
      try {
        save();
      } catch (Failure e) {
        table.revoke(made.group());
        updateLiveUntil(clock.instant());
        throw e;
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  /// Gives a group fresh codes; see [GroupTable#reissue]. Empty if there is no such group.
  ///
  /// @throws Failure if it cannot be written: then nobody should be given the new codes
  public Optional<GroupSummary> reissue(String group, List<byte[]> tokenHashes, Duration ttl) {
    lock.lock();
    try {
      Optional<GroupSummary> made = table.reissue(group, tokenHashes, ttl, clock.instant());
      if (made.isPresent()) {
        save();
      }
      return made;
    } finally {
      lock.unlock();
    }
  }

  /// Decides on a join and writes what it changed. When writing fails the change stays in memory
  /// (an attempt is never given back) and the failure is thrown: tell the joiner "no".
  public PairOutcome join(byte[] frame, PeerId peer, SourcePrefix source) {
    lock.lock();
    try {
      PairOutcome outcome = table.join(frame, peer, source, clock.instant());
      if (outcome.changed() || unsaved) {
        save();
      }
      return outcome;
    } finally {
      lock.unlock();
    }
  }

  /// Ends a group's unused codes; false if there is no such group.
  public boolean revoke(String group) {
    lock.lock();
    try {
      boolean found = table.revoke(group);
      if (found) {
        save();
      }
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// Takes a peer out of all groups for good; false if it was in none.
  public boolean removeMember(PeerId peer) {
    lock.lock();
    try {
      boolean removed = table.removeMember(peer);
      if (removed || unsaved) {
        save();
      }
      return removed;
    } finally {
      lock.unlock();
    }
  }

  /// What this member should be told about others.
  public List<PeerNotice> noticesFor(PeerId member) {
    lock.lock();
    try {
      return table.noticesFor(member, clock.instant());
    } finally {
      lock.unlock();
    }
  }

  /// All groups, oldest first.
  public List<GroupSummary> groups() {
    lock.lock();
    try {
      if (table.prune(clock.instant())) {
        save();
      }
      return table.groups(clock.instant());
    } finally {
      lock.unlock();
    }
  }

  /// True while strangers have a reason to be here. Never blocks.
  public boolean hasLiveGroup() {
    return clock.instant().isBefore(liveUntil);
  }

  private void save() {
    unsaved = true;
    updateLiveUntil(clock.instant());
    PrivateFiles.write(file, table.snapshot().toString().getBytes(StandardCharsets.UTF_8));
    unsaved = false;
  }

  private void updateLiveUntil(Instant now) {
    liveUntil =
        table.groups(now).stream()
            .filter(group -> isLive(group.state()))
            .map(GroupSummary::expires)
            .max(Comparator.naturalOrder())
            .orElse(Instant.MIN);
  }

  /// A burned group still answers (always "no"): that it burned must not show from outside.
  private static boolean isLive(GroupSummary.State state) {
    return switch (state) {
      case OPEN, BURNED -> true;
      case REVOKED, EXPIRED -> false;
    };
  }
}
