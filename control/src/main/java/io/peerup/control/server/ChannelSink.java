package io.peerup.control.server;

import com.google.gson.JsonObject;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.peerup.control.Jsons;
import io.peerup.control.Limits;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The sink of one streaming reply. Writers are virtual threads; the event loop reports through
/// [#writabilityChanged] and [#close].
final class ChannelSink implements LineSink {
  private final Channel channel;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean gone;

  ChannelSink(Channel channel) {
    this.channel = channel;
  }

  @Override
  public void send(JsonObject line) throws InterruptedException {
    byte[] text = (Jsons.text(line) + "\n").getBytes(StandardCharsets.UTF_8);
    if (text.length > Limits.JSON_BYTES) {
      throw new IllegalArgumentException("a line of " + text.length + " bytes is too long");
    }
    lock.lockInterruptibly();
    try {
      while (!gone && !channel.isWritable()) {
        changed.await();
      }
      if (gone) {
        throw new ClientGone();
      }
      // Written under the lock, so that lines of several threads stay whole and in order. Netty
      // counts the bytes from here on, so isWritable() is true to what was sent.
      // A write fails only when the channel ends, which close() tells us.
      var _ = channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(text)));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return !gone;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void awaitClose() throws InterruptedException {
    lock.lock();
    try {
      while (!gone) {
        changed.await();
      }
    } catch (InterruptedException e) {
      // The client's going interrupts the writer too; only without it does the interrupt matter.
      if (!gone) {
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /// Called on the event loop.
  void writabilityChanged() {
    signal(false);
  }

  /// The client has gone or the reply has ended: nothing more can be sent.
  void close() {
    signal(true);
  }

  private void signal(boolean nowGone) {
    lock.lock();
    try {
      gone |= nowGone;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
