package io.peerup.simulation;

import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.transport.Duplex;
import io.peerup.libp2p.transport.Loop;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One end of a connection of the network: bytes arrive in order or not at all, late, and cut
/// anywhere. As with a socket there is room for so much on the way, and then no more.
final class Link implements Duplex {

  /// What the sockets of both sides hold.
  private static final int ROOM_BYTES = 64 * 1024;

  /// What a writer may hand over above the room: a full frame of the muxer in records, and small
  /// frames of control.
  private static final int OVERSHOOT_BYTES = 80 * 1024;

  private final World world;
  private final World.Task loop;
  private final ByteArrayOutputStream queued = new ByteArrayOutputStream();
  private final ArrayDeque<byte[]> unread = new ArrayDeque<>();
  private @Nullable Link other;
  private @Nullable Receiver receiver;
  private long lastArrival;
  private int onTheWay;
  private boolean wasFull;
  private boolean reading = true;
  private boolean ended;
  private boolean endAfterUnread;
  private boolean deaf;

  private Link(World world, World.Task loop) {
    this.world = world;
    this.loop = loop;
  }

  /// Two connected ends.
  static Link[] pair(World world, World.Task one, World.Task two) {
    Link[] ends = {new Link(world, one), new Link(world, two)};
    ends[0].other = ends[1];
    ends[1].other = ends[0];
    return ends;
  }

  /// What this end sends is held up for so long; order is kept.
  void stall(Duration time) {
    lastArrival = Math.max(lastArrival, world.nanoTime()) + time.toNanos();
  }

  /// The cable is cut: this end hears of it after some time, or never.
  void cut(Duration noticed) {
    deaf = true;
    peer().deaf = true;
    world.after(noticed, () -> loop.execute(() -> end("the network was cut")));
  }

  /// A box in between resets the connection.
  void abortFromOutside() {
    Link to = peer();
    world.after(world.between(0, 20), () -> loop.execute(this::aborted));
    world.after(world.between(0, 20), () -> to.loop.execute(to::aborted));
  }

  /// The process behind this end is gone; its kernel says so to the other end, or nobody does.
  void killed(boolean silently) {
    ended = true;
    if (silently) {
      deaf = true;
      peer().deaf = true;
    } else {
      goodBye();
    }
  }

  boolean ended() {
    return ended;
  }

  @Override
  public Loop loop() {
    return loop;
  }

  @Override
  public void receiver(Receiver next) {
    receiver = next;
  }

  @Override
  public void write(byte[] data, int offset, int length) {
    if (!ended) {
      queued.write(data, offset, length);
      if (onTheWay + queued.size() > ROOM_BYTES + OVERSHOOT_BYTES) {
        throw new Broken("a writer put " + (onTheWay + queued.size()) + " bytes into a full pipe");
      }
    }
  }

  @Override
  public void flush() {
    byte[] bytes = queued.toByteArray();
    queued.reset();
    onTheWay += bytes.length;
    wasFull |= !writable();
    for (int at = 0; at < bytes.length && !ended && !deaf; ) {
      int count = Math.min(bytes.length - at, piece());
      byte[] piece = Arrays.copyOfRange(bytes, at, at + count);
      at += count;
      if (world.chance(0.01) && world.sabotages(Sabotage.FLIPPED_BIT)) {
        piece[world.random.nextInt(count)] ^= (byte) (1 << world.random.nextInt(8));
      }
      send(piece);
      if (world.chance(0.01) && world.sabotages(Sabotage.REPEATED_PIECE)) {
        onTheWay += count;
        send(piece.clone());
      }
    }
  }

  private int piece() {
    return switch (world.random.nextInt(8)) {
      case 0 -> 1 + world.random.nextInt(4);
      case 1, 2 -> 1 + world.random.nextInt(200);
      default -> 1500 + world.random.nextInt(60_000);
    };
  }

  private void send(byte[] piece) {
    Link to = peer();
    inOrder(() -> to.arrived(piece));
  }

  /// Happens at the other end, behind all that was sent before.
  private void inOrder(Runnable task) {
    Link to = peer();
    lastArrival = Math.max(world.nanoTime() + world.between(0, 20).toNanos(), lastArrival);
    world.after(Duration.ofNanos(lastArrival - world.nanoTime()), () -> to.loop.execute(task));
  }

  private void arrived(byte[] piece) {
    if (!deaf && !ended) {
      unread.add(piece);
      deliver();
    }
  }

  private void deliver() {
    boolean any = false;
    while (reading && !ended && !unread.isEmpty() && receiver != null) {
      byte[] piece = unread.remove();
      any = true;
      receiver.onBytes(piece, 0, piece.length);
      Arrays.fill(piece, (byte) 0xee); // a lent array must not be kept
      peer().took(piece.length);
    }
    if (any && !ended && receiver != null) {
      receiver.onIdle();
    }
    if (endAfterUnread && unread.isEmpty()) {
      end("closed by peer");
    }
  }

  private void took(int bytes) {
    world.after(world.between(0, 10), () -> loop.execute(() -> room(bytes)));
  }

  private void room(int bytes) {
    if (wasFull && world.sabotages(Sabotage.LOST_ROOM)) {
      return;
    }
    onTheWay -= bytes;
    if (wasFull && writable() && !ended) {
      wasFull = false;
      if (receiver != null) {
        receiver.onWritable();
      }
    }
  }

  @Override
  public boolean writable() {
    return onTheWay + queued.size() < ROOM_BYTES;
  }

  @Override
  public void reading(boolean on) {
    boolean resumed = on && !reading;
    reading = on;
    if (resumed) {
      loop.execute(this::deliver);
    }
  }

  @Override
  public void close() {
    if (!ended) {
      flush();
      ended = true;
      goodBye();
    }
  }

  private void goodBye() {
    Link to = peer();
    inOrder(to::closedByPeer);
  }

  private void closedByPeer() {
    if (!deaf) {
      endAfterUnread = true;
      deliver();
    }
  }

  @Override
  public void abort() {
    if (!ended) {
      ended = true;
      queued.reset();
      // Some of what is on the way is lost.
      Link to = peer();
      world.after(world.between(0, 20), () -> to.loop.execute(to::aborted));
    }
  }

  private void aborted() {
    if (!deaf) {
      end("reset by peer");
    }
  }

  private void end(String why) {
    if (!ended) {
      ended = true;
      unread.clear();
      if (receiver != null) {
        receiver.onEnded(new PeerUnreachable(why));
      }
    }
  }

  private Link peer() {
    if (other == null) {
      throw new IllegalStateException("not connected");
    }
    return other;
  }
}
