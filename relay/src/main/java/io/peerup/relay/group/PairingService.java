package io.peerup.relay.group;

import io.peerup.control.Failure;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.PairOutcome;
import io.peerup.pairing.SourcePrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves `/peerup/relay-pair/1`: one request, one answer. Whatever is wrong with a request, the
/// answer has the same bytes and leaves on the same grid of time; the cause goes to the audit log
/// and nowhere else. One virtual thread a request.
public final class PairingService implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PairingService.class);

  /// "Rate limited", libp2p stream error codes.
  private static final long RATE_LIMITED = 0x1003;

  private final Host host;
  private final GroupStore groups;
  private final Membership membership;
  private final PeerNotifier notifier;
  private final AuditLog audit;
  private final InstantSource clock;
  private final AnswerTick tick = AnswerTick.ofPairing();
  private final Semaphore members = new Semaphore(Limits.MEMBER_REQUESTS_MAX);
  private final Set<Long> busy = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// Serves from now on.
  public PairingService(
      Host host,
      GroupStore groups,
      Membership membership,
      PeerNotifier notifier,
      AuditLog audit,
      InstantSource clock) {
    this.host = host;
    this.groups = groups;
    this.membership = membership;
    this.notifier = notifier;
    this.audit = audit;
    this.clock = clock;
    host.handle(PairMessages.PAIR_PROTOCOL, this::serve);
  }

  @Override
  public void close() {
    host.unhandle(PairMessages.PAIR_PROTOCOL);
    closed.countDown();
  }

  private void serve(Stream stream) throws InterruptedException {
    stream.deadline(Limits.DIALOGUE_MAX);
    Optional<byte[]> answer = place(stream);
    // The place is free again by now: who has read the answer may ask the next thing at once.
    if (answer.isPresent()) {
      stream.writeFrame(answer.get());
      stream.closeWrite();
    } else {
      stream.reset(RATE_LIMITED);
    }
  }

  /// The answer, or empty if there is no place for this request. That is decided before a byte is
  /// read, so that being turned away says nothing about a code. One request a connection at a time,
  /// and strangers have few connections: nobody fills all places with streams that say nothing.
  private Optional<byte[]> place(Stream stream) throws InterruptedException {
    Connection connection = stream.connection();
    if (!busy.add(connection.id())) {
      return Optional.empty();
    }
    try {
      if (!membership.isMember(connection.remotePeer())) {
        return Optional.of(answer(stream));
      }
      if (!members.tryAcquire()) {
        return Optional.empty();
      }
      try {
        return Optional.of(answer(stream));
      } finally {
        members.release();
      }
    } finally {
      busy.remove(connection.id());
    }
  }

  /// Reads the request, decides, and waits for the moment at which the answer leaves.
  private byte[] answer(Stream stream) throws InterruptedException {
    byte[] frame = stream.readFrame(io.peerup.pairing.Limits.FRAME_BYTES_MAX);
    Instant arrival = clock.instant();
    membership.spoke(stream.connection());
    byte[] answer = decide(frame, stream.connection());
    awaitTick(tick.due(arrival, clock.instant()));
    return answer;
  }

  private byte[] decide(byte[] frame, Connection connection) {
    PeerId peer = connection.remotePeer();
    try {
      PairOutcome outcome = groups.join(frame, peer, source(connection));
      switch (outcome) {
        case PairOutcome.Admitted admitted -> {
          boolean wasMember = membership.isMember(peer);
          membership.admit(peer, admitted.group(), admitted.authExpires());
          membership.leftProbation(connection);
          // A member that asks again gets its answer again, but not a line: it could ask for ever.
          if (!wasMember || !admitted.resumed()) {
            audit.record(
                "pair",
                Optional.of(peer),
                Optional.of(admitted.group()),
                admitted.resumed() ? "resumed" : "admitted");
          }
          if (admitted.changed()) {
            notifier.announce(admitted.intro(), admitted.others());
          }
        }
        case PairOutcome.Refused refused -> refusedBecause(refused, peer);
      }
      return outcome.answer();
    } catch (Failure e) {
      log.atError()
          .addKeyValue("peer", peer)
          .addKeyValue("code", e.code())
          .addKeyValue("reason", e.message())
          .log("pairing failed because its outcome could not be written");
      audit.record("pair", Optional.of(peer), Optional.empty(), "not-written");
      return PairMessages.encode(new PairMessages.Failed());
    }
  }

  /// Only failures that count leave an audit line, at most three a group: the others can be made in
  /// any number, and would push what matters out of the log.
  private void refusedBecause(PairOutcome.Refused refused, PeerId peer) {
    String cause = refused.cause().name().toLowerCase(Locale.ROOT).replace('_', '-');
    log.atDebug()
        .addKeyValue("peer", peer)
        .addKeyValue("group", refused.group().orElse("unknown"))
        .addKeyValue("cause", cause)
        .log("pairing refused");
    if (refused.counted()) {
      audit.record("pair", Optional.of(peer), refused.group(), cause);
    }
    if (refused.burnedNow()) {
      audit.record("burn", Optional.of(peer), refused.group(), "unused-codes-dead");
      log.atWarn()
          .addKeyValue("group", refused.group().orElse(""))
          .log("three wrong codes: the unused codes of a pairing group are dead");
    }
  }

  private static SourcePrefix source(Connection connection) {
    return SourcePrefix.of(
        connection
            .remoteAddress()
            .socketAddress()
            .map(InetSocketAddress::getAddress)
            .orElseThrow(
                () -> new IllegalStateException("internal error: a joiner without an address")));
  }

  private void awaitTick(Instant due) throws InterruptedException {
    while (true) {
      Duration left = Duration.between(clock.instant(), due);
      if (!left.isPositive() || closed.await(left.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    }
  }
}
