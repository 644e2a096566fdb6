package io.peerup.libp2p.host;

import io.peerup.libp2p.HostListener;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells listeners what happened, in order, on one virtual thread. The queue is bounded by what is
/// counted elsewhere: a connection keeps its place among [HostLimits#connections()] until its end
/// has been told, and identify messages are rate-limited.
final class Events implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Events.class);

  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
  private final Thread thread;

  Events(String name) {
    thread = Thread.ofVirtual().name(name).start(this::run);
  }

  void add(HostListener listener) {
    listeners.add(listener);
  }

  /// Tells every listener; does not block.
  void tell(Consumer<HostListener> event) {
    queue.add(() -> {
      for (HostListener listener : listeners) {
        try {
          event.accept(listener);
        } catch (RuntimeException e) {
          LOG.warn("a host listener failed", e);
        }
      }
    });
  }

  /// Runs something after everything told so far.
  void then(Runnable task) {
    queue.add(task);
  }

  private void run() {
    try {
      while (true) {
        queue.take().run();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /// Stops once everything told so far has been delivered. Does not wait.
  @Override
  public void close() {
    queue.add(thread::interrupt);
  }
}
