package io.peerup.libp2p.host;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Dials of sockets that have not ended. When the network changes they start again: packets of the
/// old one are answered by nobody, and a dial would wait for them until its time is up.
/// Thread-safe.
final class DialsUnderWay {

  private static final class Dial {
    private final CompletableFuture<HostConnection> result = new CompletableFuture<>();
    private volatile boolean again;
  }

  private final Set<Dial> dials = ConcurrentHashMap.newKeySet();

  /// Dials, as often as the network changes and while there is time.
  ///
  /// @param attempt blocks until its result is there; gives it up when another completes it
  HostConnection run(
      Function<CompletableFuture<HostConnection>, HostConnection> attempt, BooleanSupplier time) {
    while (true) {
      Dial dial = new Dial();
      dials.add(dial);
      try {
        return attempt.apply(dial.result);
      } catch (OverlayException e) {
        if (!dial.again || Thread.currentThread().isInterrupted() || !time.getAsBoolean()) {
          throw e;
        }
      } finally {
        dials.remove(dial);
      }
    }
  }

  void startAgain() {
    for (Dial dial : dials) {
      dial.again = true;
      dial.result.completeExceptionally(new PeerUnreachable("the network changed meanwhile"));
    }
  }
}
