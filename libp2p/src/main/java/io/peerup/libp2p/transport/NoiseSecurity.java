package io.peerup.libp2p.transport;

import io.peerup.libp2p.Direction;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseFramer;
import io.peerup.libp2p.noise.NoiseHandshake;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSession;
import io.peerup.libp2p.noise.NoiseSuite;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Noise over pipes.
public final class NoiseSecurity implements Security {

  private final NoiseSuite suite;
  private final Negotiated negotiated;
  private final NoiseKeys keys;
  private final KeyRandom random;

  /// `offered` are the ids of all ways in which our pipes may be secured, best first: the peer is
  /// told, and what it tells is compared; empty: neither. `random` yields the ephemeral keys.
  public NoiseSecurity(NoiseSuite suite, List<String> offered, NoiseKeys keys, KeyRandom random) {
    this.suite = suite;
    this.negotiated = new Negotiated(suite.id(), offered);
    this.keys = keys;
    this.random = random;
  }

  @Override
  public String id() {
    return suite.id();
  }

  @Override
  public Handshake handshake(Duplex pipe, Direction direction, PeerExpectation expected) {
    // One muxer in the handshake: some initiators choose from the wrong list when there are more.
    List<String> muxers = List.of(Upgrade.YAMUX);
    return new Running(
        pipe,
        suite.frameBytesMax(),
        direction == Direction.OUTBOUND
            ? NoiseHandshake.initiator(negotiated, keys, random, expected, muxers)
            : NoiseHandshake.responder(negotiated, keys, random, expected, muxers));
  }

  @Override
  public void destroy() {
    keys.destroy();
  }

  /// The handshake, frame by frame.
  private static final class Running implements Handshake {

    private final Duplex pipe;
    private final NoiseHandshake handshake;
    private final NoiseFramer framer;
    private @Nullable NoiseSession session;

    Running(Duplex pipe, int frameBytesMax, NoiseHandshake handshake) {
      this.pipe = pipe;
      this.framer = new NoiseFramer(frameBytesMax);
      this.handshake = handshake;
    }

    @Override
    public void start() {
      perform(handshake.start());
    }

    @Override
    public int take(byte[] data, int offset, int length) {
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
      return at - offset;
    }

    @Override
    public Optional<Channel> channel() {
      return Optional.ofNullable(session)
          .map(done ->
              new Channel(
                  new NoiseDuplex(pipe, done), done.remoteKey(), done.muxer(), done.binding()));
    }

    @Override
    public void destroy() {
      handshake.destroy();
    }

    private void perform(NoiseHandshake.Step step) {
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

    private void write(byte[] message) {
      byte[] frame = NoiseFramer.frame(message);
      pipe.write(frame, 0, frame.length);
    }
  }
}
