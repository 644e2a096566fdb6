package io.peerup.libp2p.transport;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.DatagramCounts;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PublicKey;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The event-loop half of a connection, whatever carries it: a yamux session over an encrypted
/// pipe, or QUIC. Public methods may be called from any thread; callbacks run on the loop.
public abstract sealed class MuxedConnection permits YamuxConnection, QuicConnection {

  /// What the security handshake established.
  ///
  /// @param security protocol id
  /// @param muxer protocol id
  public record Secured(
      PeerId peer, PublicKey key, ChannelBinding binding, String security, String muxer) {}

  /// The host's side of a connection. Called on the loop; must not block.
  public interface Owner {

    /// The peer opened a stream; no protocol is agreed yet.
    void opened(BlockingStream stream);

    /// The peer is heard from another address than before.
    default void moved() {}

    /// The connection is over. Called once, last.
    void closed(OverlayException cause);
  }

  public abstract Secured secured();

  /// Lets the connection work. On the loop, once.
  public abstract void start(Owner owner);

  /// Opens a stream. The future completes on the loop; it fails with
  /// [io.peerup.libp2p.LimitReached] or [io.peerup.libp2p.PeerUnreachable]. A stream that comes
  /// after the future was cancelled is reset.
  public abstract CompletableFuture<BlockingStream> open();

  /// Says good-bye with a connection error code and closes. Any thread, idempotent.
  public abstract void close(long code);

  /// True until either side closed it.
  public abstract boolean isOpen();

  /// Streams open now, both directions.
  public abstract int streamCount();

  /// The smoothed round trip, or empty before the first one was measured.
  public abstract Optional<Duration> rtt();

  /// What became of its datagrams.
  public DatagramCounts datagramCounts() {
    return DatagramCounts.NONE;
  }

  abstract Loop loop();

  /// Buffers of a stream take so many bytes more, or fewer. Any thread.
  abstract void holds(int bytes);

  /// Gives something up if too much is held. On the loop.
  abstract void relieve();

  /// Something changed that may have ended a stream without a frame. On the loop.
  abstract void refresh();
}
