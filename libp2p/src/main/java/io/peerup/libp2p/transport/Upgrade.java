package io.peerup.libp2p.transport;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.multistream.Step;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.noise.NoiseHandshake;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSession;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Turns one byte pipe into a connection (connections/README.md): agree on `/noise`, run the
/// handshake, agree on the muxer (within the handshake if both sides can, else with multistream),
/// start the muxer. Bytes of a later layer may arrive in one piece with those of an earlier one and
/// are handed on. On the pipe's loop, like its callbacks.
public final class Upgrade {

  /// Security protocol id.
  public static final String NOISE = "/noise";

  /// Muxer protocol id. We offer exactly one in the handshake: some initiators choose from the
  /// wrong list when there are several.
  public static final String YAMUX = "/yamux/1.0.0";

  /// What a host's upgrades have in common.
  ///
  /// @param budget what all their connections may buffer together
  public record Config(NoiseKeys keys, KeyRandom random, YamuxLimits muxer, BufferBudget budget) {

    /// For a party whose connections are few: each is bounded by its muxer, all by the default.
    public Config(PrivateKey identity, KeyRandom random, YamuxLimits muxer) {
      this(NoiseKeys.of(identity, random), random, muxer, new BufferBudget(BufferBudget.BYTES_MAX));
    }
  }

  /// Told the outcome once, on the loop. Must not block.
  public interface Outcome {

    /// The connection is secured and multiplexed. Call [MuxedConnection#start] or
    /// [MuxedConnection#close] before returning: bytes of the first streams may wait behind this.
    void upgraded(MuxedConnection connection);

    /// It did not come to that; the pipe is closed.
    void failed(OverlayException cause);
  }

  private final Duplex pipe;
  private final Direction direction;
  private final Config config;
  private final Outcome outcome;
  private final Loop.Timer timer;
  private final NoiseHandshake handshake;
  private final NoiseFramer framer =
      new NoiseFramer(io.peerup.libp2p.noise.Limits.HANDSHAKE_FRAME_BYTES_MAX);
  private String stage = "agreeing on security";
  private boolean over;

  private Upgrade(
      Duplex pipe,
      Direction direction,
      Config config,
      PeerExpectation expectation,
      Duration timeout,
      Outcome outcome) {
    this.pipe = pipe;
    this.direction = direction;
    this.config = config;
    this.outcome = outcome;
    this.handshake =
        direction == Direction.OUTBOUND
            ? NoiseHandshake.initiator(config.keys(), config.random(), expectation, List.of(YAMUX))
            : NoiseHandshake.responder(config.keys(), config.random(), expectation, List.of(YAMUX));
    this.timer =
        pipe.loop()
            .after(
                timeout,
                () ->
                    fail(
                        new DeadlineExceeded(
                            "no connection within " + timeout.toMillis() + " ms: still " + stage)));
  }

  /// Starts; call it on the pipe's loop.
  public static Upgrade start(
      Duplex pipe,
      Direction direction,
      Config config,
      PeerExpectation expectation,
      Duration timeout,
      Outcome outcome) {
    Upgrade upgrade = new Upgrade(pipe, direction, config, expectation, timeout, outcome);
    pipe.receiver(upgrade.new Negotiating(pipe, NOISE, upgrade::secure));
    return upgrade;
  }

  /// The same over a stream of another connection, which is taken from its user: bytes already in
  /// its buffers come first. Any thread; blocks only to complete an optimistic negotiation of the
  /// stream.
  public static void startOver(
      Stream stream,
      Direction direction,
      Config config,
      PeerExpectation expectation,
      Duration timeout,
      Outcome outcome) {
    BlockingStream carrier = BlockingStream.own(stream);
    carrier
        .loop()
        .execute(() -> {
          try {
            Duplex pipe = StreamDuplex.over(carrier);
            var _ = start(pipe, direction, config, expectation, timeout, outcome);
          } catch (OverlayException e) {
            outcome.failed(e);
          } catch (IllegalStateException e) {
            outcome.failed(new PeerUnreachable("the circuit's stream is in use or closed", e));
          }
        });
  }

  /// Gives up if it is not complete: nobody waits any more. Any thread.
  public void abandon() {
    pipe.loop().execute(() -> fail(new PeerUnreachable("given up while " + stage)));
  }

  /// Where a layer hands the pipe and the bytes behind its own to the next layer.
  private interface Next {
    void take(byte[] data, int offset, int length);
  }

  private void secure(byte[] data, int offset, int length) {
    stage = "in the security handshake";
    Handshaking next = new Handshaking();
    pipe.receiver(next);
    next.perform(handshake.start());
    pipe.flush();
    next.onBytes(data, offset, length);
  }

