package io.peerup.relay.mailbox;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.pairing.mailbox.Mail;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// The mailboxes of a relay, in memory and on disk: every change is written and flushed before the
/// call that made it returns. Thread-safe; blocks on the disk, except for [#isOpen()].
///
/// When writing fails, the call throws [Failure]. A deposit is then undone: who is told no gives it
/// up, so that it must not be delivered later. Any other change stays in memory, and the next call
/// writes it. So nothing is answered with "yes" that the disk lacks.
public final class Mailboxes {

  private final Path file;
  private final InstantSource clock;
  private final MailboxTable table;
  private final ReentrantLock lock = new ReentrantLock();
  private long savedVersion;
  private volatile Instant openUntil;

  private Mailboxes(Path file, MailboxTable table, InstantSource clock) {
    this.file = file;
    this.table = table;
    this.clock = clock;
    this.savedVersion = table.version();
    this.openUntil = table.openUntil();
  }

  /// Opens the mailboxes kept in this file; none if there is no file.
  ///
  /// @param random draws the ids of messages, which are no secrets
  /// @throws Failure `state-damaged` if the file cannot be understood: starting without it would
  ///   lose what waits
  public static Mailboxes open(Path file, RandomGenerator random, InstantSource clock) {
    Optional<byte[]> stored = PrivateFiles.readIfExists(file);
    if (stored.isEmpty()) {
      return new Mailboxes(file, new MailboxTable(random), clock);
    }
    try {
      JsonObject tree = Jsons.parseObject(new String(stored.get(), StandardCharsets.UTF_8));
      return new Mailboxes(file, MailboxTable.restore(tree, random), clock);
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          "cannot understand " + file + ": " + e.getMessage(),
          "restore the file from a backup; or move it away to start without mailboxes: messages"
              + " that wait are lost, and open invite links must be made anew",
          e);
    }
  }

  /// True while strangers have a reason to be here. Never blocks.
  public boolean isOpen() {
    return clock.instant().isBefore(openUntil);
  }

  /// A peer is a member no more: its mailbox goes.
  public void remove(PeerId peer) {
    change(() -> {
      table.remove(peer);
      return true;
    });
  }

  /// Removes the mailboxes of all members of whom this is true.
  public void removeIf(Predicate<PeerId> isGone) {
    change(() -> {
      table.members().stream().filter(isGone).forEach(table::remove);
      return true;
    });
  }

  /// Who has a mailbox as a member.
  public List<PeerId> members() {
    lock.lock();
    try {
      return table.members();
    } finally {
      lock.unlock();
    }
  }

  /// What is kept for whom.
  public List<MailboxTable.Held> held() {
    return change(() -> table.held(clock.instant()));
  }

  Optional<Instant> grant(PeerId owner, CapabilityHash capability, int uses, Duration ttl) {
    return change(() -> table.grant(owner, capability, uses, ttl, clock.instant()));
  }

  boolean revoke(PeerId owner, CapabilityHash capability) {
    return change(() -> table.revoke(owner, capability));
  }

  Optional<MailboxTable.Left> deposit(
      PeerId by, MailboxMessages.Deposit deposit, Predicate<PeerId> isMember) {
    return change(
        () -> table.deposit(by, deposit, isMember, clock.instant()),
        left -> {
          if (left.filter(MailboxTable.Left::isNew).isPresent()) {
            table.takeBack(by, deposit);
          }
        });
  }

  List<Mail> fetch(PeerId owner, long after, int max) {
    return change(() -> table.fetch(owner, after, max, clock.instant()));
  }

  boolean delete(PeerId owner, Collection<Long> ids) {
    return change(() -> {
      table.delete(owner, ids);
      return true;
    });
  }

  boolean hasMail(PeerId owner) {
    return change(() -> table.hasMail(owner, clock.instant()));
  }

  void prune() {
    change(() -> {
      table.prune(clock.instant());
      return true;
    });
  }

  private <T> T change(Supplier<T> change) {
    return change(change, _ -> {});
  }

  private <T> T change(Supplier<T> change, Consumer<T> undo) {
    lock.lock();
    try {
      T result = change.get();
      try {
        save();
      } catch (Failure e) {
        undo.accept(result);
        throw e;
      } finally {
        openUntil = table.openUntil();
      }
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void save() {
    long version = table.version();
    if (version != savedVersion) {
      PrivateFiles.write(file, table.snapshot().toString().getBytes(StandardCharsets.UTF_8));
      savedVersion = version;
    }
  }
}
