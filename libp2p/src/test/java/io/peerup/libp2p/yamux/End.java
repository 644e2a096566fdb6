package io.peerup.libp2p.yamux;

import io.peerup.libp2p.OverlayException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One session under test with everything around it: a clock, an output with a high-water mark, and
/// a listener that remembers.
final class End implements YamuxOutput, YamuxListener {

  final AtomicLong clock;
  final YamuxSession session;
  final List<YamuxStream> accepted = new ArrayList<>();
  final List<Boolean> pauses = new ArrayList<>();
  final List<Long> goAways = new ArrayList<>();
  int flushes;
  int closes;
  int highWater = Integer.MAX_VALUE;
  int pendingMost;
  int frameMost;
  @Nullable OverlayException cause;

  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

  End(boolean client) {
    this(client, YamuxLimits.DEFAULT, new AtomicLong(-5_000_000_000L));
  }

  End(boolean client, YamuxLimits limits, AtomicLong clock) {
    this(client, limits, clock, client ? 1 : 2);
  }

  End(boolean client, YamuxLimits limits, AtomicLong clock, int firstId) {
    this.clock = clock;
    session = new YamuxSession(client, limits, clock::get, this, this, firstId);
  }

  static End client() {
    return new End(true);
  }

  static End server() {
    return new End(false);
  }

  static End server(YamuxLimits limits) {
    return new End(false, limits, new AtomicLong());
  }

  // ---- what tests do

  void receive(byte[] bytes) {
    session.receive(bytes, 0, bytes.length);
  }

  void receive(SentFrame... frames) {
    receive(SentFrame.bytes(frames));
  }

  /// The bytes handed over since the last call; makes room below.
  byte[] takeBytes() {
    byte[] bytes = pending.toByteArray();
    pending.reset();
    return bytes;
  }

  /// As takeBytes, at most so many.
  byte[] takeBytes(int most) {
    byte[] bytes = pending.toByteArray();
    int count = Math.min(most, bytes.length);
    pending.reset();
    pending.write(bytes, count, bytes.length - count);
    return Arrays.copyOf(bytes, count);
  }

  List<SentFrame> takeFrames() {
    return SentFrame.parse(takeBytes());
  }

  int pendingBytes() {
    return pending.size();
  }

  void block() {
    highWater = 0;
  }

  void unblock() {
    highWater = Integer.MAX_VALUE;
    session.transportWritable();
  }

  YamuxStream onlyStream() {
    if (accepted.size() != 1) {
      throw new AssertionError("expected one accepted stream, got " + accepted);
    }
    return accepted.getFirst();
  }

  void seconds(long count) {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(count));
  }

  /// Moves bytes between two ends until both are quiet.
  static void exchange(End one, End two) {
    while (one.pendingBytes() > 0 || two.pendingBytes() > 0) {
      two.receive(one.takeBytes());
      one.receive(two.takeBytes());
      one.session.transportWritable();
      two.session.transportWritable();
    }
  }

  // ---- what the session calls

  @Override
  public boolean isWritable() {
    return pending.size() < highWater;
  }

  @Override
  public void frame(byte[] header, byte[] payload, int offset, int length) {
    pending.write(header, 0, Frame.HEADER_BYTES);
    pending.write(payload, offset, length);
    pendingMost = Math.max(pendingMost, pending.size());
    frameMost = Math.max(frameMost, Frame.HEADER_BYTES + length);
  }

  @Override
  public void flush() {
    flushes++;
  }

  @Override
  public void onStream(YamuxStream stream) {
    accepted.add(stream);
  }

  @Override
  public void onReadingPaused(boolean paused) {
    pauses.add(paused);
  }

  @Override
  public void onGoAway(long code) {
    goAways.add(code);
  }

  @Override
  public void onClosed(OverlayException why) {
    closes++;
    cause = why;
  }
}
