package io.peerup.relay.group;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.SourcePrefix;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Serves a protocol that strangers may speak: one request, one answer a stream. Every answer
/// leaves on the same grid of time, whatever it says and however long it took to find. One virtual
/// thread a request.
public final class UniformProtocol implements AutoCloseable {

  /// What to answer. Runs on the virtual thread of the request; may block.
  @FunctionalInterface
  public interface Decision {
    byte[] decide(byte[] request, Connection connection);
  }

  /// "Rate limited", libp2p stream error codes.
  private static final long RATE_LIMITED = 0x1003;

  private final Host host;
  private final String protocol;
  private final int requestBytesMax;
  private final Membership membership;
  private final InstantSource clock;
  private final Decision decision;
  private final AnswerTick tick = AnswerTick.ofPairing();
  private final Semaphore members = new Semaphore(Limits.MEMBER_REQUESTS_MAX);
  private final Set<Long> busy = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);

  /// Serves from now on.
  public UniformProtocol(
      Host host,
      String protocol,
      int requestBytesMax,
      Membership membership,
      InstantSource clock,
      Decision decision) {
    this.host = host;
    this.protocol = protocol;
    this.requestBytesMax = requestBytesMax;
    this.membership = membership;
    this.clock = clock;
    this.decision = decision;
    host.handle(protocol, this::serve);
  }

  @Override
  public void close() {
    host.unhandle(protocol);
    closed.countDown();
  }

  /// The other side: asks the relay at the other end, and returns its answer's bytes. Blocks for at
  /// most `timeout` twice, once to open the stream.
  ///
  /// @throws io.peerup.libp2p.OverlayException if no answer comes, e.g. because the relay has no
  ///   place for the request
  public static byte[] ask(
      Connection relay, String protocol, byte[] request, int answerBytesMax, Duration timeout) {
    try (Stream stream = relay.openStream(List.of(protocol), timeout)) {
      stream.deadline(timeout);
      stream.writeFrame(request);
      stream.closeWrite();
      return stream.readFrame(answerBytesMax);
    }
  }

  /// Where the peer at the other end comes from, as far as limits are concerned.
  public static SourcePrefix source(Connection connection) {
    return SourcePrefix.of(
        connection
            .remoteAddress()
            .socketAddress()
            .map(InetSocketAddress::getAddress)
            .orElseThrow(
                () -> new IllegalStateException("internal error: a joiner without an address")));
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
    byte[] frame = stream.readFrame(requestBytesMax);
    Instant arrival = clock.instant();
    membership.spoke(stream.connection());
    byte[] answer = decision.decide(frame, stream.connection());
    awaitTick(tick.due(arrival, clock.instant()));
    return answer;
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
