package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.AttemptLimit;
import io.peerup.pairing.FullCode;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.SpokenCode;
import io.peerup.pairing.TypedCode;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InviteStoreTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Multiaddr RELAY =
      Multiaddr.parse("/ip4/45.33.1.1/tcp/7777").withPeer(Ids.peer(9));

  @TempDir Path directory;

  private Home home;

  @BeforeEach
  void make() {
    home = Home.of(directory.resolve("home")).ensure();
  }

  private InviteStore open() {
    return new InviteStore(home, KeyRandom.secure());
  }

  private Path file() {
    return home.state("invites.json");
  }

  @Test
  void everythingIsThereAgainAfterARestart() throws Exception {
    PairingSecret secret = TypedCode.generate(KeyRandom.secure()).secret();
    InviteStore store = open();
    String id = store.table().create(secret, Duration.ofMinutes(10), "", NOW).id();
    store.bind(id, RELAY);
    store.call("home");
    store.adopt("crew", List.of(RELAY));
    store.pend(Ids.peer(3));
    store.attempts().count(AttemptLimit.keyOf(secret), NOW);
    store.save();

    InviteStore again = open();
    assertThat(again.table().invites(NOW)).hasSize(1);
    assertThat(again.table().selectorOf(id).orElseThrow()).isEqualTo(secret.selector());
    assertThat(again.relayOf(id)).contains(RELAY);
    assertThat(again.name()).contains("home");
    assertThat(again.network()).contains("crew");
    assertThat(again.relays()).containsExactly(RELAY);
    assertThat(again.pending()).containsExactly(Ids.peer(3));
    assertThat(again.attempts().left(AttemptLimit.keyOf(secret), NOW)).isEqualTo(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void soManyRelaysAreKeptAndNotOneMore() {
    InviteStore store = open();
    for (int i = 0; i <= Limits.RELAYS_MAX; i++) {
      store.adopt(
          "crew",
          List.of(Multiaddr.parse("/ip4/45.33.1.1/tcp/" + (7777 + i)).withPeer(Ids.peer(9))));
    }
    assertThat(store.relays()).hasSize(Limits.RELAYS_MAX);
    store.save();
    assertThat(open().relays()).hasSize(Limits.RELAYS_MAX);
  }

  @Test
  void everyKindOfInviteIsThereAgainAfterARestart() {
    InviteStore store = open();
    List<PairingSecret> secrets =
        List.of(
            TypedCode.generate(KeyRandom.secure()).secret(),
            SpokenCode.generate("1234", KeyRandom.secure()).secret(),
            FullCode.generate(
                    Ids.peer(1),
                    List.of(RELAY),
                    "",
                    NOW.plus(Duration.ofMinutes(10)),
                    KeyRandom.secure())
                .secret());
    for (PairingSecret each : secrets) {
      store.table().create(each, Duration.ofMinutes(10), "", NOW);
    }
    store.save();
    assertThat(open().table().snapshot()).isEqualTo(store.table().snapshot());
  }

  @Test
  void soManyArePendingAndNotOneMore() {
    InviteStore store = open();
    for (int i = 0; i <= Limits.PENDING_MAX; i++) {
      store.pend(PeerId.fromBytes(multihash(i)));
    }
    assertThat(store.pending())
        .hasSize(Limits.PENDING_MAX)
        .doesNotContain(PeerId.fromBytes(multihash(0)))
        .contains(PeerId.fromBytes(multihash(Limits.PENDING_MAX)));
    store.save();
    assertThat(open().pending()).hasSize(Limits.PENDING_MAX);
  }

  @Test
  void whereAnInviteCanBeFoundIsForgottenWithItAndNotBefore() {
    InviteStore store = open();
    List<String> ids = new ArrayList<>();
    for (Duration ttl : List.of(Duration.ofMinutes(1), Duration.ofMinutes(2))) {
      PairingSecret secret = TypedCode.generate(KeyRandom.secure()).secret();
      ids.add(store.table().create(secret, ttl, "", NOW).id());
      store.bind(ids.getLast(), RELAY);
    }
    assertThat(store.prune(NOW.plus(Duration.ofDays(1)).plusSeconds(59))).isFalse();
    assertThat(store.relayOf(ids.getFirst())).contains(RELAY);
    assertThat(store.prune(NOW.plus(Duration.ofDays(1)).plusSeconds(60))).isTrue();
    assertThat(store.relayOf(ids.getFirst())).isEmpty();
    assertThat(store.relayOf(ids.getLast())).contains(RELAY);
    assertThat(store.revoke(ids.getFirst())).as("it is gone").isFalse();
    assertThat(store.revoke(ids.getLast())).isTrue();
    assertThat(store.relayOf(ids.getLast())).isEmpty();
  }

  private static byte[] multihash(int number) {
    byte[] out = new byte[34];
    out[0] = 0x12;
    out[1] = 32;
    out[2] = (byte) number;
    out[3] = (byte) (number >> 8);
    return out;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"version\":2}",
        "{\"version\":1,\"relays\":[],\"pending\":[],\"relayOfInvite\":{\"x\":null},"
            + "\"invites\":{\"version\":1,\"invites\":[]},\"attempts\":{\"version\":1,\"attempts\":[]}}",
        "{\"version\":1,\"relays\":[],\"pending\":[],\"relayOfInvite\":{\"x\":[]},"
            + "\"invites\":{\"version\":1,\"invites\":[]},\"attempts\":{\"version\":1,\"attempts\":[]}}",
        "{\"version\":1,\"relays\":[\"/ip4/45.33.1.1/tcp/1\"],\"pending\":[],\"relayOfInvite\":{},"
            + "\"invites\":{\"version\":1,\"invites\":[]},\"attempts\":{\"version\":1,\"attempts\":[]}}",
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
  void damagedInAnyWayItIsNamedOrReadAndNeverFailsOtherwise() throws Exception {
    InviteStore store = open();
    String id =
        store
            .table()
            .create(
                TypedCode.generate(KeyRandom.secure()).secret(), Duration.ofMinutes(10), "", NOW)
            .id();
    store.bind(id, RELAY);
    store.call("home");
    store.adopt("crew", List.of(RELAY));
    store.pend(Ids.peer(3));
    store.save();
    byte[] whole = Files.readAllBytes(file());
    List<byte[]> all = new ArrayList<>(Damages.gross(whole));
    all.addAll(Damages.flips(whole, SeededRandom.of(InviteStoreTest.class)));
    int refused = 0;
    for (byte[] damaged : all) {
      try {
        var _ = new InviteStore(file(), Optional.of(damaged), KeyRandom.secure());
      } catch (Failure e) {
        refused++;
        assertThat(e.code()).isEqualTo("state-damaged");
        assertThat(e.message()).contains(file().toString());
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void aFileCutAnywhereIsRefused() throws Exception {
    InviteStore store = open();
    store
        .table()
        .create(TypedCode.generate(KeyRandom.secure()).secret(), Duration.ofMinutes(10), "", NOW);
    store.save();
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length < whole.length; length += 7) {
      PrivateFiles.write(file(), java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(this::open).isInstanceOf(Failure.class);
    }
  }
}
