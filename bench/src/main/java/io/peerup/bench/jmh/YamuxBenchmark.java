package io.peerup.bench.jmh;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.libp2p.yamux.YamuxLimits;
import io.peerup.libp2p.yamux.YamuxListener;
import io.peerup.libp2p.yamux.YamuxOutput;
import io.peerup.libp2p.yamux.YamuxSession;
import io.peerup.libp2p.yamux.YamuxStream;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Our yamux, two sessions joined by arrays: one MiB on one stream, and a stream that lives for 32
/// bytes each way.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class YamuxBenchmark {

  private static final int PIPE_BYTES = 2 << 20;
  private static final int SMALL_BYTES = 32;
  private static final byte[] MIB = new byte[1 << 20];

  /// Where one side's frames wait for the other to take them.
  private static final class Wire implements YamuxOutput {
    private final byte[] bytes = new byte[PIPE_BYTES];
    private int length;

    @Override
    public boolean isWritable() {
      return length < PIPE_BYTES / 2;
    }

    @Override
    public void frame(byte[] header, byte[] payload, int offset, int count) {
      System.arraycopy(header, 0, bytes, length, header.length);
      System.arraycopy(payload, offset, bytes, length + header.length, count);
      length += header.length + count;
    }

    @Override
    public void flush() {}

    boolean into(YamuxSession session) {
      int count = length;
      if (count > 0) {
        session.receive(bytes, 0, count);
        length = 0;
      }
      return count > 0;
    }
  }

  /// Reads and drops; remembers the stream that the peer opened last.
  private static final class Side implements YamuxListener, MuxStreamListener {
    private @Nullable YamuxStream accepted;
    private boolean echo;

    @Override
    public void onStream(YamuxStream stream) {
      accepted = stream;
      stream.listen(this);
    }

    @Override
    public int onData(byte[] source, int offset, int length) {
      if (echo && accepted != null) {
        int _ = accepted.write(source, offset, length);
        accepted.closeWrite();
      }
      return length;
    }

    @Override
    public void onReadable() {}

    @Override
    public void onWritable() {}

    @Override
    public void onRemoteClosed() {}

    @Override
    public void onReset(OverlayException cause, long code) {}

    @Override
    public void onReadingPaused(boolean paused) {}

    @Override
    public void onGoAway(long code) {}

    @Override
    public void onClosed(OverlayException cause) {}
  }

  /// Two sessions. The output of each goes to the other by [#carry].
  @State(Scope.Thread)
  public static class Sessions {
    private final Wire there = new Wire();
    private final Wire back = new Wire();
    private final Side one = new Side();
    private final Side other = new Side();
    private final YamuxSession client =
        new YamuxSession(true, YamuxLimits.DEFAULT, System::nanoTime, there, one);
    private final YamuxSession server =
        new YamuxSession(false, YamuxLimits.DEFAULT, System::nanoTime, back, other);
    private final YamuxStream stream = client.open();

    private void carry() {
      boolean moved = true;
      while (moved) {
        moved = there.into(server);
        moved |= back.into(client);
        server.transportWritable();
        client.transportWritable();
      }
    }
  }

  @Benchmark
  public long mebibyte(Sessions sessions) {
    for (int at = 0; at < MIB.length; ) {
      at += sessions.stream.write(MIB, at, MIB.length - at);
      sessions.carry();
    }
    return sessions.stream.id();
  }

  @Benchmark
  public boolean shortStream(Sessions sessions) {
    sessions.other.echo = true;
    YamuxStream stream = sessions.client.open();
    stream.listen(sessions.one);
    int _ = stream.write(MIB, 0, SMALL_BYTES);
    stream.closeWrite();
    sessions.carry();
    return stream.isOpen();
  }
}
