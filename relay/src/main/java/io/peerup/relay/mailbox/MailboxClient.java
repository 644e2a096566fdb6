package io.peerup.relay.mailbox;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.pairing.mailbox.Limits;
import io.peerup.pairing.mailbox.Mail;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxMessages.Delete;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.mailbox.MailboxMessages.Fetch;
import io.peerup.pairing.mailbox.MailboxMessages.Grant;
import io.peerup.pairing.mailbox.MailboxMessages.Request;
import io.peerup.pairing.mailbox.MailboxMessages.Revoke;
import io.peerup.relay.group.UniformProtocol;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// A device's side of the mailbox, over a direct connection to a relay. Thread-safe, but a relay
/// takes one request a connection at a time and resets a second one. Calls block for at most twice
/// the timeout and belong on virtual threads; what they throw is said at
/// [io.peerup.relay.rendezvous.RendezvousClient]. "No" is an ordinary answer, and the relay does
/// not say why.
public final class MailboxClient {

  private final Connection relay;
  private final Duration timeout;

  /// @param relay a connection to the relay itself, not through one
  /// @param timeout for opening the stream, and again for the answer; the relay takes 100 to 150 ms
  public MailboxClient(Connection relay, Duration timeout) {
    this.relay = relay;
    this.timeout = timeout;
  }

  /// For members: whoever knows the capability may leave so many messages within this time. Asking
  /// again for a capability that we gave changes nothing. Returns when it ends, in whole seconds;
  /// empty if a number is out of bounds (see [Limits]) or there are too many.
  public Optional<Instant> grant(CapabilityHash capability, int uses, Duration ttl) {
    return ask(new Grant(capability, uses, ttl), MailboxMessages::decodeGranted);
  }

  /// For members: nobody may leave more messages by this capability. False if we gave no such one.
  public boolean revoke(CapabilityHash capability) {
    return ask(new Revoke(capability), MailboxMessages::decodeDone);
  }

  /// Leaves a message with whoever gave the capability. Sending the same again, e.g. because an
  /// answer was lost, leaves it once.
  ///
  /// @param capability [Limits#CAPABILITY_BYTES] bytes
  /// @param message 1 … [Limits#MESSAGE_BYTES_MAX] bytes
  /// @param reply the hash of a capability that we made and told nobody but the owner, inside the
  ///   message: with it the owner leaves one message in a mailbox of ours, until a day after the
  ///   capability's end
  public boolean deposit(byte[] capability, byte[] message, Optional<CapabilityHash> reply) {
    return ask(new Deposit(capability, message, reply), MailboxMessages::decodeDone);
  }

  /// What waits for us, oldest first, at most [Limits#FETCH_MAX] messages. They stay until they are
  /// deleted. Empty if the relay refused, which it does when strangers ask too often.
  ///
  /// @param after the id of the last message seen, to be shown those left after it; 0 for the first
  public Optional<List<Mail>> fetch(long after) {
    return ask(new Fetch(after, Limits.FETCH_MAX), MailboxMessages::decodeFetched);
  }

  /// Throws messages of ours away; ids of none are ignored.
  ///
  /// @param ids at most [Limits#MESSAGES_PER_MAILBOX_MAX]
  public boolean delete(List<Long> ids) {
    return ask(new Delete(ids), MailboxMessages::decodeDone);
  }

  private <T> T ask(Request request, Function<byte[], T> read) {
    byte[] answer =
        UniformProtocol.ask(
            relay,
            MailboxMessages.PROTOCOL,
            MailboxMessages.encode(request),
            Limits.ANSWER_BYTES_MAX,
            timeout);
    try {
      return read.apply(answer);
    } catch (MalformedInput e) {
      throw new ProtocolViolation("the relay's answer is malformed: " + e.getMessage(), e);
    }
  }
}
