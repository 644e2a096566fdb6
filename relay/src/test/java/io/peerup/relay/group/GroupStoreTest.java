package io.peerup.relay.group;

import static io.peerup.relay.circuit.TestPeers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupSummary;
import io.peerup.pairing.PairOutcome;
import io.peerup.pairing.SourcePrefix;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupStoreTest {

  private static final SourcePrefix LOOPBACK = SourcePrefix.of(InetAddress.getLoopbackAddress());
  private static final int RELAY = 99;

  @TempDir Path directory;

  private final VirtualClock clock = new VirtualClock();
  private final GroupCode.NewGroup made = Joiner.group(3, peer(RELAY), 7777, 1);
  private final GroupCode code = made.codes().getFirst();
  private Path file = Path.of("unset");

  @BeforeEach
  void makeDirectory() {
    Path state = directory.resolve("state");
    PrivateFiles.ensureDirectory(state);
    file = state.resolve("groups.json");
  }

  private GroupStore open() {
    return GroupStore.open(file, clock);
  }

  private GroupStore withGroup() {
    GroupStore store = open();
    store.create(made.spec(), Duration.ofHours(1), Optional.empty(), "");
    return store;
  }

  private static PairOutcome join(GroupStore store, byte[] request, int peer) {
    return store.join(request, peer(peer), LOOPBACK);
  }

  private static PairOutcome.Cause cause(PairOutcome outcome) {
    return ((PairOutcome.Refused) outcome).cause();
  }

  @Test
  void failuresOfThreeRunsOfTheRelayAddUpAndBurnTheGroup() {
    withGroup();
    for (int run = 0; run < 3; run++) {
      GroupStore store = open();
      assertThat(cause(join(store, Joiner.wrongToken(code, 1), 1)))
          .isEqualTo(PairOutcome.Cause.WRONG_TOKEN);
    }
    GroupStore store = open();
    assertThat(store.groups().getFirst().state()).isEqualTo(GroupSummary.State.BURNED);
    assertThat(cause(join(store, Joiner.request(code, 2), 2))).isEqualTo(PairOutcome.Cause.BURNED);
  }

  @Test
  void membersAndUsedCodesSurviveARestart() {
    GroupStore store = withGroup();
    assertThat(join(store, Joiner.request(code, 1), 1)).isInstanceOf(PairOutcome.Admitted.class);

    GroupStore again = open();
    assertThat(again.groups().getFirst().members()).containsExactly(peer(1));
    assertThat(cause(join(again, Joiner.request(code, 2), 2)))
        .isEqualTo(PairOutcome.Cause.USED_TOKEN);
    PairOutcome second = join(again, Joiner.request(made.codes().get(1), 2), 2);
    assertThat(((PairOutcome.Admitted) second).others()).containsExactly(peer(1));
    assertThat(again.noticesFor(peer(1))).hasSize(1);
  }

  @Test
  void aHundredThousandRandomSelectorsMoveNothing() throws IOException {
    GroupStore store = withGroup();
    byte[] before = Files.readAllBytes(file);
    byte[] request = Joiner.request(code, 1);
    for (int i = 0; i < 100_000; i++) {
      byte[] selector = Joiner.random(i).bytes(8);
      System.arraycopy(selector, 0, request, 2, selector.length);
      if (cause(join(store, request, 1)) != PairOutcome.Cause.UNKNOWN_GROUP) {
        throw new AssertionError("selector number " + i);
      }
      if (i == 100) {
        // From here on an introduction that fails before its signature is checked: the same way
        // through the table, a tenth of the time.
        request[request.length - 1] ^= 1;
        request[24 + 2 + 2] ^= 1;
      }
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(before);
    assertThat(store.groups().getFirst().failures()).isZero();
    assertThat(join(store, Joiner.request(code, 1), 1)).isInstanceOf(PairOutcome.Admitted.class);
  }

  @Test
  void theFileHoldsNoTokenAndOthersMayNotReadIt() throws IOException {
    GroupStore store = withGroup();
    join(store, Joiner.request(code, 1), 1);
    String text = Files.readString(file);
    byte[] token = code.secrets().token();
    assertThat(text)
        .doesNotContain(HexFormat.of().formatHex(token))
        .doesNotContain(java.util.Base64.getEncoder().encodeToString(token))
        .doesNotContain(code.text())
        .doesNotContain("device-1");
    assertThat(PrivateFiles.read(file)).isEqualTo(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aGroupThatCannotBeWrittenDoesNotExist() throws IOException {
    GroupStore store = open();
    breakDisk();
    assertThatThrownBy(() -> store.create(made.spec(), Duration.ofHours(1), Optional.empty(), ""))
        .isInstanceOf(Failure.class);
    assertThat(store.hasLiveGroup()).isFalse();
    mendDisk();
    assertThat(cause(join(store, Joiner.request(code, 1), 1)))
        .isEqualTo(PairOutcome.Cause.UNKNOWN_GROUP);
  }

  @Test
  void aJoinThatCannotBeWrittenFailsAndItsAttemptStaysCounted() throws IOException {
    GroupStore store = withGroup();
    breakDisk();
    assertThatThrownBy(() -> join(store, Joiner.wrongToken(code, 1), 1))
        .isInstanceOf(Failure.class);
    assertThatThrownBy(() -> join(store, Joiner.request(code, 2), 2)).isInstanceOf(Failure.class);
    mendDisk();
    PairOutcome resumed = join(store, Joiner.request(code, 2), 2);
    assertThat(resumed).isInstanceOf(PairOutcome.Admitted.class);
    assertThat(open().groups().getFirst().failures()).isEqualTo(1);
    assertThat(open().groups().getFirst().members()).containsExactly(peer(2));
  }

  /// Takes the state directory away, which stops root too.
  private void breakDisk() throws IOException {
    Files.move(file.getParent(), directory.resolve("away"));
    Files.writeString(file.getParent(), "in the way");
  }

  private void mendDisk() throws IOException {
    Files.delete(file.getParent());
    Files.move(directory.resolve("away"), file.getParent());
  }

  @Test
  void aDamagedFileStopsTheStartAndNamesItself() {
    for (String damaged : new String[] {"", "{", "[]", "{\"groups\":7}", "null"}) {
      PrivateFiles.write(file, damaged.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(this::open)
          .isInstanceOfSatisfying(
              Failure.class, f -> assertThat(f.code()).isEqualTo("state-damaged"))
          .hasMessageContaining("groups.json");
    }
  }

  @Test
  void strangersHaveAReasonToBeHereUntilTheLastGroupEnds() {
    GroupStore store = open();
    assertThat(store.hasLiveGroup()).isFalse();
    store.create(made.spec(), Duration.ofHours(1), Optional.empty(), "");
    assertThat(store.hasLiveGroup()).isTrue();
    assertThat(open().hasLiveGroup()).as("after a restart").isTrue();
    clock.advance(Duration.ofHours(1).minusNanos(1));
    assertThat(store.hasLiveGroup()).isTrue();
    clock.advance(Duration.ofNanos(1));
    assertThat(store.hasLiveGroup()).isFalse();
  }

  @Test
  void aRevokedGroupIsNoReason() {
    GroupStore store = withGroup();
    assertThat(store.revoke(made.spec().groupId())).isTrue();
    assertThat(store.hasLiveGroup()).isFalse();
    assertThat(store.revoke("ffffffff")).isFalse();
  }

  @Test
  void aBurnedGroupStillIsSoThatItsBurningDoesNotShow() {
    GroupStore store = withGroup();
    for (int i = 0; i < 3; i++) {
      join(store, Joiner.wrongToken(code, 1), 1);
    }
    assertThat(store.hasLiveGroup()).isTrue();
  }

  @Test
  void cutAtAnyByteZeroedOrDoubledTheFileStopsTheStartAndStaysAsItIs() {
    join(withGroup(), Joiner.request(code, 1), 1);
    byte[] whole = PrivateFiles.read(file);
    for (int length = 0; length < whole.length; length++) {
      assertDamaged(Arrays.copyOf(whole, length));
    }
    for (int block = 0; block < whole.length; block += 512) {
      byte[] zeroed = whole.clone();
      Arrays.fill(zeroed, block, Math.min(whole.length, block + 512), (byte) 0);
      assertDamaged(zeroed);
    }
    byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
    System.arraycopy(whole, 0, twice, whole.length, whole.length);
    assertDamaged(twice);
  }

  private void assertDamaged(byte[] content) {
    PrivateFiles.write(file, content);
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(Failure.class, f -> assertThat(f.code()).isEqualTo("state-damaged"))
        .hasMessageContaining("groups.json");
    assertThat(PrivateFiles.read(file)).isEqualTo(content);
  }

  @Test
  void flippedBitsAreNamedOrReadAndNeverFailOtherwise() throws IOException {
    join(withGroup(), Joiner.request(code, 1), 1);
    byte[] whole = PrivateFiles.read(file);
    for (byte[] flipped : Damages.flips(whole, SeededRandom.of(GroupStoreTest.class))) {
      Files.write(file, flipped);
      try {
        open();
      } catch (Failure e) {
        assertThat(e.code()).isEqualTo("state-damaged");
        assertThat(e.message()).contains(file.toString());
      }
      assertThat(Files.readAllBytes(file)).as("left as it is").isEqualTo(flipped);
    }
  }
}
