package io.peerup.libp2p.yamux;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.OverlayException;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.Vectors;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Bytes that no lawful peer sends: nothing escapes but the declared end of the session, memory
/// stays within the limits, and what we send stays lawful.
class YamuxFuzzTest {

  private static final YamuxLimits LIMITS =
      YamuxLimits.DEFAULT.withStreams(20, 20).withMemory(1 << 20, 1 << 20, 2 << 20);

  /// Raw bytes, cut where the first byte says.
  @MethodSource("frames")
  @FuzzTest
  void bytes(byte[] input) {
    Decoding.of(
        input,
        NeverThrown.class,
        bytes -> {
          int kind = bytes.length == 0 ? 0 : bytes[0];
          Watched end = new Watched((kind & 1) == 0);
          StreamProbe.on(end.session.open());
          int chunk = 1 + (kind & 0x7f) / 2;
          for (int at = 1; at < bytes.length; at += chunk) {
            end.session.receive(bytes, at, Math.min(chunk, bytes.length - at));
          }
          end.holds();
          return end;
        });
  }

  static Stream<byte[]> frames() {
    Stream<byte[]> js =
        (Vectors.areHere()
                ? Stream.of("dialer->listener", "listener->dialer")
                : Stream.<String>empty())
            .map(YamuxCaptureTest::segments)
            .flatMap(List::stream)
            .map(segment -> behind((byte) 1, segment));
    Stream<byte[]> own =
        Stream.of(
            behind(
                (byte) 1,
                SentFrame.windowUpdate(Frame.SYN, 1, 0),
                SentFrame.data(0, 1, new byte[20]),
                SentFrame.data(Frame.FIN, 1, new byte[3])),
            behind(
                (byte) 0,
                SentFrame.windowUpdate(Frame.ACK, 1, 70_000),
                SentFrame.ping(Frame.SYN, 7),
                SentFrame.reset(1, 3),
                SentFrame.goAway(0)));
    return Stream.concat(own, js);
  }

  private static byte[] behind(byte first, SentFrame... frames) {
    return behind(first, SentFrame.bytes(frames));
  }

  private static byte[] behind(byte first, byte[] bytes) {
    byte[] out = new byte[1 + bytes.length];
    out[0] = first;
    System.arraycopy(bytes, 0, out, 1, bytes.length);
    return out;
  }

  /// Three bytes a deed, ours or the peer's: what a session in the middle of its life meets.
  @MethodSource("lives")
  @FuzzTest
  void session(byte[] input) {
    Watched end = new Watched(input.length > 0 && (input[0] & 1) == 0);
    for (int at = 1; at + 2 < input.length; at += 3) {
      int id = input[at + 1] & 15;
      int size = input[at + 2] & 0xff;
      if ((input[at] & 0x80) == 0) {
        end.peerSends(input[at] >> 4 & 3, input[at] & 15, id, size);
      } else {
        end.weDo(input[at] & 15, id, size);
      }
      end.holds();
    }
  }

  static Stream<byte[]> lives() {
    return Stream.of(
        new byte[] {1, 0x11, 1, 0, 0x00, 1, 50, (byte) 0x83, 0, 20, (byte) 0x84, 0, 90, 0x04, 1, 0},
        new byte[] {0, (byte) 0x80, 0, 0, (byte) 0x84, 0, 90, 0x12, 1, 90, 0x00, 1, 99, 0x18, 1, 3},
        new byte[] {1, 0x21, 0, 5, 0x30, 0, 0, (byte) 0x86, 0, 0, (byte) 0x87, 0, 40});
  }

  /// The refusal of a decoder that has none.
  private static final class NeverThrown extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /// One session, and a strict judge of every frame that it sends.
  private static final class Watched implements YamuxOutput, YamuxListener, LongSupplier {

    private static final byte[] ZEROS = new byte[300_000];

    private final boolean client;
    private final YamuxSession session;
    private final List<YamuxStream> streams = new ArrayList<>();
    private final byte[] scratch = new byte[Frame.HEADER_BYTES];

    /// By stream: what we may still send, and what the peer may.
    private final Map<Integer, Long> ourCredit = new HashMap<>();

    private final Map<Integer, Long> peerCredit = new HashMap<>();

    private long nanos;
    private int closes;
    private boolean wentAway;
    private boolean writable = true;

    /// The bytes that we have yet to send of the peer's frame do not count as credit given.
    private boolean raw = true;

    Watched(boolean client) {
      this.client = client;
      this.session = new YamuxSession(client, LIMITS, this, this, this);
      session.tick();
    }

