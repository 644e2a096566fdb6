package io.peerup.bench.jmh;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseHandshake;
import io.peerup.libp2p.noise.NoiseKeys;
import io.peerup.libp2p.noise.NoiseSession;
import io.peerup.libp2p.noise.NoiseSuite;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// Our Noise: a whole handshake, both sides, and one record sealed and opened.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class NoiseBenchmark {

  private static final int TAG_BYTES = 16;
  private static final List<String> MUXERS = List.of("/yamux/1.0.0");

  /// Two identities.
  @State(Scope.Thread)
  public static class Peers {
    private final KeyRandom random = KeyRandom.secure();
    private final NoiseKeys one = NoiseKeys.of(PrivateKey.generate(random), random);
    private final NoiseKeys other = NoiseKeys.of(PrivateKey.generate(random), random);

    NoiseSession[] handshake(NoiseSuite suite, List<String> offered) {
      PeerExpectation any = PeerExpectation.any();
      Negotiated negotiated = new Negotiated(suite.id(), offered);
      NoiseHandshake dialer = NoiseHandshake.initiator(negotiated, one, random, any, MUXERS);
      NoiseHandshake listener = NoiseHandshake.responder(negotiated, other, random, any, MUXERS);
      NoiseHandshake.Step _ = listener.start();
      NoiseHandshake.Step second = listener.receive(sent(dialer.start()));
      NoiseHandshake.Step.Done dialed = (NoiseHandshake.Step.Done) dialer.receive(sent(second));
      NoiseHandshake.Step.Done accepted =
          (NoiseHandshake.Step.Done) listener.receive(dialed.message());
      return new NoiseSession[] {dialed.session(), accepted.session()};
    }

    private static byte[] sent(NoiseHandshake.Step step) {
      return ((NoiseHandshake.Step.Send) step).message();
    }
  }

  /// A finished handshake.
  @State(Scope.Thread)
  public static class Session {
    @Param({"64", "1024", "65519"})
    public int bytes;

    private NoiseSession[] sides = {};
    private byte[] plain = {};
    private byte[] sealed = {};

    @Setup(Level.Iteration)
    public void handshake() {
      sides = new Peers().handshake(NoiseSuite.CLASSIC, List.of());
      plain = new byte[bytes];
      sealed = new byte[bytes + TAG_BYTES];
    }
  }

  /// Whether both sides say what they offer, signed, and compare.
  @State(Scope.Thread)
  public static class Offers {
    @Param({"false", "true"})
    public boolean told;

    /// `suite` is all that is offered.
    private List<String> with(NoiseSuite suite) {
      return told ? List.of(suite.id()) : List.of();
    }
  }

  @Benchmark
  public NoiseSession[] handshake(Peers peers, Offers offers) {
    return peers.handshake(NoiseSuite.CLASSIC, offers.with(NoiseSuite.CLASSIC));
  }

  @Benchmark
  public NoiseSession[] hybridHandshake(Peers peers, Offers offers) {
    return peers.handshake(NoiseSuite.HYBRID, offers.with(NoiseSuite.HYBRID));
  }

  @Benchmark
  public byte[] record(Session session) {
    int count =
        session.sides[0].sender().encrypt(session.plain, 0, session.bytes, session.sealed, 0);
    int _ = session.sides[1].receiver().decrypt(session.sealed, 0, count, session.plain, 0);
    return session.plain;
  }
}
