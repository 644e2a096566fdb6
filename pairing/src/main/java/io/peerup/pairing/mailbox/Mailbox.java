package io.peerup.pairing.mailbox;

import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a [MailboxTable] holds for one peer.
final class Mailbox {

  /// A right to leave messages here.
  static final class Capability {
    int usesLeft;
    final Instant expires;
    // Who alone may use it: the one that is to answer. Anybody if null.
    final @Nullable PeerId only;
    // Hashes of what was left by it: the same again changes nothing.
    final Set<String> seen = new LinkedHashSet<>();

    Capability(int usesLeft, Instant expires, @Nullable PeerId only) {
      this.usesLeft = usesLeft;
      this.expires = expires;
      this.only = only;
    }
  }

  /// A message, and when it is thrown away.
  record Waiting(Mail mail, Instant expires) {}

  final PeerId owner;

  // A stranger's, which exists for the answer to what the stranger left with a member.
  boolean guest;

  final Map<CapabilityHash, Capability> capabilities = new LinkedHashMap<>();
  final List<Waiting> messages = new ArrayList<>();

  Mailbox(PeerId owner, boolean guest) {
    this.owner = owner;
    this.guest = guest;
  }

  int bytes() {
    return messages.stream().mapToInt(waiting -> waiting.mail().message().length).sum();
  }

  boolean hasRoomFor(byte[] message) {
    return messages.size() < Limits.MESSAGES_PER_MAILBOX_MAX
        && bytes() + message.length <= Limits.BYTES_PER_MAILBOX_MAX;
  }

  boolean isEmpty() {
    return capabilities.isEmpty() && messages.isEmpty();
  }

  /// True if anything ended.
  boolean prune(Instant now) {
    boolean ended = capabilities.values().removeIf(each -> !now.isBefore(each.expires));
    return messages.removeIf(each -> !now.isBefore(each.expires())) || ended;
  }

  /// Until when strangers have a reason to come because of this mailbox: while they may leave
  /// something here or, if it is a stranger's, while something may wait.
  Instant openUntil() {
    Instant end = Instant.MIN;
    for (Capability each : capabilities.values()) {
      end = later(end, each.expires);
    }
    if (guest) {
      for (Waiting each : messages) {
        end = later(end, each.expires());
      }
    }
    return end;
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
