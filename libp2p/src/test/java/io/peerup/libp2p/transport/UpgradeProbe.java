package io.peerup.libp2p.transport;

import io.peerup.libp2p.OverlayException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Remembers what became of an upgrade and of its connection.
final class UpgradeProbe implements Upgrade.Outcome, MuxedConnection.Owner {

  @Nullable MuxedConnection muxed;
  @Nullable OverlayException failure;
  @Nullable OverlayException closed;
  final List<BlockingStream> opened = new ArrayList<>();
  private int outcomes;

  @Override
  public void upgraded(MuxedConnection connection) {
    outcomes++;
    muxed = connection;
    connection.start(this);
  }

  @Override
  public void failed(OverlayException cause) {
    outcomes++;
    failure = cause;
  }

  @Override
  public void opened(BlockingStream stream) {
    opened.add(stream);
  }

  @Override
  public void closed(OverlayException cause) {
    closed = cause;
  }

  /// Told exactly once.
  boolean decided() {
    if (outcomes > 1) {
      throw new AssertionError("an upgrade had " + outcomes + " outcomes");
    }
    return outcomes == 1;
  }
}
