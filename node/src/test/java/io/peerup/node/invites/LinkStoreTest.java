package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.Ids;
import io.peerup.pairing.InviteAccept;
import io.peerup.pairing.InviteUrl;
import io.peerup.pairing.PeerCard;
import io.peerup.pairing.UrlInvites;
import io.peerup.pairing.mailbox.CapabilityHash;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinkStoreTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Multiaddr RELAY =
      Multiaddr.parse("/ip4/45.33.1.1/tcp/7777").withPeer(Ids.peer(9));
  private static final KeyRandom RANDOM = KeyRandom.secure();
  private static final PrivateKey INVITER = Ids.key(1);
  private static final PrivateKey JOINER = Ids.key(2);

  @TempDir Path directory;

  private Home home;

  @BeforeEach
  void make() {
    home = Home.of(directory.resolve("home")).ensure();
  }

  private LinkStore open() {
    return new LinkStore(home);
  }

  private Path file() {
    return home.state("links.json");
  }

  private static CapabilityHash capability(int number) {
    byte[] secret = new byte[32];
    secret[0] = (byte) number;
    secret[1] = (byte) (number >> 8);
    return CapabilityHash.of(secret);
  }

  private static InviteUrl link(UrlInvites table) {
    UrlInvites.Spec spec = new UrlInvites.Spec(List.of(RELAY), new byte[32], "crew", "home");
    return table.create(INVITER, spec, 2, Duration.ofHours(1), RANDOM, NOW);
  }

  private static Acceptance acceptance(InviteUrl url) {
    return new Acceptance(
        InviteAccept.of(url, JOINER, PeerCard.of("laptop", List.of()), RANDOM, NOW),
        url.relays(),
        url.depositCapability(),
        capability(7),
        "laptop",
        Optional.of("crew"));
  }

  private static LinkStore fill(LinkStore store) {
    InviteUrl url = link(store.table());
    String id = store.table().links().getFirst().id();
    store.made.put(
        id, new LinkStore.Made(capability(1), 2, NOW, url.expires(), List.of(RELAY), false));
    store.revoke(new LinkStore.Revoked(Ids.peer(9), capability(2), url.expires()));
    store.refuse(NOW, "cafe0123", "it came too late");
    store.accepted.add(acceptance(url));
    store.save();
    return store;
  }

  @Test
  void everythingIsThereAgainAfterARestart() throws Exception {
    LinkStore store = fill(open());
    LinkStore again = open();
    assertThat(again.table().links()).isEqualTo(store.table().links()).hasSize(1);
    assertThat(again.made).isEqualTo(store.made).hasSize(1);
    assertThat(again.revoked).isEqualTo(store.revoked).hasSize(1);
    assertThat(again.refusals()).isEqualTo(store.refusals()).hasSize(1);
    Acceptance before = store.accepted.getFirst();
    Acceptance after = again.accepted.getFirst();
    assertThat(after.snapshot()).isEqualTo(before.snapshot());
    assertThat(after.accept.drop()).isEqualTo(before.accept.drop());
    assertThat(after.network).contains("crew");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void soManyRefusalsAreRememberedAndNotOneMore() {
    LinkStore store = open();
    for (int i = 0; i <= Limits.REFUSALS_MAX; i++) {
      store.refuse(NOW, "cafe0123", "reason " + i);
    }
    assertThat(store.refusals()).hasSize(Limits.REFUSALS_MAX);
    assertThat(store.refusals().getFirst().reason()).isEqualTo("reason 1");
    store.refuse(NOW.plusSeconds(1), "cafe0123", "reason " + Limits.REFUSALS_MAX);
    assertThat(store.refusals()).as("the same again").hasSize(Limits.REFUSALS_MAX);
    store.save();
    assertThat(open().refusals()).hasSize(Limits.REFUSALS_MAX);
  }

  @Test
  void soManyRevocationsAreRememberedAndNotOneMore() {
    LinkStore store = open();
    for (int i = 0; i <= Limits.REVOKED_MAX; i++) {
      store.revoke(new LinkStore.Revoked(Ids.peer(9), capability(i), NOW.plusSeconds(60)));
    }
    assertThat(store.revoked).hasSize(Limits.REVOKED_MAX);
    assertThat(store.revoked.getFirst().capability()).isEqualTo(capability(1));
    store.save();
    LinkStore again = open();
    assertThat(again.revoked).hasSize(Limits.REVOKED_MAX);
    assertThat(again.prune(NOW.plusSeconds(60))).isTrue();
    assertThat(again.revoked).isEmpty();
  }

  @Test
  void aDeviceWaitsForSoManyLinksAndNotOneMore() {
    LinkStore store = open();
    for (int i = 0; i < Limits.ACCEPTED_MAX; i++) {
      assertThat(store.hasRoomForAnAcceptance()).isTrue();
      store.accepted.add(acceptance(link(new UrlInvites())));
    }
    assertThat(store.hasRoomForAnAcceptance()).isFalse();
    store.save();
    assertThat(open().accepted).hasSize(Limits.ACCEPTED_MAX);
    store.accepted.getFirst().state = Acceptance.State.PAIRED;
    assertThat(store.hasRoomForAnAcceptance()).as("one is over").isTrue();
    assertThat(store.accepted).hasSize(Limits.ACCEPTED_MAX - 1);
  }

  @Test
  void aStateThatCannotBeWrittenIsNotReached() throws Exception {
    LinkStore store = open();
    Acceptance mine = acceptance(link(new UrlInvites()));
    store.accepted.add(mine);
    Files.createDirectories(file());
    synchronized (store) {
      assertThatThrownBy(() -> store.become(mine, Acceptance.State.PAIRED))
          .isInstanceOf(Failure.class);
    }
    assertThat(mine.state).isEqualTo(Acceptance.State.SENDING);
    Files.delete(file());
    synchronized (store) {
      store.become(mine, Acceptance.State.PAIRED);
    }
    assertThat(open().accepted.getFirst().state).isEqualTo(Acceptance.State.PAIRED);
  }

  @Test
  void aJoinerThatCannotBeToldIsTriedSoOftenAndNotMore() {
    LinkStore store = open();
    for (int i = 1; i < Limits.ACK_TRIES_MAX; i++) {
      assertThat(store.isWorthAnotherTry(Ids.peer(2))).isTrue();
    }
    assertThat(store.isWorthAnotherTry(Ids.peer(2))).isFalse();
    assertThat(store.isWorthAnotherTry(Ids.peer(3))).isTrue();
  }

  @Test
  void whatEndedIsForgottenADayLaterAndNotBefore() {
    LinkStore store = fill(open());
    Instant end = store.accepted.getFirst().accept.expires();
    assertThat(store.prune(end.plus(Duration.ofDays(1)).minusNanos(1))).isTrue();
    assertThat(store.made).hasSize(1);
    assertThat(store.accepted).hasSize(1);
    assertThat(store.revoked).isEmpty();
    assertThat(store.prune(end.plus(Duration.ofDays(1)))).isTrue();
    assertThat(store.made).isEmpty();
    assertThat(store.accepted).isEmpty();
    assertThat(store.refusals()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"version\":2}",
        "{\"version\":1,\"links\":{\"version\":1,\"links\":[]},\"made\":[{}],\"revoked\":[],"
            + "\"refusals\":[],\"accepted\":[]}",
        "{\"version\":1,\"links\":{\"version\":1,\"links\":[]},\"made\":[],\"revoked\":[],"
            + "\"refusals\":[{\"at\":\"x\",\"link\":\"x\",\"reason\":\"x\"}],\"accepted\":[]}",
      })
  void aDamagedFileIsNamedAndLeftAsItIs(String content) throws Exception {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    PrivateFiles.write(file(), bytes);
    assertThatThrownBy(this::open)
        .isInstanceOf(Failure.class)
        .hasMessageContaining(file().toString());
    assertThat(Files.readAllBytes(file())).isEqualTo(bytes);
  }

  @Test
  void aFileCutAnywhereIsRefused() throws Exception {
    fill(open());
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length += 7) {
      PrivateFiles.write(file(), Arrays.copyOf(whole, length));
      assertThatThrownBy(this::open).isInstanceOf(Failure.class);
    }
  }
}
