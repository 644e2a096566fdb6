package io.peerup.node.invites;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import io.peerup.node.peers.RelayLinks;
import io.peerup.node.peers.Wakeup;
import io.peerup.pairing.mailbox.Mail;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.relay.mailbox.MailboxClient;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Fetches what waits in our mailboxes: when a relay says that something came, when one is
/// connected anew, and once a minute in case word was lost. What readers are done with is deleted;
/// the rest stays for others, or for later. One thread, and a lock a relay, because a relay takes
/// one request a connection at a time.
public final class Mailroom implements HostListener, StreamHandler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Mailroom.class);

  /// Somebody who may know what to do with a message.
  interface Reader {

    /// A relay of ours is connected anew, perhaps after it lost what it knew. Blocks; throws
    /// [OverlayException] to be called again.
    default void connected(PeerId relay, MailboxClient mailbox) {}

    /// True while something may come of which no word reached us.
    boolean isWaiting();

    /// True if the message was for this reader and may be deleted. Blocks. Throws
    /// [OverlayException] or [Failure] if it cannot be dealt with now.
    boolean read(PeerId relay, MailboxClient mailbox, byte[] message);
  }

  private final Host host;
  private final RelayLinks relays;
  private final InstantSource clock;
  private volatile List<Reader> readers = List.of();
  private final Map<PeerId, ReentrantLock> locks = new ConcurrentHashMap<>();
  private final Map<PeerId, Long> greeted = new ConcurrentHashMap<>();
  private final Map<PeerId, Instant> next = new ConcurrentHashMap<>();
  private final Set<PeerId> due = ConcurrentHashMap.newKeySet();
  private final Wakeup wakeup = new Wakeup();
  private Optional<Thread> thread = Optional.empty();

  public Mailroom(Host host, RelayLinks relays, InstantSource clock) {
    this.host = host;
    this.relays = relays;
    this.clock = clock;
  }

  /// Begins, with those who know what to do with messages.
  public void start(Links links, Acceptances acceptances) {
    readers = List.of(links, acceptances);
    thread = Optional.of(Thread.ofVirtual().name("mailroom").start(this::run));
  }

  @Override
  public void connected(Connection connection) {
    if (relays.isRelay(connection.remotePeer())) {
      wakeup.wake();
    }
  }

  /// A relay says that something waits. Anybody else who says so is not believed.
  @Override
  public void handle(Stream stream) {
    stream.deadline(Limits.DIALOGUE);
    stream.readFrame(MailboxMessages.notice().length);
    PeerId relay = stream.connection().remotePeer();
    if (relays.isRelay(relay)) {
      due.add(relay);
      wakeup.wake();
    }
  }

  @Override
  public void close() {
    thread.ifPresent(Thread::interrupt);
  }

  /// Talks with the mailbox at the other end of a direct connection while nobody else does.
  <T> T talk(Connection relay, Function<MailboxClient, T> dialogue) {
    ReentrantLock lock = locks.computeIfAbsent(relay.remotePeer(), _ -> new ReentrantLock());
    lock.lock();
    try {
      return dialogue.apply(new MailboxClient(relay, Limits.DIALOGUE));
    } finally {
      lock.unlock();
    }
  }

  /// Fetches what waits at this relay and hands it to the readers. True if nothing has to be tried
  /// again. Throws [OverlayException] if the relay cannot be asked.
  boolean collect(Connection relay) {
    return talk(
        relay,
        mailbox -> {
          List<Long> done = new ArrayList<>();
          boolean all = true;
          for (Mail each : fetch(mailbox)) {
            Optional<Boolean> read = read(relay.remotePeer(), mailbox, each);
            all &= read.isPresent();
            if (read.orElse(false)) {
              done.add(each.id());
            }
          }
          return (done.isEmpty() || mailbox.delete(done)) && all;
        });
  }

  /// All of it, as far as a mailbox holds: a relay that has ever more is not believed.
  private static List<Mail> fetch(MailboxClient mailbox) {
    List<Mail> all = new ArrayList<>();
    int max = io.peerup.pairing.mailbox.Limits.MESSAGES_PER_MAILBOX_MAX;
    while (all.size() < max) {
      List<Mail> page = mailbox.fetch(all.isEmpty() ? 0 : all.getLast().id()).orElseGet(List::of);
      if (page.isEmpty()) {
        break;
      }
      all.addAll(page);
    }
    return all.subList(0, Math.min(all.size(), max));
  }

  /// Whether somebody is done with it; empty if that has to be tried again.
  private Optional<Boolean> read(PeerId relay, MailboxClient mailbox, Mail mail) {
    try {
      for (Reader reader : readers) {
        if (reader.read(relay, mailbox, mail.message())) {
          return Optional.of(true);
        }
      }
      return Optional.of(false);
    } catch (OverlayException | Failure e) {
      LOG.atWarn()
          .addKeyValue("relay", relay)
          .log("a message stays in the mailbox for now: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private void run() {
    boolean well = true;
    try {
      while (true) {
        wakeup.await(well ? Limits.MAIL_ROUND : Limits.MAIL_RETRY);
        well = true;
        for (RelayLinks.RelayView each : relays.views()) {
          Optional<Connection> relay = direct(host, each.peer());
          well &= relay.isEmpty() || !isDue(relay.get()) || attend(relay.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// A connection to this peer that goes through no relay.
  static Optional<Connection> direct(Host host, PeerId peer) {
    return host.connections(peer).stream()
        .filter(each -> each.isOpen() && each.relay().isEmpty())
        .findFirst();
  }

  private boolean isNew(Connection relay) {
    return !Long.valueOf(relay.id()).equals(greeted.get(relay.remotePeer()));
  }

  private boolean isDue(Connection relay) {
    boolean called = due.remove(relay.remotePeer());
    boolean late = !clock.instant().isBefore(next.getOrDefault(relay.remotePeer(), Instant.MIN));
    return called || isNew(relay) || (late && readers.stream().anyMatch(Reader::isWaiting));
  }

  /// True if nothing has to be tried again soon.
  private boolean attend(Connection relay) {
    PeerId id = relay.remotePeer();
    boolean well = false;
    try {
      if (isNew(relay)) {
        for (Reader each : readers) {
          talk(
              relay,
              mailbox -> {
                each.connected(id, mailbox);
                return true;
              });
        }
      }
      well = collect(relay);
      greeted.put(id, relay.id());
    } catch (OverlayException | Failure e) {
      LOG.atDebug().addKeyValue("relay", id).log("the mailbox cannot be asked: {}", e.getMessage());
    }
    next.put(id, clock.instant().plus(Limits.MAIL_ROUND));
    if (!well) {
      due.add(id);
    }
    return well;
  }
}
