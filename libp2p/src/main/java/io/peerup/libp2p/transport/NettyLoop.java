package io.peerup.libp2p.transport;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Netty event loop as our [Loop].
final class NettyLoop implements Loop {

  private static final Logger LOG = LoggerFactory.getLogger(NettyLoop.class);

  private final EventLoop loop;

  NettyLoop(EventLoop loop) {
    this.loop = loop;
  }

  @Override
  public boolean inLoop() {
    return loop.inEventLoop();
  }

  @Override
  public void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("task after the end of the event loop dropped");
    }
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    try {
      Future<?> scheduled = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return () -> scheduled.cancel(false);
    } catch (RejectedExecutionException e) {
      LOG.debug("timer after the end of the event loop dropped");
      return () -> {};
    }
  }

  @Override
  public long nanoTime() {
    return loop.ticker().nanoTime();
  }
}
