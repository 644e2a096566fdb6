package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.pairing.PakeMessages.HelloA;
import io.peerup.pairing.PakeMessages.HelloB;
import io.peerup.pairing.rendezvous.RendezvousMessages;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.WeakKeys;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Keys for which anybody can sign, at every entrance of pairing. Each test takes something that is
/// accepted and puts the weak key in it.
class WeakKeysInPairingTest {

  private static final String NAMES = "io.peerup.testkit.WeakKeys#names";
  private static final byte[] KEY = Fixtures.identity(1).publicKey().data();

  private final SeededRandom random = SeededRandom.of(WeakKeysInPairingTest.class);

  private static byte[] weak(byte[] encoding, String name) {
    return WeakKeys.instead(encoding, KEY, WeakKeys.named(name));
  }

  private static void assertRefused(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining(WeakKeys.REFUSAL);
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noIntroduction(String name) {
    GroupKey group = GroupKey.of(random.bytes(8), random.bytes(16));
    Intro good = Intro.create(group, Fixtures.identity(1), "laptop", Fixtures.random(random));
    Intro.decode(good.encoded());
    byte[] body = weak(good.body(), name);
    byte[] signature = WeakKeys.anybodysSignature();
    byte[] forged =
        new ByteWriter()
            .lengthPrefixed(body)
            .lengthPrefixed(signature)
            .lengthPrefixed(group.mac(body, signature))
            .toByteArray();
    assertRefused(() -> Intro.decode(forged));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noFirstFrameOfARun(String name) {
    byte[] helloA = new HelloA(2, new byte[8], new byte[32], Fixtures.peer(1)).encoded();
    HelloA.decode(helloA);
    assertRefused(() -> HelloA.decode(weak(helloA, name)));
    byte[] helloB = new HelloB(new byte[32], Fixtures.peer(1)).encoded();
    HelloB.decode(helloB);
    assertRefused(() -> HelloB.decode(weak(helloB, name)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noInviterAtARendezvous(String name) {
    byte[] good = RendezvousMessages.encodeFound(Fixtures.peer(1));
    RendezvousMessages.decodeFound(good);
    assertRefused(() -> RendezvousMessages.decodeFound(weak(good, name)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noInviteLink(String name) {
    byte[] good = InviteFuzzTest.links().findFirst().orElseThrow();
    InviteUrl.parse(InviteUrl.SCHEME + Pasted.text(good));
    byte[] forged = weak(good, name);
    assertRefused(() -> InviteUrl.parse(InviteUrl.SCHEME + Pasted.text(forged)));
  }

  @ParameterizedTest
  @MethodSource(NAMES)
  void noFullCode(String name) {
    List<Multiaddr> relays = List.of(Fixtures.RELAY_HOST.multiaddr().withPeer(Fixtures.peer(9)));
    Instant end = Instant.parse("2026-01-01T00:00:00Z");
    FullCode good = FullCode.generate(Fixtures.peer(1), relays, "", end, Fixtures.random(random));
    byte[] whole = Pasted.base64(Pasted.fragment(good.text()));
    byte[] body = weak(Arrays.copyOf(whole, whole.length - 4), name);
    byte[] forged = new ByteWriter().bytes(body).bytes(FullCode.checkOf(body)).toByteArray();
    assertRefused(() -> FullCode.parse(FullCode.SCHEME + Pasted.text(forged)));
  }

  /// A card says no key but may name relays; one that cannot be is left out, the others stand.
  @ParameterizedTest
  @MethodSource(NAMES)
  void noRelayOfACard(String name) {
    Multiaddr bad = Fixtures.RELAY_HOST.multiaddr().withPeer(Fixtures.peer(1));
    Multiaddr other = Fixtures.RELAY_HOST.multiaddr().withPeer(Fixtures.peer(9));
    PeerCard card = new PeerCard("laptop", List.of(bad), "", "", List.of(bad, other), new byte[0]);
    assertThat(PeerCard.decode(card.encoded()).relays()).containsExactly(bad, other);
    PeerCard read = PeerCard.decode(weak(card.encoded(), name));
    assertThat(read.relays()).containsExactly(other);
    assertThat(read.addresses()).isEmpty();
  }
}
