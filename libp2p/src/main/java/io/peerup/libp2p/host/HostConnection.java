package io.peerup.libp2p.host;

import io.peerup.libp2p.Circuit;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.transport.BlockingStream;
import io.peerup.libp2p.transport.MuxedConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One connection of a [PeerHost]: facts about it, and the dialogue that opens a stream.
/// Thread-safe.
final class HostConnection implements Connection, MuxedConnection.Owner {

  /// Where a connection runs.
  ///
  /// @param circuit the relay's part, or null if direct
  record Path(Direction direction, Multiaddr local, Multiaddr remote, @Nullable Circuit circuit) {}

  private final long id;
  private final PeerHost host;
  private final MuxedConnection muxed;
  private final Path path;
  private final Instant openedAt;
  private final Admission.Place place;
  private final TokenBucket pushes;
  private volatile @Nullable PeerInfo info;

  HostConnection(
      long id,
      PeerHost host,
      MuxedConnection muxed,
      Path path,
      Instant openedAt,
      Admission.Place place,
      TokenBucket pushes) {
    this.id = id;
    this.host = host;
    this.muxed = muxed;
    this.path = path;
    this.openedAt = openedAt;
    this.place = place;
    this.pushes = pushes;
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public PeerId remotePeer() {
    return muxed.secured().peer();
  }

  @Override
  public PublicKey remoteKey() {
    return muxed.secured().key();
  }

  @Override
  public Multiaddr localAddress() {
    return path.local();
  }

  @Override
  public Multiaddr remoteAddress() {
    return path.remote();
  }

  @Override
  public Direction direction() {
    return path.direction();
  }

  @Override
  public Optional<PeerId> relay() {
    return Optional.ofNullable(path.circuit()).map(Circuit::relay);
  }

  @Override
  public boolean limited() {
    return path.circuit() != null && path.circuit().limited();
  }

  @Override
  public String security() {
    return muxed.secured().security();
  }

  @Override
  public String muxer() {
    return muxed.secured().muxer();
  }

  @Override
  public byte[] channelBinding() {
    return muxed.secured().binding().bytes();
  }

  @Override
  public Instant openedAt() {
    return openedAt;
  }

  @Override
  public Optional<Duration> lastRtt() {
    return muxed.rtt();
  }

  @Override
  public int streamCount() {
    return muxed.streamCount();
  }

  @Override
  public DatagramCounts datagramCounts() {
    return muxed.datagramCounts();
  }

  @Override
  public boolean isOpen() {
    return muxed.isOpen();
  }

  @Override
  public void close(long code) {
    muxed.close(code);
  }

  /// What the peer said on this very connection, or empty. Only this may be trusted for optimistic
  /// negotiation: after a restart the peer may serve other protocols.
  Optional<PeerInfo> info() {
    return Optional.ofNullable(info);
  }

  void info(PeerInfo told) {
    info = told;
  }

  Admission.Place place() {
    return place;
  }

  /// The rate at which identify pushes of this peer are heard.
  TokenBucket pushes() {
    return pushes;
  }

  @Override
  public Stream openStream(List<String> protocols, Duration timeout) {
    List<String> allowed =
        protocols.stream()
            .filter(protocol -> host.gater().allowStream(Direction.OUTBOUND, this, protocol))
            .toList();
    if (allowed.isEmpty()) {
      throw new Refused(
          "our own rules do not allow "
              + String.join(" or ", protocols)
              + " with "
              + remotePeer().shortForm());
    }
    BlockingStream stream = newStream(timeout);
    PeerInfo told = info;
    if (told != null) {
      for (String protocol : allowed) {
        if (told.protocols().contains(protocol)) {
          stream.proposeLazily(this, protocol);
          return stream;
        }
      }
    }
    return negotiate(stream, allowed, timeout);
  }

  private Stream negotiate(BlockingStream stream, List<String> protocols, Duration timeout) {
    stream.attach(this, "");
    stream.deadline(timeout);
    try {
      stream.attach(this, StreamNegotiation.initiate(stream, protocols));
      stream.clearDeadline();
      return stream;
    } catch (StreamReset e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      // Peers refuse by reset too: by their gater, or for want of room.
      throw new Refused(
          remotePeer().shortForm() + " refused " + String.join(" or ", protocols), "", 0, e);
    } catch (OverlayException e) {
      stream.reset(ErrorCodes.STREAM_NEGOTIATION_FAILED);
      throw e;
    }
  }

  /// A stream on which no protocol is agreed yet.
  BlockingStream newStream(Duration timeout) {
    CompletableFuture<BlockingStream> opening = muxed.open();
    try {
      return opening.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OverlayException known
          ? Failures.fresh(known)
          : new PeerUnreachable("internal error: cannot open a stream", e);
    } catch (TimeoutException e) {
      opening.cancel(false);
      throw new DeadlineExceeded("no stream to " + remotePeer().shortForm() + " in time", e);
    } catch (InterruptedException e) {
      opening.cancel(false);
      Thread.currentThread().interrupt();
      throw new StreamReset("interrupted while opening a stream", e);
    }
  }

  @Override
  public void opened(BlockingStream stream) {
    host.serve(this, stream);
  }

  @Override
  public void moved() {
    host.moved(this);
  }

  @Override
  public void closed(OverlayException cause) {
    host.ended(this, cause);
  }

  @Override
  public String toString() {
    return "connection " + id + " with " + remotePeer().shortForm() + " at " + path.remote();
  }
}
