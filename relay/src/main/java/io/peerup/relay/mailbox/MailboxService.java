package io.peerup.relay.mailbox;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.pairing.SourceRate;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxMessages.Delete;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.mailbox.MailboxMessages.Fetch;
import io.peerup.pairing.mailbox.MailboxMessages.Grant;
import io.peerup.pairing.mailbox.MailboxMessages.Request;
import io.peerup.pairing.mailbox.MailboxMessages.Revoke;
import io.peerup.pairing.mailbox.MailboxTable;
import io.peerup.relay.group.Deliveries;
import io.peerup.relay.group.Membership;
import io.peerup.relay.group.UniformProtocol;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves `/peerup/mailbox/1`, and tells members over `/peerup/mailbox-notice/1` that something
/// waits for them: when it comes, and when they connect. Whatever is wrong with a request, the
/// answer is the same.
public final class MailboxService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(MailboxService.class);

  private final Mailboxes mailboxes;
  private final Membership membership;
  private final InstantSource clock;
  private final Deliveries notices;
  private final UniformProtocol protocol;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final SourceRate strangers =
      new SourceRate(
          io.peerup.pairing.mailbox.Limits.REQUESTS_PER_SOURCE_MAX,
          io.peerup.pairing.mailbox.Limits.REQUESTS_WINDOW,
          io.peerup.pairing.mailbox.Limits.SOURCES_MAX);

  /// Serves from now on.
  public MailboxService(
      Host host, Mailboxes mailboxes, Membership membership, InstantSource clock) {
    this.mailboxes = mailboxes;
    this.membership = membership;
    this.clock = clock;
    this.notices = new Deliveries(host, MailboxMessages.NOTICE_PROTOCOL);
    this.protocol =
        new UniformProtocol(
            host,
            MailboxMessages.PROTOCOL,
            io.peerup.pairing.mailbox.Limits.FRAME_BYTES_MAX,
            membership,
            clock,
            this::decide);
    host.addListener(
        new HostListener() {
          @Override
          public void connected(Connection connection) {
            if (membership.isMember(connection.remotePeer())) {
              notices.start(connection, () -> noticeFor(connection.remotePeer()));
            }
          }
        });
    Thread.ofVirtual().name("mailbox-purge").start(this::purge);
  }

  @Override
  public void close() {
    protocol.close();
    notices.close();
    closed.countDown();
  }

  private byte[] decide(byte[] frame, Connection connection) {
    PeerId peer = connection.remotePeer();
    try {
      Request request = MailboxMessages.decodeRequest(frame);
      boolean member = membership.isMember(peer);
      if (!member && !mayAsk(connection)) {
        return MailboxMessages.failed();
      }
      return decide(request, peer, member).orElseGet(MailboxMessages::failed);
    } catch (MalformedInput e) {
      return MailboxMessages.failed();
    } catch (Failure e) {
      log.atError()
          .addKeyValue("peer", peer)
          .addKeyValue("code", e.code())
          .addKeyValue("reason", e.message())
          .log("a mailbox request failed because its outcome could not be written");
      return MailboxMessages.failed();
    }
  }

  private boolean mayAsk(Connection connection) {
    synchronized (strangers) {
      return strangers.count(UniformProtocol.source(connection), clock.instant());
    }
  }

  private Optional<byte[]> decide(Request request, PeerId peer, boolean member) {
    return switch (request) {
      case Grant(var capability, int uses, var ttl) ->
          member
              ? mailboxes.grant(peer, capability, uses, ttl).map(MailboxMessages::encodeGranted)
              : Optional.empty();
      case Revoke(var capability) -> done(member && mailboxes.revoke(peer, capability));
      case Deposit deposit -> done(deposit(peer, deposit));
      case Fetch(long after, int max) ->
          Optional.of(MailboxMessages.encodeFetched(mailboxes.fetch(peer, after, max)));
      case Delete(List<Long> ids) -> done(mailboxes.delete(peer, ids));
    };
  }

  private static Optional<byte[]> done(boolean yes) {
    return yes ? Optional.of(MailboxMessages.done()) : Optional.empty();
  }

  private boolean deposit(PeerId by, Deposit deposit) {
    Optional<MailboxTable.Left> left = mailboxes.deposit(by, deposit, membership::isMember);
    // Guests come and ask: the relay opens nothing to strangers.
    left.filter(MailboxTable.Left::isNew)
        .map(MailboxTable.Left::owner)
        .filter(membership::isMember)
        .ifPresent(owner -> notices.start(owner, () -> noticeFor(owner)));
    return left.isPresent();
  }

  /// Nothing, if it has fetched and deleted everything by now.
  private List<byte[]> noticeFor(PeerId owner) {
    return mailboxes.hasMail(owner) ? List.of(MailboxMessages.notice()) : List.of();
  }

  private void purge() {
    try {
      while (!closed.await(Limits.PURGE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          mailboxes.prune();
        } catch (Failure e) {
          log.atError().addKeyValue("reason", e.message()).log("cannot write the mailboxes");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
