package io.peerup.node.invites;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.libp2p.KeyRandom;
import io.peerup.node.Ids;
import io.peerup.pairing.PairingSecret;
import io.peerup.pairing.TypedCode;
import io.peerup.pairing.rendezvous.Selector;
import io.peerup.testkit.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenInvitesTest {

  private static final Duration SHORT = Duration.ofMinutes(5);
  private static final Duration LONG = Duration.ofMinutes(10);

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private Home home;
  private InviteStore store;
  private OpenInvites open;

  @BeforeEach
  void make() {
    home = Home.of(directory.resolve("home")).ensure();
    use(new InviteStore(home, KeyRandom.secure()));
  }

  private void use(InviteStore other) {
    store = other;
    open = new OpenInvites(store, clock);
    open.look();
  }

  /// Returns the selector.
  private Selector invite(Duration ttl) {
    PairingSecret secret = TypedCode.generate(KeyRandom.secure()).secret();
    store.table().create(secret, ttl, "", clock.instant());
    open.look();
    return Selector.of(secret.kind(), secret.selector());
  }

  /// As if the invite had admitted somebody and the process had been started anew.
  private void useUp() throws Exception {
    store.save();
    JsonObject root = Jsons.parseObject(Files.readString(home.state("invites.json")));
    JsonObject by = new JsonObject();
    by.addProperty("peer", Ids.peer(2).toString());
    by.addProperty("name", "laptop");
    by.addProperty("entered", true);
    root.getAsJsonObject("invites")
        .getAsJsonArray("invites")
        .get(0)
        .getAsJsonObject()
        .add("consumed", by);
    byte[] bytes = root.toString().getBytes(StandardCharsets.UTF_8);
    use(new InviteStore(home.state("invites.json"), Optional.of(bytes), KeyRandom.secure()));
  }

  @Test
  void nobodyHasAReasonToComeWithoutAnInvite() {
    assertThat(open.any()).isFalse();
    assertThat(open.selectors()).isEmpty();
  }

  @Test
  void strangersMayComeUntilTheLastInviteEndsAndNotAtItsEnd() {
    Selector first = invite(SHORT);
    Selector second = invite(LONG);
    assertThat(open.selectors()).containsExactly(first, second);
    clock.advance(SHORT);
    assertThat(open.any()).isTrue();
    assertThat(open.selectors()).containsExactly(second);
    clock.advance(LONG.minus(SHORT).minusNanos(1));
    assertThat(open.any()).isTrue();
    clock.advance(Duration.ofNanos(1));
    assertThat(open.any()).isFalse();
    assertThat(open.selectors()).isEmpty();
  }

  @Test
  void anInviteThatWasTakenBackIsNoReasonToCome() {
    invite(SHORT);
    assertThat(store.revoke(store.table().invites(clock.instant()).getFirst().id())).isTrue();
    open.look();
    assertThat(open.any()).isFalse();
  }

  @Test
  void aUsedInviteStillAnswersUntilItsEnd() throws Exception {
    Selector selector = invite(SHORT);
    useUp();
    assertThat(open.any()).isTrue();
    assertThat(open.selectors()).containsExactly(selector);
    clock.advance(SHORT);
    assertThat(open.any()).isFalse();
  }
}
