package io.peerup.simulation;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.StreamReset;
import io.peerup.libp2p.wire.ByteReader;
import io.peerup.libp2p.wire.ByteWriter;
import java.time.Duration;

/// One end of a stream on which both sides send so many bytes that each knows, and FIN. It is done
/// when all of them came and nothing else, or it failed with an error; it is never anything else.
final class Swap implements Line.Reader {

  static final String PROTOCOL = "/sim/swap/1";
  static final int HEADER_BYTES_MAX = 64;
  private static final int PIECE_BYTES_MAX = 60_000;

  /// Who speaks when.
  enum Manner {
    BOTH_AT_ONCE(0),
    ANSWER_AFTER_FIN(1),
    FIN_AFTER_ANSWER(2);

    private final int code;

    Manner(int code) {
      this.code = code;
    }
  }

  private final Line line;
  private final boolean opener;
  private final long id;
  private final int toSend;
  private final int toReceive;
  private final Manner manner;
  private final boolean slow;
  private int sent;
  private int received;
  private boolean finSent;
  private boolean finReceived;
  private boolean failed;

  private Swap(Line line, boolean opener, long id, int toSend, int toReceive, Manner manner) {
    this.line = line;
    this.opener = opener;
    this.id = id;
    this.toSend = toSend;
    this.toReceive = toReceive;
    this.manner = manner;
    this.slow = line.session().world().chance(0.3);
    line.session().process().swaps.add(this);
    line.onFailure(this::fail);
  }

  /// The side that opened the stream.
  static void ask(Line line) {
    World world = line.session().world();
    Swap swap =
        new Swap(
            line,
            true,
            world.random.nextLong(),
            size(world),
            size(world),
            Manner.values()[world.random.nextInt(Manner.values().length)]);
    ByteWriter header = new ByteWriter();
    header.u64(swap.id);
    header.varint(swap.toSend);
    header.varint(swap.toReceive);
    header.u8(swap.manner.code);
    line.sendFrame(header.toByteArray());
    swap.say();
    line.read(swap);
    if (world.chance(0.1)) {
      line.session()
          .loop()
          .after(
              world.between(0, 300),
              () -> {
                if (!swap.isOver()) {
                  line.reset();
                  swap.failed = true;
                }
              });
    }
  }

  /// The other side.
  static void answer(Line line) {
    line.frame(
        HEADER_BYTES_MAX,
        header -> {
          ByteReader in = new ByteReader(header);
          long id = in.u64();
          int theirs = (int) in.varint(Integer.MAX_VALUE);
          int ours = (int) in.varint(Integer.MAX_VALUE);
          Swap swap = new Swap(line, false, id, ours, theirs, Manner.values()[in.u8()]);
          if (swap.manner != Manner.ANSWER_AFTER_FIN) {
            swap.say();
          }
          line.read(swap);
        });
  }

  private static int size(World world) {
    return switch (world.random.nextInt(12)) {
      case 0 -> 0;
      case 1 -> world.random.nextInt(600_000); // more than a window
      case 2, 3, 4 -> world.random.nextInt(40_000);
      default -> world.random.nextInt(2_000);
    };
  }

  /// Ended, this way or that.
  boolean isOver() {
    return failed || (finSent && finReceived);
  }

  boolean isFailed() {
    return failed;
  }

  void processDied() {
    failed = true;
  }

  private void fail(OverlayException cause) {
    failed = true;
    if (!(cause instanceof StreamReset || cause instanceof PeerUnreachable)) {
      throw new Broken("a stream ended because somebody broke a rule: " + this, cause);
    }
  }

  private void say() {
    World world = line.session().world();
    if (failed || finSent) {
      return;
    }
    if (sent == toSend || (!opener && sent > 0 && world.chance(0.1) && cutsShort(world))) {
      if (manner != Manner.FIN_AFTER_ANSWER || !opener || finReceived) {
        finSent = true;
        line.closeWrite();
      }
      return;
    }
    byte[] piece = new byte[Math.min(toSend - sent, 1 + world.random.nextInt(PIECE_BYTES_MAX))];
    for (int i = 0; i < piece.length; i++) {
      piece[i] = expected(opener, sent + i);
    }
    sent += piece.length;
    line.send(piece);
    if (world.chance(0.1) && world.sabotages(Sabotage.REPEATED_REPLY)) {
      line.send(piece);
    }
    line.whenSent(this::say);
  }

  private static boolean cutsShort(World world) {
    return world.sabotages(Sabotage.SHORT_REPLY);
  }

  @Override
  public int take(byte[] bytes, int offset, int length) {
    for (int i = 0; i < length; i++) {
      if (received + i >= toReceive) {
        throw new Broken("more bytes came than were sent: " + this);
      }
      if (bytes[offset + i] != expected(!opener, received + i)) {
        throw new Broken("byte " + (received + i) + " is wrong: " + this);
      }
    }
    received += length;
    World world = line.session().world();
    if (slow && world.chance(0.5)) {
      line.pause();
      line.session()
          .loop()
          .after(
              Duration.ofMillis(world.random.nextInt(400)),
              () -> {
                if (!failed) {
                  line.read(this);
                }
              });
    }
    return length;
  }

  @Override
  public void ended() {
    if (received != toReceive) {
      throw new Broken("the end came too early: " + this);
    }
    finReceived = true;
    if (!finSent && (manner == Manner.FIN_AFTER_ANSWER || manner == Manner.ANSWER_AFTER_FIN)) {
      say();
    }
  }

  private byte expected(boolean ofOpener, int at) {
    return (byte) (at * 31 + (at >> 8) * 7 + id + (ofOpener ? 0 : 101));
  }

  @Override
  public String toString() {
    return "%s %s of swap %x with %s: sent %d of %d%s, received %d of %d%s%s"
        .formatted(
            manner,
            opener ? "opener" : "answerer",
            id,
            line.session(),
            sent,
            toSend,
            finSent ? " and FIN" : "",
            received,
            toReceive,
            finReceived ? " and FIN" : "",
            failed ? ", failed" : "");
  }
}
