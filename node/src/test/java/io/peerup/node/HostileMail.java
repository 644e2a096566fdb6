package io.peerup.node;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.mailbox.Limits;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxMessages.Delete;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.mailbox.MailboxMessages.Fetch;
import io.peerup.pairing.mailbox.MailboxMessages.Grant;
import io.peerup.pairing.mailbox.MailboxMessages.Revoke;
import io.peerup.pairing.mailbox.MailboxTable;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/// The mailboxes of a relay that takes everybody for a member, shows every request and every answer
/// to whoever wants to see them, and treats deposits as it is told.
final class HostileMail {

  /// What becomes of one deposit that is not treated as it should be.
  enum Mood {
    /// It is kept, and the answer lost.
    LOSE_ANSWER,
    /// It is not kept, and the answer is no.
    REFUSE
  }

  private final Deque<Mood> moods = new ConcurrentLinkedDeque<>();
  private final MailboxTable table = new MailboxTable(new SplittableRandom(1));
  private final InstantSource clock = InstantSource.system();
  private final Host host;
  private final Consumer<byte[]> onlooker;

  HostileMail(Host host, Consumer<byte[]> onlooker) {
    this.host = host;
    this.onlooker = onlooker;
    host.handle(MailboxMessages.PROTOCOL, this::serve);
  }

  /// How the next deposits are treated.
  void treat(Mood... next) {
    moods.addAll(List.of(next));
  }

  /// Whether all of that happened.
  boolean isFair() {
    return moods.isEmpty();
  }

  private void serve(Stream stream) {
    byte[] request = stream.readFrame(Limits.FRAME_BYTES_MAX);
    onlooker.accept(request);
    boolean deposit = MailboxMessages.decodeRequest(request) instanceof Deposit;
    Mood mood = deposit ? moods.poll() : null;
    if (mood == Mood.REFUSE) {
      stream.writeFrame(MailboxMessages.failed());
      stream.closeWrite();
      return;
    }
    byte[] answer = answer(stream.connection().remotePeer(), request);
    onlooker.accept(answer);
    if (mood == Mood.LOSE_ANSWER) {
      stream.reset();
      return;
    }
    stream.writeFrame(answer);
    stream.closeWrite();
  }

  private synchronized byte[] answer(PeerId peer, byte[] request) {
    return switch (MailboxMessages.decodeRequest(request)) {
      case Grant(var capability, int uses, Duration ttl) ->
          table
              .grant(peer, capability, uses, ttl, clock.instant())
              .map(MailboxMessages::encodeGranted)
              .orElseGet(MailboxMessages::failed);
      case Revoke(var capability) -> done(table.revoke(peer, capability));
      case Deposit deposit -> {
        Optional<MailboxTable.Left> left = table.deposit(peer, deposit, _ -> true, clock.instant());
        left.map(MailboxTable.Left::owner).ifPresent(this::tell);
        yield done(left.isPresent());
      }
      case Fetch(long after, int max) ->
          MailboxMessages.encodeFetched(table.fetch(peer, after, max, clock.instant()));
      case Delete(List<Long> ids) -> {
        table.delete(peer, ids);
        yield MailboxMessages.done();
      }
    };
  }

  private static byte[] done(boolean yes) {
    return yes ? MailboxMessages.done() : MailboxMessages.failed();
  }

  private void tell(PeerId owner) {
    Thread.ofVirtual()
        .start(() ->
            host.connections(owner).stream()
                .findFirst()
                .ifPresent(connection -> {
                  try (Stream notice =
                      connection.openStream(
                          List.of(MailboxMessages.NOTICE_PROTOCOL), TestNetwork.SOON)) {
                    notice.writeFrame(MailboxMessages.notice());
                  } catch (OverlayException e) {
                    // Gone, or a visitor that comes and asks.
                  }
                }));
  }
}
