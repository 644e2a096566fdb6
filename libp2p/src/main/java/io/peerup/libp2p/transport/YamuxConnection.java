package io.peerup.libp2p.transport;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.libp2p.yamux.YamuxListener;
import io.peerup.libp2p.yamux.YamuxOutput;
import io.peerup.libp2p.yamux.YamuxSession;
import io.peerup.libp2p.yamux.YamuxStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A yamux session over an encrypted pipe. What the session writes within one turn of the loop
/// leaves together at its end.
final class YamuxConnection extends MuxedConnection implements Duplex.Receiver {

  /// How often the session looks at its timers.
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Duplex pipe;
  private final Loop loop;
  private final Secured secured;
  private final BufferBudget.Account account;
  private final YamuxSession session;
  private @Nullable Owner owner;
  private Loop.Timer ticking = () -> {};
  private boolean flushWaits;
  private volatile boolean open = true;
  private volatile int streams;
  private volatile @Nullable Duration rtt;

  YamuxConnection(
      Duplex pipe, Direction direction, YamuxLimits limits, BufferBudget budget, Secured secured) {
    this.pipe = pipe;
    this.loop = pipe.loop();
    this.secured = secured;
    this.account = budget.open(secured.peer(), () -> this.loop.execute(this::relieve));
    this.session =
        new YamuxSession(
            direction == Direction.OUTBOUND,
            limits,
            loop::nanoTime,
            new Output(),
            new Events(),
            account);
  }

  @Override
  public Secured secured() {
    return secured;
  }

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  void holds(int bytes) {
    account.change(bytes);
  }

  @Override
  void relieve() {
    session.relieve();
    refresh();
  }

  @Override
  public void start(Owner newOwner) {
    owner = newOwner;
    tick();
  }

  @Override
  public CompletableFuture<BlockingStream> open() {
    CompletableFuture<BlockingStream> result = new CompletableFuture<>();
    loop.execute(() -> {
      if (result.isDone()) {
        return;
      }
      try {
        BlockingStream stream = new BlockingStream(this, session.open());
        streams = session.streamCount();
        if (!result.complete(stream)) {
          stream.reset();
        }
      } catch (OverlayException e) {
        result.completeExceptionally(e);
      }
    });
    return result;
  }

  @Override
  public void close(long code) {
    open = false;
    if (loop.inLoop()) {
      session.close(code);
    } else {
      loop.execute(() -> session.close(code));
    }
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public int streamCount() {
    return streams;
  }

  @Override
  public Optional<Duration> rtt() {
    return Optional.ofNullable(rtt);
  }

  @Override
  public void onBytes(byte[] data, int offset, int length) {
    session.receive(data, offset, length);
    refresh();
  }

  @Override
  public void onIdle() {
    if (flushWaits) {
      flush();
    }
  }

  @Override
  public void onWritable() {
    session.transportWritable();
  }

  @Override
  public void onEnded(OverlayException cause) {
    session.transportClosed(cause);
  }

  private void tick() {
    if (session.isOpen()) {
      session.tick();
      rtt = session.rtt().orElse(null);
      refresh();
      ticking = loop.after(TICK, this::tick);
    }
  }

  private void flush() {
    flushWaits = false;
    refresh();
    pipe.flush();
  }

  @Override
  void refresh() {
    streams = session.streamCount();
  }

  /// Frames on their way down.
  private final class Output implements YamuxOutput {

    @Override
    public boolean isWritable() {
      return pipe.writable();
    }

    @Override
    public void frame(byte[] header, byte[] payload, int offset, int length) {
      pipe.write(header, 0, header.length);
      if (length > 0) {
        pipe.write(payload, offset, length);
      }
    }

    @Override
    public void flush() {
      if (!flushWaits) {
        flushWaits = true;
        loop.execute(YamuxConnection.this::flushIfWaiting);
      }
    }
  }

  private void flushIfWaiting() {
    if (flushWaits) {
      flush();
    }
  }

  /// What the session reports.
  private final class Events implements YamuxListener {

    @Override
    public void onStream(YamuxStream stream) {
      BlockingStream blocking = new BlockingStream(YamuxConnection.this, stream);
      if (owner != null) {
        owner.opened(blocking);
      }
    }

    @Override
    public void onReadingPaused(boolean paused) {
      pipe.reading(!paused);
    }

    @Override
    public void onGoAway(long code) {
      open = false;
    }

    @Override
    public void onClosed(OverlayException cause) {
      open = false;
      streams = 0;
      account.close();
      ticking.cancel();
      pipe.close();
      if (owner != null) {
        owner.closed(cause);
      }
    }
  }
}
