package io.peerup.simulation;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.multistream.Step;
import io.peerup.libp2p.muxer.MuxStreamListener;
import io.peerup.libp2p.transport.BlockingStream;
import io.peerup.libp2p.transport.StreamDoor;
import io.peerup.libp2p.wire.Varint;
import io.peerup.libp2p.yamux.YamuxStream;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A dialogue on one stream, without a thread: what comes next is a callback. Stands where
/// [BlockingStream] and its virtual thread stand in a daemon; the muxer's stream below is the real
/// one, and circuits take it from here as they take it from a thread.
final class Line implements MuxStreamListener {

  /// Takes bytes; returns how many it took. -1 bytes are the peer's end.
  interface Reader {
    int take(byte[] bytes, int offset, int length);

    void ended();
  }

  private final Session session;
  private final BlockingStream carrier;
  private final YamuxStream stream;
  private Consumer<OverlayException> onFailure = _ -> {};
  private @Nullable Runnable whenSent;
  private byte[] unsent = {};
  private boolean finWanted;
  private @Nullable Reader reader;
  private boolean pulling;
  private boolean over;
  private boolean given;
  private int deadline;

  Line(Session session, BlockingStream carrier) {
    this.session = session;
    this.carrier = carrier;
    this.stream = StreamDoor.below(carrier);
    stream.listen(this);
  }

  /// Who is told, once, if it ends otherwise than by us or by both sides' FIN.
  void onFailure(Consumer<OverlayException> next) {
    onFailure = next;
  }

  Session session() {
    return session;
  }

  /// Ends in failure unless [#noDeadline()] comes first.
  void deadline(Duration time) {
    int mine = ++deadline;
    session
        .loop()
        .after(
            time,
            () -> {
              if (mine == deadline && !over && !given) {
                stream.reset(0);
                fail(new io.peerup.libp2p.DeadlineExceeded("no answer in time"));
              }
            });
  }

  void noDeadline() {
    deadline++;
  }

  // ------------------------------------------------------------------------------------
  // multistream

  /// Proposes; goes on with the agreed protocol.
  void propose(List<String> protocols, Consumer<String> agreed) {
    MultistreamInitiator machine = new MultistreamInitiator(protocols, false);
    send(machine.start());
    read(
        new Bytewise(one -> {
          int used = machine.consume(one, 0, 1);
          if (used != 1) {
            throw new Broken("a negotiation that goes on did not take a byte");
          }
          return next(machine.step(), agreed);
        }));
  }

  /// Answers; goes on with the agreed protocol.
  void answer(Predicate<String> supports, Consumer<String> agreed) {
    MultistreamResponder machine = new MultistreamResponder(supports);
    read(
        new Bytewise(one -> {
          int used = machine.consume(one, 0, 1);
          if (used != 1) {
            throw new Broken("a negotiation that goes on did not take a byte");
          }
          return next(machine.step(), agreed);
        }));
  }

  private boolean next(Step step, Consumer<String> agreed) {
    switch (step) {
      case Step.NeedMore() -> {
        return true;
      }
      case Step.Send send -> {
        send(send.bytes());
        return true;
      }
      case Step.Agreed done -> {
        send(done.bytes());
        reader = null;
        agreed.accept(done.protocol());
        return false;
      }
      case Step.NoneSupported() -> {
        reset();
        fail(new io.peerup.libp2p.Refused("the peer speaks none of it"));
        return false;
      }
    }
  }

  /// Reads one byte at a time, so that what follows stays in the stream.
  private class Bytewise implements Reader {
    private final Predicate<byte[]> sink;

    Bytewise(Predicate<byte[]> sink) {
      this.sink = sink;
    }

    @Override
    public int take(byte[] bytes, int offset, int length) {
      var _ = sink.test(new byte[] {bytes[offset]});
      return 1;
    }

    @Override
    public void ended() {
      reset();
      fail(new ProtocolViolation("the stream ended in the middle of a message"));
    }
  }

  // ------------------------------------------------------------------------------------------
  // frames

  /// One length-prefixed message; the end of the stream instead is a failure.
  void frame(int bytesMax, Consumer<byte[]> then) {
    frameOrEnd(
        bytesMax,
        then,
        () -> {
          reset();
          fail(new ProtocolViolation("the stream ended where a message belongs"));
        });
  }

