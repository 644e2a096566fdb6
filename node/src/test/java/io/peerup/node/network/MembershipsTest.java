package io.peerup.node.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.node.Ids;
import io.peerup.pairing.GroupMembership;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MembershipsTest {

  @TempDir Path directory;

  private Home home;

  @BeforeEach
  void makeHome() {
    home = Home.of(directory).ensure();
  }

  private Memberships open() {
    return new Memberships(home, Ids.peer(1));
  }

  private static GroupMembership group(String label) {
    return new TestGroup(label).join(1, "me", Optional.empty(), Map.of(2, "home")).membership();
  }

  private Path file() {
    return home.state("groups.json");
  }

  @Test
  void aGroupIsOnDiskForItsOwnerOnlyAndComesBack() throws IOException {
    GroupMembership group = group("one");
    open().add(group);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
    assertThat(open().all())
        .singleElement()
        .satisfies(back -> assertThat(back.snapshot()).isEqualTo(group.snapshot()));
    assertThat(open().find(group.groupId())).isPresent();
  }

  @Test
  void theSameGroupAgainReplacesWhatWasStored() {
    Memberships memberships = open();
    memberships.add(group("one"));
    memberships.add(group("one"));
    assertThat(memberships.all()).hasSize(1);
    assertThat(open().all()).hasSize(1);
  }

  @Test
  void theLastGroupFitsAndOneMoreDoesNot() {
    Memberships memberships = open();
    for (int i = 0; i < Limits.GROUPS_MAX; i++) {
      memberships.checkRoom(group("group " + i).groupId());
      memberships.add(group("group " + i));
    }
    GroupMembership oneMore = group("one more");
    assertThatThrownBy(() -> memberships.checkRoom(oneMore.groupId()))
        .isInstanceOfSatisfying(
            Failure.class, e -> assertThat(e.code()).isEqualTo("too-many-groups"));
    assertThatThrownBy(() -> memberships.add(oneMore)).isInstanceOf(Failure.class);
    assertThat(memberships.all()).hasSize(Limits.GROUPS_MAX);
    memberships.checkRoom(group("group 0").groupId());
    memberships.add(group("group 0"));
    assertThat(open().all()).hasSize(Limits.GROUPS_MAX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{}",
        "{\"version\":1}",
        "{\"version\":2,\"groups\":[]}",
        "{\"version\":1,\"groups\":{}}",
        "{\"version\":1,\"groups\":[7]}",
        "{\"version\":1,\"groups\":[{}]}",
        "{\"version\":1,\"groups\":[null]}",
      })
  void aDamagedFileIsSaidSoAndStaysAsItIs(String content) throws IOException {
    PrivateFiles.write(file(), content.getBytes(StandardCharsets.UTF_8));
    assertDamaged();
    assertThat(file()).hasContent(content);
  }

  @Test
  void everyFieldOfAStoredGroupMatters() {
    open().add(group("one"));
    JsonObject good = stored();
    for (String field : good.getAsJsonArray("groups").get(0).getAsJsonObject().keySet()) {
      JsonObject bad = good.deepCopy();
      bad.getAsJsonArray("groups").get(0).getAsJsonObject().add(field, new JsonObject());
      write(bad);
      assertDamaged();
    }
    write(good);
    assertThat(open().all()).hasSize(1);
  }

  @Test
  void aGroupStoredTwiceAndTooManyGroupsAreDamage() {
    open().add(group("one"));
    JsonObject good = stored();
    JsonArray groups = good.getAsJsonArray("groups");
    groups.add(groups.get(0));
    write(good);
    assertDamaged();
    while (groups.size() <= Limits.GROUPS_MAX) {
      groups.add(groups.get(0));
    }
    write(good);
    assertDamaged();
  }

  @Test
  void groupsOfAnotherIdentityAreNotTakenForOurs() {
    open().add(group("one"));
    assertThatThrownBy(() -> new Memberships(home, Ids.peer(7)))
        .isInstanceOfSatisfying(
            Failure.class,
            e ->
                assertThat(e.message())
                    .contains(Ids.peer(1).toString())
                    .contains(Ids.peer(7).toString()));
  }

  @Test
  void aFileThatOthersCanReadIsRefused() throws IOException {
    open().add(group("one"));
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.hint()).contains("chmod 600"));
  }

  private void assertDamaged() {
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo("state-damaged");
              assertThat(e.message()).contains("groups.json");
              assertThat(e.hint()).isNotEmpty();
            });
  }

  private JsonObject stored() {
    return JsonParser.parseString(
            new String(PrivateFiles.readIfExists(file()).orElseThrow(), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private void write(JsonObject content) {
    PrivateFiles.write(file(), content.toString().getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void damagedInAnyWayItIsNamedOrReadAndNeverFailsOtherwise() throws IOException {
    open().add(group("one"));
    byte[] whole = PrivateFiles.read(file());
    for (byte[] damaged : Damages.gross(whole)) {
      assertThat(opens(damaged)).as("%d bytes", damaged.length).isFalse();
    }
    for (byte[] flipped : Damages.flips(whole, SeededRandom.of(MembershipsTest.class))) {
      opens(flipped);
    }
    assertThat(opens(whole)).isTrue();
  }

  private boolean opens(byte[] content) throws IOException {
    Files.write(file(), content);
    try {
      open();
      return true;
    } catch (Failure e) {
      assertThat(e.code()).isEqualTo("state-damaged");
      assertThat(e.message()).contains(file().toString());
      assertThat(e.hint()).contains("backup");
      return false;
    } finally {
      assertThat(Files.readAllBytes(file())).as("left as it is").isEqualTo(content);
    }
  }
}
