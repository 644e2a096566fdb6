package io.peerup.libp2p.noise;

import static io.peerup.libp2p.noise.NoisePair.DIALER;
import static io.peerup.libp2p.noise.NoisePair.DIALER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.LISTENER;
import static io.peerup.libp2p.noise.NoisePair.LISTENER_KEYS;
import static io.peerup.libp2p.noise.NoisePair.done;
import static io.peerup.libp2p.noise.NoisePair.fixed;
import static io.peerup.libp2p.noise.NoisePair.sent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.Refused;
import io.peerup.libp2p.crypto.JdkMlKem768;
import io.peerup.libp2p.multistream.Negotiated;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What each side says of the security protocols that it offers, and what the other makes of it.
class NoiseOffersTest {

  private static final List<String> BOTH = List.of(NoiseSuite.HYBRID.id(), NoiseSuite.CLASSIC.id());
  private static final Negotiated WEAKENED = new Negotiated(NoiseSuite.CLASSIC.id(), BOTH);
  private static final byte[] NONE = {};

  @ParameterizedTest
  @EnumSource
  void offersAreToldInEitherSuiteAndOneThatFitsThemCompletes(NoiseSuite suite) {
    List<String> own = List.of(suite.id());
    NoisePair pair =
        new NoisePair(new Negotiated(suite.id(), own), new Negotiated(suite.id(), own));
    pair.responder.start();
    byte[] second = sent(pair.responder.receive(sent(pair.initiator.start())));
    assertThat(done(pair.responder.receive(done(pair.initiator.receive(second)).message())))
        .isNotNull();
  }

  @Test
  void theDialerNoticesBeforeMessageThreeExists() {
    NoisePair pair = new NoisePair(WEAKENED, WEAKENED);
    pair.responder.start();
    byte[] second = sent(pair.responder.receive(sent(pair.initiator.start())));
    assertDowngrade(() -> pair.initiator.receive(second));
    assertThatThrownBy(() -> pair.initiator.receive(second))
        .isInstanceOf(IllegalStateException.class);
  }

  /// A dialler that tells the truth and looks at nothing.
  @Test
  void theListenerNoticesAlone() {
    HandshakeState careless = raw();
    NoiseHandshake listener = NoisePair.responder(WEAKENED, PeerExpectation.any(), List.of());
    listener.start();
    careless.readMessage(sent(listener.receive(careless.writeMessage(NONE))));
    byte[] third =
        careless.writeMessage(
            hash -> payload(careless.staticPublic(), Optional.of(DIALER_KEYS.offer(hash, BOTH))));
    assertDowngrade(() -> listener.receive(third));
  }

  @Test
  void offersOfAnotherHandshakeAreRefused() {
    HandshakeState replaying = raw();
    NoiseHandshake listener = NoisePair.responder(WEAKENED, PeerExpectation.any(), List.of());
    listener.start();
    replaying.readMessage(sent(listener.receive(replaying.writeMessage(NONE))));
    byte[] earlier = NoisePair.seed(3);
    byte[] third =
        replaying.writeMessage(
            payload(
                replaying.staticPublic(),
                Optional.of(DIALER_KEYS.offer(earlier, List.of(NoiseSuite.CLASSIC.id())))));
    assertThatThrownBy(() -> listener.receive(third))
        .isInstanceOf(ProtocolViolation.class)
        .hasMessageContaining("has not signed the security protocols");
  }

  /// Who has the static key of somebody and not its identity cannot say what that one offers.
  @Test
  void offersSignedByAnotherIdentityAreRefused() {
    HandshakeState thief = raw();
    NoiseHandshake listener = NoisePair.responder(WEAKENED, PeerExpectation.any(), List.of());
    listener.start();
    thief.readMessage(sent(listener.receive(thief.writeMessage(NONE))));
    byte[] third =
        thief.writeMessage(hash ->
            payload(
                thief.staticPublic(),
                Optional.of(LISTENER_KEYS.offer(hash, List.of(NoiseSuite.CLASSIC.id())))));
    assertThatThrownBy(() -> listener.receive(third)).isInstanceOf(ProtocolViolation.class);
    assertThat(LISTENER.publicKey()).isNotEqualTo(DIALER.publicKey());
  }

  @Test
  void aPeerThatSaysNothingIsTakenAsItIs() {
    HandshakeState old = raw();
    NoiseHandshake listener = NoisePair.responder(WEAKENED, PeerExpectation.any(), List.of());
    listener.start();
    old.readMessage(sent(listener.receive(old.writeMessage(NONE))));
    byte[] third = old.writeMessage(payload(old.staticPublic(), Optional.empty()));
    assertThat(done(listener.receive(third)).session().remotePeer())
        .isEqualTo(NoisePair.idOf(DIALER));
  }

  private interface Attempt {
    Object make() throws OverlayException;
  }

  private static void assertDowngrade(Attempt attempt) {
    assertThatThrownBy(attempt::make)
        .isInstanceOf(Refused.class)
        .hasMessageContaining(NoiseSuite.HYBRID.id())
        .hasMessageContaining("somebody on the way");
  }

  private static HandshakeState raw() {
    byte[] staticPrivate = NoisePair.seed(30);
    return new HandshakeState(
        HandshakePattern.XX,
        true,
        NONE,
        staticPrivate,
        HandshakeState.publicOf(staticPrivate),
        fixed(31),
        new JdkMlKem768());
  }

  private static byte[] payload(byte[] staticPublic, Optional<IdentityPayload.Offer> offer) {
    return IdentityPayload.create(
        DIALER.publicKey(),
        DIALER.sign(IdentityPayload.signedBytes(staticPublic)),
        List.of(),
        offer);
  }
}
