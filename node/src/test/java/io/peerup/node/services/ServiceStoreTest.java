package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.node.Ids;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceStoreTest {

  @TempDir Path directory;

  private Home home;
  private ServiceStore store;

  @BeforeEach
  void open() {
    home = Home.of(directory).ensure();
    store = new ServiceStore(home);
  }

  private static Service service(String name, PeerId... allowed) {
    return new Service(name, new Target("127.0.0.1", 8000), Protocol.TCP, true, Set.of(allowed));
  }

  private Path file() {
    return home.state("services.json");
  }

  private static void fails(ThrowingCallable call, String code, String inHint) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.hint()).contains(inHint);
            });
  }

  @Test
  void whatWasStoredBeforeThereWasUdpIsTcp() throws IOException {
    store.add(new Service("dns", Target.parse("[::1]:53"), Protocol.UDP, true, Set.of()));
    String content = Files.readString(home.state("services.json"));
    assertThat(content).contains("\"protocol\":\"udp\"");
    assertThat(new ServiceStore(home).find("dns").orElseThrow().protocol()).isEqualTo(Protocol.UDP);
    Files.writeString(home.state("services.json"), content.replace("\"protocol\":\"udp\",", ""));
    assertThat(new ServiceStore(home).find("dns").orElseThrow().protocol()).isEqualTo(Protocol.TCP);
    Files.writeString(home.state("services.json"), content.replace("udp", "sctp"));
    assertThatThrownBy(() -> new ServiceStore(home))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("services.json");
  }

  @Test
  void servicesComeBackAsTheyWere() throws IOException {
    store.add(service("web", Ids.peer(2), Ids.peer(3)));
    store.add(new Service("ssh", Target.parse("[::1]:22"), Protocol.UDP, true, Set.of()));
    store.setEnabled("ssh", false);
    assertThat(new ServiceStore(home).list()).isEqualTo(store.list());
    assertThat(store.list()).extracting(Service::name).containsExactly("ssh", "web");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    store.remove("ssh");
    assertThat(new ServiceStore(home).list()).extracting(Service::name).containsExactly("web");
  }

  @Test
  void whoMayUseAService() {
    Service forAll = service("web");
    Service forTwo = service("web", Ids.peer(2));
    assertThat(forAll.offeredTo(Ids.peer(3))).isTrue();
    assertThat(forAll.withEnabled(false).offeredTo(Ids.peer(3))).isFalse();
    assertThat(forTwo.offeredTo(Ids.peer(2))).isTrue();
    assertThat(forTwo.offeredTo(Ids.peer(3))).isFalse();
    assertThat(forTwo.withEnabled(false).offeredTo(Ids.peer(2))).isFalse();
    assertThat(forTwo.withEnabled(false).withEnabled(true)).isEqualTo(forTwo);
  }

  @Test
  void aNameIsTakenOnce() {
    store.add(service("web"));
    fails(() -> store.add(service("web", Ids.peer(2))), "service-exists", "service remove web");
    assertThat(store.find("web").orElseThrow().allowed()).isEmpty();
  }

  @Test
  void whatIsNotThereCannotBeChanged() {
    fails(() -> store.remove("web"), "no-such-service", "peerup service add");
    store.add(service("ssh"));
    fails(() -> store.setEnabled("web", true), "no-such-service", "it has: ssh");
  }

  @Test
  void theLastServiceFitsAndOneMoreDoesNot() {
    for (int i = 1; i <= Limits.SERVICES_MAX; i++) {
      store.add(service("s" + i));
    }
    assertThat(Limits.SERVICES_MAX).isEqualTo(128);
    fails(() -> store.add(service("more")), "too-many-services", "remove one");
    assertThat(new ServiceStore(home).list()).hasSize(Limits.SERVICES_MAX);
    store.remove("s1");
    store.add(service("more"));
  }

  @Test
  void theLastAllowedPeerFitsAndOneMoreDoesNot() {
    SeededRandom chance = SeededRandom.of(ServiceStoreTest.class);
    Set<PeerId> peers = new HashSet<>();
    while (peers.size() < Limits.ALLOWED_PEERS_MAX) {
      peers.add(PeerId.of(PrivateKey.ofEd25519Seed(chance.bytes(32)).publicKey()));
    }
    store.add(service("web", peers.toArray(new PeerId[0])));
    peers.add(Ids.peer(2));
    fails(
        () -> store.add(service("more", peers.toArray(new PeerId[0]))),
        "too-many-peers",
        "every authorised peer");
    assertThat(new ServiceStore(home).list()).isEqualTo(store.list());
  }

  @Test
  void aChangeThatCannotBeWrittenDidNotHappen() throws IOException {
    store.add(service("web"));
    Path aside = directory.resolve("aside");
    Files.move(file(), aside);
    Files.createDirectory(file());
    assertThatThrownBy(() -> store.add(service("ssh"))).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> store.remove("web")).isInstanceOf(Failure.class);
    assertThatThrownBy(() -> store.setEnabled("web", false)).isInstanceOf(Failure.class);
    assertThat(store.list()).containsExactly(service("web"));
    Files.delete(file());
    Files.move(aside, file());
    assertThat(new ServiceStore(home).list()).containsExactly(service("web"));
    store.add(service("ssh"));
    assertThat(new ServiceStore(home).list()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "{\"version\":1}",
        "{\"version\":2,\"services\":[]}",
        "{\"version\":1,\"services\":{}}",
        "{\"version\":1,\"services\":[\"web\"]}",
        "{\"version\":1,\"services\":[{}]}",
        "{\"version\":1,\"services\":[{\"name\":\"../x\",\"target\":\"127.0.0.1:1\"}]}",
        "{\"version\":1,\"services\":[{\"name\":\"web\",\"target\":\"nowhere:0\"}]}",
        "{\"version\":1,\"services\":[{\"name\":\"web\",\"target\":\"a:1\",\"allowed\":[\"x\"]}]}",
        "{\"version\":1,\"services\":[{\"name\":\"web\",\"target\":\"a:1\",\"allowed\":\"x\"}]}",
      })
  void aDamagedFileIsSaidSoAndStaysAsItIs(String content) {
    PrivateFiles.write(file(), content.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> new ServiceStore(home))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("state-damaged");
              assertThat(e.message()).contains("services.json");
            });
    assertThat(file()).hasContent(content);
  }

  @Test
  void aServiceStoredTwiceAndTooManyServicesAreDamage() throws IOException {
    store.add(service("web"));
    JsonObject root = JsonParser.parseString(Files.readString(file())).getAsJsonObject();
    JsonArray services = root.getAsJsonArray("services");
    services.add(services.get(0));
    PrivateFiles.write(file(), root.toString().getBytes(StandardCharsets.UTF_8));
    fails(() -> new ServiceStore(home), "state-damaged", "backup");
    services.remove(1);
    for (int i = 0; i < Limits.SERVICES_MAX; i++) {
      JsonObject more = services.get(0).getAsJsonObject().deepCopy();
      more.addProperty("name", "s" + i);
      services.add(more);
    }
    PrivateFiles.write(file(), root.toString().getBytes(StandardCharsets.UTF_8));
    fails(() -> new ServiceStore(home), "state-damaged", "backup");
  }

  @Test
  void damagedInAnyWayItIsNamedOrReadAndNeverFailsOtherwise() throws IOException {
    store.add(service("web", Ids.peer(2), Ids.peer(3)));
    store.add(new Service("ssh", Target.parse("[::1]:22"), Protocol.TCP, false, Set.of()));
    byte[] whole = PrivateFiles.read(home.state("services.json"));
    for (byte[] damaged : Damages.gross(whole)) {
      assertThat(opens(damaged)).as("%d bytes", damaged.length).isFalse();
    }
    for (byte[] flipped : Damages.flips(whole, SeededRandom.of(ServiceStoreTest.class))) {
      opens(flipped);
    }
    assertThat(opens(whole)).isTrue();
  }

  private boolean opens(byte[] content) throws IOException {
    Files.write(home.state("services.json"), content);
    try {
      new ServiceStore(home);
      return true;
    } catch (Failure e) {
      assertThat(e.code()).isEqualTo("state-damaged");
      assertThat(e.message()).contains(home.state("services.json").toString());
      assertThat(e.hint()).contains("backup");
      return false;
    } finally {
      assertThat(Files.readAllBytes(home.state("services.json")))
          .as("left as it is")
          .isEqualTo(content);
    }
  }
}
