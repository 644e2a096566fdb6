package io.peerup.libp2p.transport;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.OverlayException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Streams of ours that wait until the peer allows another one, in the order in which they were
/// asked for. A stream that Netty begins beyond what the peer allows would use up an id for
/// nothing. On the connection's loop.
final class QuicOpenings {

  private final Queue<CompletableFuture<BlockingStream>> waiting = new ArrayDeque<>();
  private final BooleanSupplier hasRoom;
  private final Consumer<CompletableFuture<BlockingStream>> begin;

  /// @param hasRoom whether the peer allows another stream now
  /// @param begin begins one, for whom it is
  QuicOpenings(BooleanSupplier hasRoom, Consumer<CompletableFuture<BlockingStream>> begin) {
    this.hasRoom = hasRoom;
    this.begin = begin;
  }

  /// Somebody wants a stream. Refused where too many wait who have not given up.
  void add(CompletableFuture<BlockingStream> opening) {
    waiting.removeIf(CompletableFuture::isDone);
    if (waiting.size() >= QuicLimits.WAITING_OPENS_MAX) {
      opening.completeExceptionally(
          new LimitReached("the peer allows no more streams on this connection"));
    } else {
      waiting.add(opening);
      proceed();
    }
  }

  /// Begins as many as there is room for.
  void proceed() {
    while (!waiting.isEmpty() && hasRoom.getAsBoolean()) {
      CompletableFuture<BlockingStream> next = waiting.remove();
      if (!next.isDone()) {
        begin.accept(next);
      }
    }
  }

  /// The connection is over.
  void fail(OverlayException cause) {
    waiting.forEach(each -> each.completeExceptionally(cause));
    waiting.clear();
  }
}
