package io.peerup.libp2p.transport;

import io.peerup.libp2p.DeadlineExceeded;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.multistream.MultistreamInitiator;
import io.peerup.libp2p.multistream.MultistreamResponder;
import io.peerup.libp2p.multistream.Step;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSuite;
import io.peerup.libp2p.yamux.YamuxLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Turns one byte pipe into a connection (connections/README.md): agree on Noise or TLS, run its
/// handshake, agree on the muxer (within the handshake if both sides can, else with multistream),
/// start the muxer. Bytes of a later layer may arrive in one piece with those of an earlier one and
/// are handed on. On the pipe's loop, like its callbacks.
public final class Upgrade {

  /// Security protocol id of Noise with ML-KEM-768 beside X25519.
  public static final String HYBRID_NOISE = NoiseSuite.HYBRID.id();

  /// Security protocol id of Noise.
  public static final String NOISE = NoiseSuite.CLASSIC.id();

  /// Security protocol id of TLS 1.3.
  public static final String TLS = "/tls/1.0.0";

  /// Muxer protocol id.
  public static final String YAMUX = "/yamux/1.0.0";

  /// What a host's upgrades have in common.
  ///
  /// @param security how pipes may be secured, at least one way: the dialler's preferred first; a
  ///   listener takes each
  /// @param budget what all their connections may buffer together
  public record Config(List<Security> security, YamuxLimits muxer, BufferBudget budget) {

    public Config {
      security = List.copyOf(security);
    }

    /// Noise, for a party whose connections are few: each is bounded by its muxer, all by the
    /// default.
    public Config(PrivateKey identity, KeyRandom random, YamuxLimits muxer) {
      this(
          List.of(
              new NoiseSecurity(
                  NoiseSuite.CLASSIC, List.of(NOISE), NoiseKeys.of(identity, random), random)),
          muxer,
          new BufferBudget(BufferBudget.BYTES_MAX));
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
  private final PeerExpectation expectation;
  private Security.@Nullable Handshake handshake;
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
    this.expectation = expectation;
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
    List<String> ids = config.security().stream().map(Security::id).toList();
    pipe.receiver(upgrade.new Negotiating(pipe, ids, upgrade::secure));
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

  /// Where a layer hands what was agreed and the bytes behind its own to the next layer.
  private interface Next {
    void take(String agreed, byte[] data, int offset, int length);
  }

  private void secure(String id, byte[] data, int offset, int length) {
    stage = "in the security handshake";
    Security security =
        config.security().stream().filter(each -> each.id().equals(id)).findFirst().orElseThrow();
    Security.Handshake running =
        security.handshake(pipe, direction, peer -> expectation.accepts(peer, id));
    handshake = running;
    Handshaking next = new Handshaking(id, running);
    pipe.receiver(next);
    running.start();
    pipe.flush();
    next.onBytes(data, offset, length);
  }

  private void secured(String id, Security.Channel channel, byte[] data, int offset, int length) {
    Security.SecureDuplex secure = channel.duplex();
    if (channel.muxer().isPresent()) {
      finish(muxed(id, channel));
    } else {
      stage = "agreeing on a muxer";
      secure.receiver(
          new Negotiating(
              secure,
              List.of(YAMUX),
              (_, rest, at, count) -> {
                YamuxConnection muxed = muxed(id, channel);
                finish(muxed);
                muxed.onBytes(rest, at, count);
              }));
    }
    pipe.receiver(secure);
    secure.onBytes(data, offset, length);
  }

  private YamuxConnection muxed(String id, Security.Channel channel) {
    YamuxConnection muxed =
        new YamuxConnection(
            channel.duplex(),
            direction,
            config.muxer(),
            config.budget(),
            new MuxedConnection.Secured(
                PeerId.of(channel.key()), channel.key(), channel.binding(), id, YAMUX));
    channel.duplex().receiver(muxed);
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
      if (handshake != null) {
        handshake.destroy();
      }
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

  /// multistream-select.
  private final class Negotiating extends Layer {
    private final Duplex channel;
    private final List<String> protocols;
    private final Next next;
    private final @Nullable MultistreamInitiator initiator;
    private final MultistreamResponder responder;

    Negotiating(Duplex channel, List<String> protocols, Next next) {
      this.channel = channel;
      this.protocols = protocols;
      this.next = next;
      this.responder = new MultistreamResponder(protocols::contains);
      if (direction == Direction.OUTBOUND) {
        initiator = new MultistreamInitiator(protocols, false);
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
          next.take(agreed.protocol(), data, offset + used, length - used);
        }
        case Step.NoneSupported() ->
            throw new Refused("the peer does not speak " + String.join(" or ", protocols));
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

  /// The security handshake.
  private final class Handshaking extends Layer {

    private final String id;
    private final Security.Handshake running;

    Handshaking(String id, Security.Handshake running) {
      this.id = id;
      this.running = running;
    }

    @Override
    void take(byte[] data, int offset, int length) {
      int used;
      try {
        used = running.take(data, offset, length);
      } catch (OverlayException e) {
        pipe.flush();
        throw e;
      }
      Optional<Security.Channel> channel = running.channel();
      if (channel.isPresent()) {
        secured(id, channel.get(), data, offset + used, length - used);
        // The last message and the first bytes of the next layer leave together.
        pipe.flush();
      }
    }

    @Override
    public void onIdle() {
      pipe.flush();
    }
  }
}
