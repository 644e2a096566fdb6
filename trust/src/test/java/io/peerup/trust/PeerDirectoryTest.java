package io.peerup.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.SeededRandom;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerDirectoryTest {

  private static final String HOME = Peers.peer(2).toString();

  private AuthorizedKeys keys =
      AuthorizedKeys.empty()
          .with(AuthorizedPeer.of(Peers.peer(2), "home"))
          .with(AuthorizedPeer.of(Peers.peer(3), "laptop"));
  private final PeerDirectory directory = new PeerDirectory(() -> keys);

  private PeerId find(String typed) {
    return directory.find(typed).peer();
  }

  private void fails(String typed, String code, String inHint) {
    assertThatThrownBy(() -> directory.find(typed))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).contains(inHint);
            });
  }

  @Test
  void aPeerIsFoundByNameWholeIdAndBeginningOfItsId() {
    assertThat(find("home")).isEqualTo(Peers.peer(2));
    assertThat(find(HOME)).isEqualTo(Peers.peer(2));
    assertThat(find(HOME.substring(0, 20))).isEqualTo(Peers.peer(2));
    assertThat(find(HOME.substring(0, 12))).isEqualTo(Peers.peer(2));
  }

  @Test
  void aBeginningThatMostIdsShareFindsNobody() {
    fails(HOME.substring(0, 11), "no-such-peer", "home, laptop");
  }

  @Test
  void aBeginningThatTwoIdsShareIsAmbiguous() {
    String[] alike = twoIdsThatBeginAlike();
    keys =
        keys.with(AuthorizedPeer.of(PeerId.parse(alike[0]), "one"))
            .with(AuthorizedPeer.of(PeerId.parse(alike[1]), "other"));
    fails(alike[0].substring(0, 12), "ambiguous-peer", "type more");
    assertThat(find(alike[0])).isEqualTo(PeerId.parse(alike[0]));
  }

  /// The first eight characters are common to all; some thousand ids hold two that share four more.
  private static String[] twoIdsThatBeginAlike() {
    Map<String, String> seen = new HashMap<>();
    SeededRandom chance = SeededRandom.of("ids");
    while (true) {
      String id = PeerId.of(PrivateKey.ofEd25519Seed(chance.bytes(32)).publicKey()).toString();
      String other = seen.put(id.substring(0, 12), id);
      if (other != null) {
        return new String[] {id, other};
      }
    }
  }

  @Test
  void twoPeersOfOneNameAreNotGuessed() {
    keys = keys.with(AuthorizedPeer.of(Peers.peer(4), "home"));
    fails("home", "ambiguous-peer", "peerup peer rename");
    assertThat(find(HOME)).isEqualTo(Peers.peer(2));
  }

  @Test
  void aNameThatLooksLikeAnIdDoesNotStandInItsWay() {
    keys = keys.with(AuthorizedPeer.of(Peers.peer(4), HOME));
    assertThat(find(HOME)).isEqualTo(Peers.peer(2));
  }

  @Test
  void anUnknownNameIsToldWithTheKnownOnesAndNothingUnprintable() {
    fails("hone", "no-such-peer", "home, laptop");
    fails("", "no-such-peer", "home, laptop");
    assertThatThrownBy(() -> directory.find("\u001b[31mhome\u202e"))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> assertThat(e.message()).doesNotContain("\u001b").doesNotContain("\u202e"));
    fails(Peers.peer(9).toString(), "no-such-peer", "home");
  }

  @Test
  void aDeviceWithoutPeersIsToldToJoin() {
    keys = AuthorizedKeys.empty();
    fails("home", "no-such-peer", "peerup join CODE");
  }
}
