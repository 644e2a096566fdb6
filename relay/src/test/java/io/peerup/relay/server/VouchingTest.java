package io.peerup.relay.server;

import static io.peerup.relay.circuit.TestPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.PeerId;
import io.peerup.relay.rendezvous.Vouching.Outcome;
import io.peerup.testkit.VirtualClock;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.Authorizer;
import io.peerup.trust.BlockedPeersFile;
import io.peerup.trust.Tier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whom members may bring to a relay, and how many.
class VouchingTest {

  private static final PeerId ADMINS = peer(1);
  private static final PeerId OTHER = peer(2);

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private AuthorizedKeysFile file;
  private BlockedPeersFile blocked;
  private AuthorizedMembers members;
  private Vouchers vouchers;

  @BeforeEach
  void start() {
    file = AuthorizedKeysFile.open(directory.resolve("authorized_keys"), clock);
    blocked = BlockedPeersFile.open(directory.resolve("blocked_peers"));
    Authorizer authorizer = new Authorizer(file::current, blocked::current);
    members = new AuthorizedMembers(file, authorizer, new Visitors(), clock);
    vouchers = new Vouchers(file, authorizer, true, clock);
    members.authorize(ADMINS, Optional.of("home"), Optional.empty());
  }

  @AfterEach
  void stop() {
    blocked.close();
    file.close();
  }

  private Outcome vouch(PeerId by, PeerId peer) {
    return vouchers.vouch(by, peer);
  }

  @Test
  void aMemberBringsSixteenAndNotSeventeen() {
    for (int i = 0; i < 16; i++) {
      assertThat(vouch(ADMINS, peer(100 + i))).isEqualTo(Outcome.ADMITTED);
    }
    assertThat(vouch(ADMINS, peer(200))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(ADMINS, peer(100))).as("already here").isEqualTo(Outcome.WAS_MEMBER);
    members.remove(peer(100));
    assertThat(vouch(ADMINS, peer(200))).isEqualTo(Outcome.ADMITTED);
    members.authorize(OTHER, Optional.empty(), Optional.empty());
    assertThat(vouch(OTHER, peer(300))).as("another's account").isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void whoWasBroughtBringsOthersOnTheSameAccount() {
    assertThat(vouch(ADMINS, peer(100))).isEqualTo(Outcome.ADMITTED);
    for (int i = 1; i < 16; i++) {
      // Each newcomer brings the next.
      assertThat(vouch(peer(99 + i), peer(100 + i))).isEqualTo(Outcome.ADMITTED);
    }
    assertThat(vouch(peer(115), peer(116))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(ADMINS, peer(116))).isEqualTo(Outcome.REFUSED);
    assertThat(file.current().find(peer(115)).orElseThrow().other())
        .containsEntry("by", ADMINS.toString());
  }

  @Test
  void whenTheMemberIsRemovedThoseItBroughtStayAndBringNobody() {
    vouch(ADMINS, peer(100));
    members.remove(ADMINS);
    assertThat(members.isMember(peer(100))).isTrue();
    assertThat(vouch(peer(100), peer(101))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(ADMINS, peer(101))).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void nobodyIsBroughtWhereMembersMayNotInvite() {
    Authorizer authorizer = new Authorizer(file::current, blocked::current);
    vouchers = new Vouchers(file, authorizer, false, clock);
    assertThat(vouch(ADMINS, peer(100))).isEqualTo(Outcome.REFUSED);
    assertThat(members.isMember(peer(100))).isFalse();
  }

  @Test
  void aWordDoesNotBringBackWhoseTimeIsOverOrWhoseLineIsDisabled() throws Exception {
    members.authorize(peer(100), Optional.empty(), Optional.of(clock.instant().plusSeconds(1)));
    clock.advance(Duration.ofSeconds(1));
    assertThat(vouch(ADMINS, peer(100))).isEqualTo(Outcome.REFUSED);
    Files.writeString(file.path(), Files.readString(file.path()) + peer(101) + " tier=nonsense\n");
    assertThat(vouch(ADMINS, peer(101))).isEqualTo(Outcome.REFUSED);
    assertThat(members.isMember(peer(101))).isFalse();
  }

  @Test
  void whoWasRemovedComesBackByAWordUnlessItIsBlocked() {
    vouch(ADMINS, peer(100));
    members.remove(peer(100));
    assertThat(vouch(ADMINS, peer(100))).isEqualTo(Outcome.ADMITTED);
    members.remove(peer(100));
    blocked.update(all -> all.with(peer(100), Optional.empty()));
    assertThat(vouch(ADMINS, peer(100))).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void aMemberWhoseTimeIsOverBringsNobody() {
    members.authorize(OTHER, Optional.empty(), Optional.of(clock.instant().plusSeconds(1)));
    assertThat(vouch(OTHER, peer(100))).isEqualTo(Outcome.ADMITTED);
    clock.advance(Duration.ofSeconds(1));
    assertThat(vouch(OTHER, peer(101))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(peer(100), peer(101))).as("nor those it brought").isEqualTo(Outcome.REFUSED);
  }

  @Test
  void whoeverTheOwnerAllowsByHandHasAnAccountOfItsOwn() throws Exception {
    vouch(ADMINS, peer(100));
    members.remove(ADMINS);
    assertThat(vouch(peer(100), peer(101))).isEqualTo(Outcome.REFUSED);
    file.update(keys -> keys.with(keys.find(peer(100)).orElseThrow().withTier(Tier.LOCAL)));
    assertThat(vouch(peer(100), peer(101))).isEqualTo(Outcome.ADMITTED);
    assertThat(file.current().find(peer(101)).orElseThrow().other())
        .containsEntry("by", peer(100).toString());
  }

  @Test
  void aBlockedPeerIsNotBroughtAndBringsNobody() throws Exception {
    vouch(ADMINS, peer(100));
    blocked.update(all -> all.with(peer(101), Optional.empty()).with(peer(100), Optional.empty()));
    assertThat(vouch(ADMINS, peer(101))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(peer(100), peer(102))).isEqualTo(Outcome.REFUSED);
    assertThat(vouch(ADMINS, peer(102))).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void theRelayLearnsNoName() {
    vouch(ADMINS, peer(100));
    assertThat(file.current().find(peer(100)).orElseThrow().givenName()).isEmpty();
  }
}