  private void secured(NoiseSession session, byte[] data, int offset, int length) {
    NoiseDuplex noise = new NoiseDuplex(pipe, session);
    if (session.muxer().isPresent()) {
      MuxedConnection muxed = muxed(noise, session);
      finish(muxed);
    } else {
      stage = "agreeing on a muxer";
      noise.receiver(
          new Negotiating(
              noise,
              YAMUX,
              (rest, at, count) -> {
                MuxedConnection muxed = muxed(noise, session);
                finish(muxed);
                muxed.onBytes(rest, at, count);
              }));
    }
    pipe.receiver(noise);
    noise.onBytes(data, offset, length);
  }

  private MuxedConnection muxed(NoiseDuplex noise, NoiseSession session) {
    MuxedConnection muxed =
        new MuxedConnection(
            noise,
            direction,
            config.muxer(),
            config.budget(),
            new MuxedConnection.Secured(
                session.remotePeer(), session.remoteKey(), session.handshakeHash(), NOISE, YAMUX));
    noise.receiver(muxed);
    return muxed;
  }

  private void finish(MuxedConnection muxed) {
    over = true;
    timer.cancel();
    outcome.upgraded(muxed);
  }

  private void fail(OverlayException cause) {
    if (!over) {
      over = true;
      timer.cancel();
      handshake.destroy();
      pipe.abort();
      outcome.failed(cause);
    }
  }

  /// A layer that is being set up: whatever breaks a rule ends the upgrade.
  private abstract class Layer implements Duplex.Receiver {

    @Override
    public void onBytes(byte[] data, int offset, int length) {
      if (over) {
        return;
      }
      try {
        take(data, offset, length);
      } catch (OverlayException e) {
        fail(e);
      }
    }

    abstract void take(byte[] data, int offset, int length);

    @Override
    public void onEnded(OverlayException cause) {
      fail(
          new PeerUnreachable(
              "the connection ended while " + stage + ": " + cause.getMessage(), cause));
    }
  }

  /// multistream-select for exactly one protocol.
  private final class Negotiating extends Layer {
    private final Duplex channel;
    private final String protocol;
    private final Next next;
    private final @Nullable MultistreamInitiator initiator;
    private final MultistreamResponder responder;

    Negotiating(Duplex channel, String protocol, Next next) {
      this.channel = channel;
      this.protocol = protocol;
      this.next = next;
      this.responder = new MultistreamResponder(protocol::equals);
      if (direction == Direction.OUTBOUND) {
        initiator = new MultistreamInitiator(List.of(protocol), false);
        write(initiator.start());
        channel.flush();
      } else {
        initiator = null;
      }
    }

    @Override
    void take(byte[] data, int offset, int length) {
      int used =
          initiator != null
              ? initiator.consume(data, offset, length)
              : responder.consume(data, offset, length);
      switch (initiator != null ? initiator.step() : responder.step()) {
        case Step.NeedMore() -> {}
        case Step.Send send -> write(send.bytes());
        case Step.Agreed agreed -> {
          write(agreed.bytes());
          channel.flush();
          next.take(data, offset + used, length - used);
        }
        case Step.NoneSupported() -> throw new Refused("the peer does not speak " + protocol);
      }
    }

    @Override
    public void onIdle() {
      channel.flush();
    }

    private void write(byte[] bytes) {
      channel.write(bytes, 0, bytes.length);
    }
  }

  /// The Noise handshake, frame by frame.
  private final class Handshaking extends Layer {

    private @Nullable NoiseSession session;

    @Override
    void take(byte[] data, int offset, int length) {
      int at = offset;
      int end = offset + length;
      while (at < end && session == null) {
        at += framer.consume(data, at, end - at);
        if (framer.complete()) {
          byte[] message = framer.bodyCopy();
          framer.next();
          perform(handshake.receive(message));
        }
      }
      if (session != null) {
        secured(session, data, at, end - at);
        // Message 3 and the first bytes of the next layer leave together.
        pipe.flush();
      }
    }

    void perform(NoiseHandshake.Step step) {
      switch (step) {
        case NoiseHandshake.Step.Await() -> {}
        case NoiseHandshake.Step.Send send -> write(send.message());
        case NoiseHandshake.Step.Done done -> {
          if (done.message().length > 0) {
            write(done.message());
          }
          session = done.session();
        }
      }
    }

    @Override
    public void onIdle() {
      pipe.flush();
    }

    private void write(byte[] message) {
      byte[] frame = NoiseFramer.frame(message);
      pipe.write(frame, 0, frame.length);
    }
  }
}
