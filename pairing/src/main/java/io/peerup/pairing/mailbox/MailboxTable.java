package io.peerup.pairing.mailbox;

import com.google.gson.JsonObject;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.mailbox.Mailbox.Capability;
import io.peerup.pairing.mailbox.Mailbox.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The mailboxes of a relay. A machine: its owner calls it under one lock, and writes [#snapshot]
/// to disk when [#version] has changed, before any answer leaves.
///
/// A capability lets its holder put messages in, and nothing else: nothing here reads, lists or
/// deletes but for the peer that a mailbox belongs to. The table knows capabilities by their
/// hashes, and messages as sealed bytes.
public final class MailboxTable {

  /// What was left and with whom.
  ///
  /// @param isNew false if the same was left before
  public record Left(PeerId owner, boolean isNew) {}

  /// What one mailbox holds.
  ///
  /// @param owner whose it is
  /// @param guest true if that is a stranger who waits for an answer
  /// @param capabilities how many may be used to leave messages
  /// @param messages how many wait
  /// @param bytes of them together
  public record Held(PeerId owner, boolean guest, int capabilities, int messages, int bytes) {}

  private record Found(Mailbox mailbox, Capability capability) {}

  private final RandomGenerator random;
  private final Map<PeerId, Mailbox> mailboxes = new LinkedHashMap<>();
  private long version;

  /// @param random draws the ids of messages; they are no secrets, so any generator does
  public MailboxTable(RandomGenerator random) {
    this(random, List.of());
  }

  private MailboxTable(RandomGenerator random, List<Mailbox> mailboxes) {
    this.random = random;
    mailboxes.forEach(each -> this.mailboxes.put(each.owner, each));
  }

  /// A member lets whoever knows a capability leave `uses` messages within `ttl`. Asking again for
  /// a capability one already gave changes nothing. Returns its end; empty if it is another's, a
  /// number is out of bounds, or there are too many.
  public Optional<Instant> grant(
      PeerId owner, CapabilityHash hash, int uses, Duration ttl, Instant now) {
    prune(now);
    Found known = find(hash);
    if (known != null) {
      return known.mailbox.owner.equals(owner)
          ? Optional.of(known.capability.expires)
          : Optional.empty();
    }
    if (uses < 1
        || uses > Limits.USES_MAX
        || ttl.compareTo(Limits.TTL_MIN) < 0
        || ttl.compareTo(Limits.TTL_MAX) > 0
        || !mayAdd(owner, false)) {
      return Optional.empty();
    }
    Instant expires = now.plus(ttl);
    add(owner, false, hash, new Capability(uses, expires, null));
    return Optional.of(expires);
  }

  /// Ends a capability; what was left by it stays. False if this peer gave no such one.
  public boolean revoke(PeerId owner, CapabilityHash hash) {
    Mailbox mailbox = mailboxes.get(owner);
    if (mailbox == null || mailbox.capabilities.remove(hash) == null) {
      return false;
    }
    version++;
    return true;
  }

  /// Leaves a message with whoever gave the capability. The same bytes again under the same
  /// capability are taken and change nothing. Empty if there is no such capability, it is used up,
  /// is for somebody else, or there is no room.
  ///
  /// @param isMember who is a member now: whoever deposits without being one gets a guest's mailbox
  ///   for the answer; and nothing is left with somebody who is a member no more
  public Optional<Left> deposit(
      PeerId by, MailboxMessages.Deposit deposit, Predicate<PeerId> isMember, Instant now) {
    prune(now);
    Found found = find(CapabilityHash.of(deposit.capability()));
    if (found == null || !mayUse(found, by, isMember)) {
      return Optional.empty();
    }
    PeerId owner = found.mailbox.owner;
    String content = contentHash(deposit);
    if (found.capability.seen.contains(content)) {
      return Optional.of(new Left(owner, false));
    }
    boolean guest = !isMember.test(by);
    if (found.capability.usesLeft == 0
        || !found.mailbox.hasRoomFor(deposit.message())
        || !hasRoomFor(deposit.message())
        || !(deposit.reply().isEmpty() || mayReply(by, guest, deposit.reply().get()))) {
      return Optional.empty();
    }
    found.capability.usesLeft--;
    found.capability.seen.add(content);
    Instant end = found.capability.expires.plus(Limits.AFTERLIFE);
    found.mailbox.messages.add(
        new Waiting(new Mail(freshId(found.mailbox), deposit.message().clone()), end));
    if (deposit.reply().isPresent()) {
      add(by, guest, deposit.reply().get(), new Capability(1, end, owner));
    }
    version++;
    return Optional.of(new Left(owner, true));
  }

  /// Undoes the deposit that was the last change here, because it cannot be kept: who left it is
  /// told no, and must be able to believe that nothing of it is anywhere.
  public void takeBack(PeerId by, MailboxMessages.Deposit deposit) {
    Found found = find(CapabilityHash.of(deposit.capability()));
    if (found != null && found.capability.seen.remove(contentHash(deposit))) {
      found.capability.usesLeft++;
      found.mailbox.messages.removeLast();
      deposit.reply().ifPresent(reply -> revoke(by, reply));
      version++;
    }
  }

  /// What waits for this peer, oldest first: at most `max` messages that fit one answer, from
  /// behind the message with the id `after`, or from the first if there is none.
  public List<Mail> fetch(PeerId owner, long after, int max, Instant now) {
    prune(now);
    Mailbox mailbox = mailboxes.get(owner);
    if (mailbox == null) {
      return List.of();
    }
    List<Mail> all = mailbox.messages.stream().map(Waiting::mail).toList();
    int from = 0;
    for (int i = 0; i < all.size(); i++) {
      from = all.get(i).id() == after ? i + 1 : from;
    }
    return all.subList(from, Math.min(all.size(), from + Math.min(max, Limits.FETCH_MAX)));
  }

  /// Throws away what this peer has. Ids of nothing and of other peers' messages are ignored.
  public void delete(PeerId owner, Collection<Long> ids) {
    Mailbox mailbox = mailboxes.get(owner);
    if (mailbox != null && mailbox.messages.removeIf(each -> ids.contains(each.mail().id()))) {
      version++;
    }
  }

  /// A peer is a member no more: its mailbox goes, and its right to answer others.
  public void remove(PeerId peer) {
    boolean changed = mailboxes.remove(peer) != null;
    for (Mailbox mailbox : mailboxes.values()) {
      changed |= mailbox.capabilities.values().removeIf(each -> Objects.equals(each.only, peer));
    }
    version += changed ? 1 : 0;
  }

  /// Throws away what is over. Every other call that is told the time does so first.
  public void prune(Instant now) {
    boolean changed = false;
    for (Mailbox mailbox : mailboxes.values()) {
      changed |= mailbox.prune(now);
    }
    changed |= mailboxes.values().removeIf(Mailbox::isEmpty);
    version += changed ? 1 : 0;
  }

  /// True if something waits for this peer.
  public boolean hasMail(PeerId owner, Instant now) {
    return !fetch(owner, 0, 1, now).isEmpty();
  }

  /// Whose mailboxes there are, without those of guests.
  public List<PeerId> members() {
    return mailboxes.values().stream().filter(each -> !each.guest).map(each -> each.owner).toList();
  }

  /// What is kept for whom.
  public List<Held> held(Instant now) {
    prune(now);
    return mailboxes.values().stream()
        .map(each ->
            new Held(
                each.owner,
                each.guest,
                each.capabilities.size(),
                each.messages.size(),
                each.bytes()))
        .toList();
  }

  /// Until when strangers have a reason to be here; [Instant#MIN] if they have none. A capability
  /// that is used up counts until its end, so that its use does not show from outside.
  public Instant openUntil() {
    return mailboxes.values().stream()
        .map(Mailbox::openUntil)
        .max(Instant::compareTo)
        .orElse(Instant.MIN);
  }

  /// Grows with every change of what [#snapshot] gives.
  public long version() {
    return version;
  }

  /// Everything, for the state file.
  public JsonObject snapshot() {
    return MailboxTableJson.write(mailboxes.values());
  }

  /// The table of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static MailboxTable restore(JsonObject snapshot, RandomGenerator random) {
    return new MailboxTable(random, MailboxTableJson.read(snapshot));
  }

  private @Nullable Found find(CapabilityHash hash) {
    for (Mailbox mailbox : mailboxes.values()) {
      Capability capability = mailbox.capabilities.get(hash);
      if (capability != null) {
        return new Found(mailbox, capability);
      }
    }
    return null;
  }

  private static boolean mayUse(Found found, PeerId by, Predicate<PeerId> isMember) {
    PeerId only = found.capability.only;
    return (only == null || only.equals(by))
        && !found.mailbox.owner.equals(by)
        && (found.mailbox.guest || isMember.test(found.mailbox.owner));
  }

  private boolean mayReply(PeerId by, boolean guest, CapabilityHash reply) {
    return find(reply) == null && mayAdd(by, guest);
  }

  /// True if this peer may have one capability more, and a mailbox if it has none.
  private boolean mayAdd(PeerId owner, boolean guest) {
    Mailbox mailbox = mailboxes.get(owner);
    boolean placed =
        mailbox != null
            ? mailbox.capabilities.size() < Limits.CAPABILITIES_PER_MAILBOX_MAX
            : mailboxes.size() < Limits.MAILBOXES_MAX && !(guest && guests() >= Limits.GUESTS_MAX);
    return placed
        && mailboxes.values().stream().mapToInt(each -> each.capabilities.size()).sum()
            < Limits.CAPABILITIES_MAX;
  }

  private long guests() {
    return mailboxes.values().stream().filter(each -> each.guest).count();
  }

  private void add(PeerId owner, boolean guest, CapabilityHash hash, Capability capability) {
    Mailbox mailbox = mailboxes.computeIfAbsent(owner, _ -> new Mailbox(owner, guest));
    mailbox.guest &= guest;
    mailbox.capabilities.put(hash, capability);
    version++;
  }

  private boolean hasRoomFor(byte[] message) {
    int count = mailboxes.values().stream().mapToInt(each -> each.messages.size()).sum();
    int bytes = mailboxes.values().stream().mapToInt(Mailbox::bytes).sum();
    return count < Limits.MESSAGES_MAX && bytes + message.length <= Limits.BYTES_MAX;
  }

  private static String contentHash(MailboxMessages.Deposit deposit) {
    byte[] reply = deposit.reply().map(CapabilityHash::bytes).orElse(new byte[0]);
    byte[] replies = {(byte) reply.length};
    return HexFormat.of()
        .formatHex(Hashes.sha256("peerup-deposit-v1", replies, reply, deposit.message()));
  }

  private long freshId(Mailbox mailbox) {
    while (true) {
      long id = random.nextLong();
      if (id != 0 && mailbox.messages.stream().noneMatch(each -> each.mail().id() == id)) {
        return id;
      }
    }
  }
}