    void peerSends(int type, int flags, int id, int size) {
      raw = false;
      boolean ofStream = type == Frame.DATA || type == Frame.WINDOW_UPDATE;
      int stream = ofStream ? id : 0;
      // Small and large: up to just above the initial window.
      int length = size < 64 ? size : (size - 63) * (size - 63) * 8;
      if ((flags & Frame.SYN) != 0 && session.registry().get(stream) == null) {
        // A new stream, perhaps with the number of one that is gone.
        ourCredit.remove(stream);
        peerCredit.remove(stream);
      }
      Frame.write(scratch, type, flags, stream, length);
      if (type == Frame.DATA) {
        peerCredit.merge(stream, (long) -length, Long::sum);
      } else if (type == Frame.WINDOW_UPDATE && (flags & Frame.RST) == 0) {
        ourCredit.merge(stream, (long) length, Long::sum);
      }
      session.receive(scratch, 0, scratch.length);
      if (type == Frame.DATA) {
        session.receive(ZEROS, 0, length);
      }
    }

    void weDo(int deed, int which, int size) {
      try {
        switch (deed) {
          case 0, 1 -> streams.add(session.open());
          case 2 -> {
            nanos += size * 1_000_000_000L / 4;
            session.tick();
          }
          case 6 -> session.goAway();
          case 7 -> session.close(size);
          case 8 -> writable = false;
          case 9 -> {
            writable = true;
            session.transportWritable();
          }
          default -> act(deed, which, size * size * 4);
        }
      } catch (OverlayException e) {
        // A refusal to open: too many, or leaving.
      }
    }

    private void act(int deed, int which, int count) {
      if (streams.isEmpty()) {
        return;
      }
      YamuxStream stream = streams.get(which % streams.size());
      try {
        switch (deed) {
          case 3 -> stream.read(new byte[count], 0, count);
          case 4 -> {
            int taken = stream.write(ZEROS, 0, count);
            check(taken >= 0 && taken <= count, "a write takes what it is given");
          }
          case 5 -> stream.closeWrite();
          case 10 -> stream.closeRead();
          case 11 -> stream.reset(count);
          default -> check(stream.available() >= 0, "not negative");
        }
      } catch (OverlayException e) {
        check(!stream.isOpen(), "only an ended stream throws");
      } catch (IllegalStateException e) {
        check(String.valueOf(e.getMessage()).contains("write after closeWrite"), e.toString());
      }
    }

    void holds() {
      Registry registry = session.registry();
      check(registry.bufferedBytes() >= 0, "not negative");
      check(registry.bufferedBytes() <= LIMITS.bufferedBytesMax(), "no more is buffered");
      check(registry.windowGrowth() <= LIMITS.windowGrowthBytesMax(), "windows grow so far");
      check(session.streamCount() <= 40, "as many streams as allowed");
      same(closes, session.isOpen() ? 0 : 1);
    }

    @Override
    public long getAsLong() {
      return nanos;
    }

    @Override
    public boolean isWritable() {
      return writable;
    }

    @Override
    public void frame(byte[] header, byte[] payload, int offset, int length) {
      int type = Frame.type(header, 0);
      int flags = Frame.flags(header, 0);
      int id = Frame.streamId(header, 0);
      long size = Frame.length(header, 0);
      check(!wentAway || type != Frame.DATA || session.isOpen(), "nothing follows the end");
      check(writable || type == Frame.GO_AWAY, "a full transport gets a go-away at most");
      same(Frame.version(header, 0), 0);
      check(Frame.HEADER_BYTES + length <= YamuxLimits.FRAME_BYTES_MAX, "it fits one record");
      same(length, type == Frame.DATA ? (int) size : 0);
      switch (type) {
        case Frame.DATA -> {
          check(id != 0, "data belongs to a stream");
          long left = ourCredit.merge(id, -size, Long::sum);
          check(raw || left + YamuxLimits.INITIAL_WINDOW_BYTES >= 0, "within the peer's window");
        }
        case Frame.WINDOW_UPDATE -> {
          check(id != 0, "credit belongs to a stream");
          if ((flags & Frame.RST) == 0) {
            long out = peerCredit.merge(id, size, Long::sum) + YamuxLimits.INITIAL_WINDOW_BYTES;
            check(raw || out <= LIMITS.streamWindowBytesMax(), "no window grows beyond its limit");
          }
        }
        case Frame.PING -> same(id, 0);
        case Frame.GO_AWAY -> {
          same(id, 0);
          wentAway = true;
        }
        default -> throw new AssertionError("frame type " + type);
      }
      if ((flags & Frame.SYN) != 0 && id != 0) {
        same((id & 1) == 1, client);
      }
    }

    @Override
    public void flush() {}

    @Override
    public void onStream(YamuxStream stream) {
      streams.add(stream);
    }

    @Override
    public void onReadingPaused(boolean paused) {}

    @Override
    public void onClosed(OverlayException cause) {
      closes++;
    }
  }
}
