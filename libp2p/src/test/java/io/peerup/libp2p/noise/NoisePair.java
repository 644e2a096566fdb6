package io.peerup.libp2p.noise;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.multistream.Negotiated;
import io.peerup.libp2p.noise.NoiseHandshake.Step;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Two sides with fixed keys, so that each pair exchanges the very same bytes.
final class NoisePair {

  static final PrivateKey DIALER = PrivateKey.ofEd25519Seed(seed(1));
  static final PrivateKey LISTENER = PrivateKey.ofEd25519Seed(seed(2));
  static final PrivateKey STRANGER = PrivateKey.ofEd25519Seed(seed(3));
  static final NoiseKeys DIALER_KEYS = NoiseKeys.of(DIALER, fixed(10));
  static final NoiseKeys LISTENER_KEYS = NoiseKeys.of(LISTENER, fixed(20));
  static final String YAMUX = "/yamux/1.0.0";

  final NoiseHandshake initiator;
  final NoiseHandshake responder;

  /// Two that speak `/noise` and say nothing of what else they offer.
  NoisePair() {
    this(silent(NoiseSuite.CLASSIC), silent(NoiseSuite.CLASSIC));
  }

  NoisePair(Negotiated dialer, Negotiated listener) {
    PeerExpectation theListener = PeerExpectation.exactly(idOf(LISTENER));
    initiator = initiator(dialer, theListener, List.of(YAMUX));
    responder = responder(listener, PeerExpectation.any(), List.of(YAMUX));
  }

  static Negotiated silent(NoiseSuite suite) {
    return new Negotiated(suite.id(), List.of());
  }

  static NoiseHandshake initiator(PeerExpectation expected, List<String> muxers) {
    return initiator(silent(NoiseSuite.CLASSIC), expected, muxers);
  }

  static NoiseHandshake responder(PeerExpectation expected, List<String> muxers) {
    return responder(silent(NoiseSuite.CLASSIC), expected, muxers);
  }

  static NoiseHandshake initiator(
      Negotiated negotiated, PeerExpectation expected, List<String> muxers) {
    return NoiseHandshake.of(
        true, negotiated, DIALER_KEYS, fixed(11), new FixedMlKem768(fixed(12)), expected, muxers);
  }

  static NoiseHandshake responder(
      Negotiated negotiated, PeerExpectation expected, List<String> muxers) {
    return NoiseHandshake.of(
        false,
        negotiated,
        LISTENER_KEYS,
        fixed(21),
        new FixedMlKem768(fixed(22)),
        expected,
        muxers);
  }

  /// What `identity` says when `staticPublic` is its static key.
  static byte[] payload(PrivateKey identity, byte[] staticPublic, List<String> muxers) {
    return IdentityPayload.create(
        identity.publicKey(),
        identity.sign(IdentityPayload.signedBytes(staticPublic)),
        muxers,
        Optional.empty());
  }

  static byte[] sent(Step step) {
    return ((Step.Send) step).message();
  }

  static Step.Done done(Step step) {
    return (Step.Done) step;
  }

  static PeerId idOf(PrivateKey key) {
    return PeerId.of(key.publicKey());
  }

  /// A different key at each call, the same ones in each run.
  static KeyRandom fixed(int first) {
    int[] next = {first};
    return target -> Arrays.fill(target, (byte) next[0]++);
  }

  static byte[] seed(int value) {
    byte[] out = new byte[32];
    Arrays.fill(out, (byte) value);
    return out;
  }
}