  /// One length-prefixed message, or the end of the stream before it.
  void frameOrEnd(int bytesMax, Consumer<byte[]> then, Runnable end) {
    Varint.Decoder length = new Varint.Decoder();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean[] sized = {false};
    read(
        new Bytewise(
            one -> {
              if (!sized[0]) {
                sized[0] = length.accept(one[0]);
                if (sized[0] && length.value() > bytesMax) {
                  throw new ProtocolViolation("a frame of " + length.value() + " bytes");
                }
              } else {
                body.writeBytes(one);
              }
              if (sized[0] && body.size() == length.value()) {
                reader = null;
                then.accept(body.toByteArray());
                return false;
              }
              return true;
            }) {
          @Override
          public void ended() {
            if (body.size() == 0 && !sized[0]) {
              end.run();
            } else {
              super.ended();
            }
          }
        });
  }

  void sendFrame(byte[] body) {
    send(Varint.encode(body.length));
    send(body);
  }

  // -------------------------------------------------------------------------------------------
  // bytes

  void read(Reader next) {
    reader = next;
    session.loop().execute(this::pull);
  }

  /// Goes on once everything said so far is with the muxer.
  void whenSent(Runnable next) {
    whenSent = next;
    session.loop().execute(this::push);
  }

  /// Leaves what comes with the muxer until the next [#read].
  void pause() {
    reader = null;
  }

  void send(byte[] bytes) {
    if (over) {
      return;
    }
    unsent = Arrays.copyOf(unsent, unsent.length + bytes.length);
    System.arraycopy(bytes, 0, unsent, unsent.length - bytes.length, bytes.length);
    push();
  }

  /// FIN behind the last byte.
  void closeWrite() {
    finWanted = true;
    push();
  }

  void reset() {
    over = true;
    reader = null;
    whenSent = null;
    stream.reset(0);
  }

  /// The stream as those take it who carry circuits. Nothing more comes here.
  BlockingStream give() {
    if (unsent.length > 0) {
      throw new Broken("a stream was given away with bytes unsent");
    }
    given = true;
    reader = null;
    return carrier;
  }

  boolean isOver() {
    return over;
  }

  private void push() {
    if (over || given) {
      return;
    }
    try {
      while (unsent.length > 0) {
        int taken = stream.write(unsent, 0, unsent.length);
        unsent = Arrays.copyOfRange(unsent, taken, unsent.length);
        if (unsent.length > 0) {
          return; // onWritable follows
        }
      }
    } catch (OverlayException e) {
      fail(e);
      return;
    }
    if (finWanted) {
      stream.closeWrite();
    }
    Runnable next = whenSent;
    if (next != null) {
      whenSent = null;
      next.run();
    }
  }

  private void pull() {
    if (pulling || over || given) {
      return;
    }
    pulling = true;
    try {
      Reader current = reader;
      while (current != null && !over && !given) {
        byte[] some =
            new byte[current instanceof Bytewise ? 1 : 1 + session.world().random.nextInt(70_000)];
        int count = stream.read(some, 0, some.length);
        if (count == 0) {
          break;
        }
        if (count < 0) {
          reader = null;
          current.ended();
        } else {
          int taken = current.take(some, 0, count);
          if (taken != count) {
            throw new Broken("a reader left bytes");
          }
        }
        current = reader;
      }
    } catch (MalformedInput e) {
      reset();
      fail(new ProtocolViolation(String.valueOf(e.getMessage()), e));
    } catch (OverlayException e) {
      reset();
      fail(e);
    } finally {
      pulling = false;
    }
  }

  private void fail(OverlayException cause) {
    if (given) {
      return;
    }
    over = true;
    reader = null;
    whenSent = null;
    Consumer<OverlayException> told = onFailure;
    onFailure = _ -> {};
    told.accept(cause);
  }

  @Override
  public void onReadable() {
    pull();
  }

  @Override
  public void onWritable() {
    push();
  }

  @Override
  public void onRemoteClosed() {
    pull();
  }

  @Override
  public void onReset(OverlayException cause, long code) {
    // What came completely before the connection ended may still be read.
    if (!over && stream.remoteClosed() && reader != null) {
      pull();
    }
    if (!over) {
      fail(cause);
    }
  }
}
