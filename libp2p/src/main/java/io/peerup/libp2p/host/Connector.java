package io.peerup.libp2p.host;

import io.peerup.libp2p.Circuit;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.transport.MuxedConnection;
import io.peerup.libp2p.transport.QuicEndpoint;
import io.peerup.libp2p.transport.QuicTransport;
import io.peerup.libp2p.transport.TcpTransport;
import io.peerup.libp2p.transport.Upgrade;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Dials TCP and QUIC addresses: resolve, connect, upgrade, admit. Blocks its caller, a virtual
/// thread; interrupting it gives the dial up. Accepting is the same without the first two steps.
final class Connector implements TcpTransport.Acceptor, QuicTransport.Acceptor {

  private final PeerHost host;
  private final TcpTransport transport;
  private final QuicTransport quic;
  private final Upgrade.Config upgrades;
  private final Admission admission;
  private final HostLimits limits;
  private final LongSupplier nanoTime;
  private final DialsUnderWay underWay = new DialsUnderWay();

  Connector(
      PeerHost host,
      TcpTransport transport,
      QuicTransport quic,
      Upgrade.Config upgrades,
      Admission admission,
      HostLimits limits,
      LongSupplier nanoTime) {
    this.host = host;
    this.transport = transport;
    this.quic = quic;
    this.upgrades = upgrades;
    this.admission = admission;
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  /// Dials an address with an IP address; names were resolved before.
  HostConnection dial(Multiaddr address, PeerExpectation expectation, Duration timeout) {
    Duration bound = address.isPublic() ? limits.dial() : limits.privateDial();
    long deadline =
        nanoTime.getAsLong() + (timeout.compareTo(bound) < 0 ? timeout : bound).toNanos();
    InetSocketAddress remote =
        address
            .socketAddress()
            .orElseThrow(() -> new PeerUnreachable(address + ": not an IP address"));
    boolean overQuic = SocketAddresses.isQuic(address);
    if (overQuic) {
      QuicTransport.missing()
          .ifPresent(reason -> {
            throw Listeners.noQuic("cannot dial " + address, reason);
          });
    }
    try {
      return underWay.run(
          result ->
              overQuic
                  ? dialQuic(remote, expectation, deadline, result)
                  : dial(remote, expectation, deadline, result),
          () -> nanoTime.getAsLong() < deadline);
    } catch (OverlayException e) {
      throw Failures.about(address + ": ", e);
    }
  }

  /// See [io.peerup.libp2p.Host#networkChanged].
  void startAgain() {
    underWay.startAgain();
  }

  /// What the system said; the transport adds an address that our messages have already.
  private static String reason(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    return failure instanceof ConnectException ? text.replaceFirst(": [^:]*/.*$", "") : text;
  }

  private HostConnection dial(
      InetSocketAddress remote,
      PeerExpectation expectation,
      long deadline,
      CompletableFuture<HostConnection> result) {
    Admission.Place place = admission.outbound();
    CompletableFuture<TcpTransport.Socket> dialing = transport.dial(remote, left(deadline));
    var _ =
        dialing.whenComplete((socket, failure) -> {
          if (failure != null) {
            place.release();
            result.completeExceptionally(
                new PeerUnreachable("cannot connect: " + reason(failure), failure));
          } else {
            socket
                .duplex()
                .loop()
                .execute(() -> upgrade(socket, expectation, deadline, place, result));
          }
        });
    try {
      return await(result, deadline);
    } finally {
      dialing.cancel(false);
    }
  }

  private HostConnection dialQuic(
      InetSocketAddress remote,
      PeerExpectation expectation,
      long deadline,
      CompletableFuture<HostConnection> result) {
    QuicEndpoint endpoint;
    try {
      endpoint = quic.dialFrom(remote);
    } catch (IOException e) {
      throw new PeerUnreachable("no UDP socket to dial from: " + e.getMessage(), e);
    }
    HostConnection.Path path =
        new HostConnection.Path(
            Direction.OUTBOUND, Multiaddr.ofQuic(endpoint.local()), Multiaddr.ofQuic(remote), null);
    Admission.Place place = admission.outbound();
    Runnable abandon =
        endpoint.dial(
            remote,
            host.guarded(expectation, path),
            left(deadline),
            new Outcome(path, place, result));
    var _ =
        result.whenComplete((connection, failure) -> {
          if (failure != null) {
            abandon.run();
          }
        });
    return await(result, deadline);
  }

  private void upgrade(
      TcpTransport.Socket socket,
      PeerExpectation expectation,
      long deadline,
      Admission.Place place,
      CompletableFuture<HostConnection> result) {
    HostConnection.Path path =
        new HostConnection.Path(
            Direction.OUTBOUND,
            Multiaddr.ofTcp(socket.local()),
            Multiaddr.ofTcp(socket.remote()),
            null);
    Upgrade upgrade =
        Upgrade.start(
            socket.duplex(),
            Direction.OUTBOUND,
            upgrades,
            host.guarded(expectation, path),
            left(deadline),
            new Outcome(path, place, result));
    var _ =
        result.whenComplete((connection, failure) -> {
          if (failure != null) {
            upgrade.abandon();
          }
        });
  }

  /// Runs the upgrade over a stream of another connection. See [io.peerup.libp2p.Host#upgrade].
  HostConnection upgrade(
      Stream stream,
      Direction direction,
      Circuit circuit,
      PeerExpectation expectation,
      Duration timeout) {
    long deadline = nanoTime.getAsLong() + timeout.toNanos();
    stream.deadline(timeout);
    HostConnection.Path path =
        new HostConnection.Path(
            direction, circuit.localAddress(), circuit.remoteAddress(), circuit);
    Admission.Place place =
        direction == Direction.INBOUND ? admission.inbound(null) : admission.outbound();
    CompletableFuture<HostConnection> result = new CompletableFuture<>();
    Outcome outcome = new Outcome(path, place, result);
    PeerExpectation guarded =
        direction == Direction.OUTBOUND ? host.guarded(expectation, path) : expectation;
    try {
      Upgrade.startOver(stream, direction, upgrades, guarded, left(deadline), outcome);
      return await(result, deadline);
    } catch (RuntimeException e) {
      place.release();
      throw e;
    }
  }

  private <T> T await(CompletableFuture<T> result, long deadline) {
    try {
      return result.get(left(deadline).toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OverlayException known
          ? Failures.fresh(known)
          : new PeerUnreachable("internal error: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new DeadlineExceeded("no answer in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeerUnreachable("interrupted while connecting", e);
    } finally {
      result.cancel(false);
    }
  }

  private Duration left(long deadline) {
    return Duration.ofNanos(Math.max(1, deadline - nanoTime.getAsLong()));
  }

  @Override
  public boolean admits(InetSocketAddress local, InetSocketAddress remote) {
    return host.gater().allowAccept(Multiaddr.ofTcp(remote));
  }

  @Override
  public void accepted(TcpTransport.Socket socket) {
    Admission.Place place;
    try {
      place = admission.inbound(socket.remote().getAddress());
    } catch (OverlayException e) {
      PeerHost.LOG.debug("refused addr={} reason={}", socket.remote(), e.getMessage());
      socket.duplex().abort();
      return;
    }
    HostConnection.Path path =
        new HostConnection.Path(
            Direction.INBOUND,
            Multiaddr.ofTcp(socket.local()),
            Multiaddr.ofTcp(socket.remote()),
            null);
    Upgrade upgrade =
        Upgrade.start(
            socket.duplex(),
            Direction.INBOUND,
            upgrades,
            PeerExpectation.any(),
            limits.inboundUpgrade(),
            new Outcome(path, place, new CompletableFuture<>()));
    place.onEviction(upgrade::abandon);
  }

  @Override
  public boolean doubts(InetSocketAddress remote) {
    return admission.crowded(remote.getAddress());
  }

  @Override
  public Upgrade.@Nullable Outcome begins(
      InetSocketAddress local, InetSocketAddress remote, Runnable abandon) {
    Multiaddr from = Multiaddr.ofQuic(remote);
    if (!host.gater().allowAccept(from)) {
      return null;
    }
    Admission.Place place;
    try {
      place = admission.inbound(remote.getAddress());
    } catch (OverlayException e) {
      PeerHost.LOG.debug("refused addr={} reason={}", from, e.getMessage());
      return null;
    }
    place.onEviction(abandon);
    HostConnection.Path path =
        new HostConnection.Path(Direction.INBOUND, Multiaddr.ofQuic(local), from, null);
    return new Outcome(path, place, new CompletableFuture<>());
  }

  /// What becomes of an upgrade, in both directions and on any carrier. On the loop.
  final class Outcome implements Upgrade.Outcome {
    private final HostConnection.Path path;
    private final Admission.Place place;
    private final CompletableFuture<HostConnection> result;

    Outcome(
        HostConnection.Path path, Admission.Place place, CompletableFuture<HostConnection> result) {
      this.path = path;
      this.place = place;
      this.result = result;
    }

    @Override
    public void upgraded(MuxedConnection muxed) {
      if (result.isDone()) {
        muxed.close(ErrorCodes.CONNECTION_SUPPLANTED);
        place.release();
        return;
      }
      try {
        result.complete(host.admit(muxed, path, place));
      } catch (OverlayException e) {
        place.release();
        result.completeExceptionally(e);
      }
    }

    @Override
    public void failed(OverlayException cause) {
      place.release();
      PeerHost.LOG.debug(
          "handshake failed dir={} addr={} reason={}",
          path.direction(),
          path.remote(),
          cause.getMessage());
      result.completeExceptionally(cause);
    }
  }
}
