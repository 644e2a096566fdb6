package io.peerup.pairing.mailbox;

import static io.peerup.pairing.mailbox.Post.deposit;
import static io.peerup.pairing.mailbox.Post.hash;
import static io.peerup.pairing.mailbox.Post.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MailboxTableTest {

  private static final Duration DAY = Duration.ofDays(1);
  private static final PeerId HOME = peer(1);
  private static final PeerId LAPTOP = peer(2);
  private static final PeerId STRANGER = peer(3);

  private final VirtualClock clock = new VirtualClock();
  private final Set<PeerId> members = new HashSet<>(Set.of(HOME));
  private MailboxTable table = new MailboxTable(new Random(1));

  @Test
  void whoeverHasTheCapabilityLeavesAMessageAndTheOwnerFetchesAndDeletesIt() {
    grant(HOME, 1, 1);
    assertThat(left(LAPTOP, deposit(1, "drop"))).isTrue();
    List<Mail> mails = fetch(HOME);
    assertThat(texts(mails)).containsExactly("drop");
    assertThat(texts(fetch(HOME))).as("fetching takes nothing away").containsExactly("drop");
    table.delete(HOME, List.of(mails.getFirst().id()));
    assertThat(fetch(HOME)).isEmpty();
  }

  @Test
  void aCapabilityIsUsedUpAfterItsNumberOfMessages() {
    grant(HOME, 1, 2);
    assertThat(left(LAPTOP, deposit(1, "a"))).isTrue();
    assertThat(left(STRANGER, deposit(1, "b"))).isTrue();
    assertThat(left(STRANGER, deposit(1, "c"))).isFalse();
    assertThat(texts(fetch(HOME))).containsExactly("a", "b");
  }

  @Test
  void theSameMessageAgainIsTakenAndNeitherCountedNorStored() {
    grant(HOME, 1, 1);
    assertThat(table.deposit(LAPTOP, deposit(1, "drop", 9), members::contains, now()))
        .contains(new MailboxTable.Left(HOME, true));
    long version = table.version();
    assertThat(table.deposit(LAPTOP, deposit(1, "drop", 9), members::contains, now()))
        .contains(new MailboxTable.Left(HOME, false));
    table.delete(HOME, ids(fetch(HOME)));
    assertThat(left(LAPTOP, deposit(1, "drop", 9))).as("also when it was fetched").isTrue();
    assertThat(fetch(HOME)).isEmpty();
    assertThat(left(LAPTOP, deposit(1, "drop"))).as("without the reply it is another").isFalse();
    assertThat(version).isLessThan(table.version());
  }

  @Test
  void aHolderCannotReadListOrDelete() {
    grant(HOME, 1, 2);
    left(STRANGER, deposit(1, "drop"));
    List<Long> ids = ids(fetch(HOME));
    assertThat(fetch(STRANGER)).isEmpty();
    table.delete(STRANGER, ids);
    assertThat(table.revoke(STRANGER, hash(1))).isFalse();
    assertThat(texts(fetch(HOME))).containsExactly("drop");
  }

  @Test
  void theOwnerAnswersAStrangerOnceAndNobodyElseDoes() {
    members.add(LAPTOP);
    grant(HOME, 1, 1);
    left(STRANGER, deposit(1, "drop", 9));
    assertThat(left(LAPTOP, deposit(9, "forged"))).as("another member").isFalse();
    assertThat(left(STRANGER, deposit(9, "to myself"))).isFalse();
    assertThat(left(HOME, deposit(9, "ack"))).isTrue();
    assertThat(left(HOME, deposit(9, "more"))).isFalse();
    assertThat(texts(fetch(STRANGER))).containsExactly("ack");
    assertThat(fetch(HOME)).extracting(Mail::toString).hasSize(1);
  }

  @Test
  void aMemberIsAnsweredInItsOwnMailbox() {
    members.add(LAPTOP);
    grant(HOME, 1, 1);
    left(LAPTOP, deposit(1, "drop", 9));
    left(HOME, deposit(9, "ack"));
    assertThat(texts(fetch(LAPTOP))).containsExactly("ack");
    assertThat(table.members()).containsExactlyInAnyOrder(HOME, LAPTOP);
  }

  @Test
  void capabilityAnswerAndMessagesEndAtTheirVeryInstant() {
    Duration instant = Duration.ofNanos(1);
    grant(HOME, 1, 2);
    left(STRANGER, deposit(1, "drop", 9));
    clock.advance(DAY.minus(instant));
    assertThat(left(LAPTOP, deposit(1, "late"))).isTrue();
    assertThat(table.openUntil()).as("for the answer").isEqualTo(now().plus(DAY).plus(instant));
    clock.advance(instant);
    assertThat(left(LAPTOP, deposit(1, "too late"))).isFalse();
    assertThat(left(LAPTOP, deposit(1, "late"))).as("not even what was left").isFalse();
    clock.advance(DAY.minus(instant));
    assertThat(texts(fetch(HOME))).containsExactly("drop", "late");
    assertThat(left(HOME, deposit(9, "ack"))).isTrue();
    clock.advance(instant);
    assertThat(fetch(HOME)).isEmpty();
    assertThat(texts(fetch(STRANGER))).containsExactly("ack");
    clock.advance(DAY.minus(instant));
    assertThat(fetch(STRANGER)).hasSize(1);
    clock.advance(instant);
    assertThat(fetch(STRANGER)).isEmpty();
    assertThat(table.openUntil()).isEqualTo(Instant.MIN);
    assertThat(size()).as("mailboxes left").isZero();
  }

  @Test
  void aUsedUpCapabilityKeepsTheDoorOpenAndARevokedOneDoesNot() {
    grant(HOME, 1, 1);
    left(LAPTOP, deposit(1, "drop"));
    assertThat(table.openUntil()).isEqualTo(now().plus(DAY));
    assertThat(table.revoke(HOME, hash(1))).isTrue();
    assertThat(table.openUntil()).isEqualTo(Instant.MIN);
    assertThat(left(LAPTOP, deposit(1, "drop"))).isFalse();
    assertThat(texts(fetch(HOME))).as("what was left stays").containsExactly("drop");
  }

  @Test
  void grantingAgainChangesNothing() {
    grant(HOME, 1, 1);
    left(LAPTOP, deposit(1, "drop"));
    long version = table.version();
    assertThat(table.grant(HOME, hash(1), 16, Limits.TTL_MAX, now())).contains(now().plus(DAY));
    assertThat(table.version()).isEqualTo(version);
    assertThat(left(STRANGER, deposit(1, "second"))).isFalse();
    assertThat(table.grant(LAPTOP, hash(1), 1, DAY, now())).as("another's").isEmpty();
  }

  @Test
  void aReplyCannotTakeOverACapabilityThatExists() {
    members.add(LAPTOP);
    grant(HOME, 1, 2);
    grant(LAPTOP, 2, 1);
    assertThat(left(STRANGER, deposit(1, "drop", 2))).isFalse();
    assertThat(left(STRANGER, deposit(1, "drop", 1))).isFalse();
    assertThat(fetch(HOME)).isEmpty();
  }

  @Test
  void numbersOutOfBoundsAreRefused() {
    for (int uses : new int[] {-1, 0, 17}) {
      assertThat(table.grant(HOME, hash(1), uses, DAY, now())).isEmpty();
    }
    for (Duration ttl :
        List.of(Duration.ZERO, Limits.TTL_MIN.minusSeconds(1), Limits.TTL_MAX.plusSeconds(1))) {
      assertThat(table.grant(HOME, hash(1), 1, ttl, now())).as("%s", ttl).isEmpty();
    }
    assertThat(table.grant(HOME, hash(1), 16, Limits.TTL_MAX, now())).isPresent();
    assertThat(table.grant(HOME, hash(2), 1, Limits.TTL_MIN, now())).isPresent();
    assertThat(table.version()).isEqualTo(2);
  }

  @Test
  void aMailboxHolds64MessagesAndNotOneMore() {
    for (int number = 0; number < 5; number++) {
      grant(HOME, number, 16);
    }
    for (int i = 0; i < 64; i++) {
      assertThat(left(STRANGER, deposit(i / 16, "m" + i))).isTrue();
    }
    assertThat(left(STRANGER, deposit(4, "m64"))).isFalse();
    assertThat(left(STRANGER, deposit(0, "m0"))).as("what is there already").isTrue();
    List<Mail> first = fetch(HOME);
    assertThat(first).as("one answer").hasSize(Limits.FETCH_MAX);
    assertThat(texts(table.fetch(HOME, first.getLast().id(), 2, now())))
        .containsExactly("m15", "m16");
    table.delete(HOME, ids(first));
    assertThat(left(STRANGER, deposit(4, "m64"))).isTrue();
  }

  @Test
  void aMailboxHolds256KibAndNotAByteMore() {
    for (int number = 0; number < 5; number++) {
      grant(HOME, number, 16);
    }
    for (int i = 0; i < 63; i++) {
      assertThat(left(STRANGER, deposit(i / 16, large(i)))).isTrue();
    }
    // 64 messages of the largest size are 256 KiB: both bounds are met at once.
    assertThat(Limits.BYTES_PER_MAILBOX_MAX).isEqualTo(64 * Limits.MESSAGE_BYTES_MAX);
    assertThat(left(STRANGER, deposit(3, large(63)))).isTrue();
    assertThat(left(STRANGER, deposit(4, "x"))).isFalse();
  }

  @Test
  void aRelayHolds2MibAndNotAByteMore() {
    for (int owner = 0; owner < 9; owner++) {
      members.add(peer(100 + owner));
      for (int number = 0; number < 4; number++) {
        grant(peer(100 + owner), 10 * owner + number, 16);
      }
    }
    for (int i = 0; i < 512; i++) {
      assertThat(left(STRANGER, deposit(10 * (i / 64) + i % 64 / 16, large(i)))).isTrue();
    }
    assertThat(left(STRANGER, deposit(80, "x"))).isFalse();
    table.remove(peer(100));
    assertThat(left(STRANGER, deposit(80, "x"))).isTrue();
  }

  @Test
  void aRelayHolds2048MessagesAndNotOneMore() {
    for (int owner = 0; owner < 33; owner++) {
      members.add(peer(100 + owner));
      for (int number = 0; number < 4; number++) {
        grant(peer(100 + owner), 10 * owner + number, 16);
      }
    }
    for (int i = 0; i < 2048; i++) {
      assertThat(left(STRANGER, deposit(10 * (i / 64) + i % 64 / 16, "m" + i))).isTrue();
    }
    assertThat(left(STRANGER, deposit(320, "x"))).isFalse();
  }

  @Test
  void aMemberGives64CapabilitiesAndARelayKnows1024() {
    for (int owner = 0; owner < 16; owner++) {
      for (int number = 0; number < 64; number++) {
        grant(peer(100 + owner), 100 * owner + number, 1);
      }
      assertThat(table.grant(peer(100 + owner), hash(9999), 1, DAY, now())).isEmpty();
    }
    assertThat(table.grant(HOME, hash(9999), 1, DAY, now())).isEmpty();
    table.revoke(peer(100), hash(0));
    assertThat(table.grant(HOME, hash(9999), 1, DAY, now())).isPresent();
  }

  @Test
  void aRelayHas256GuestsAndMembersFindRoomBesideThem() {
    for (int number = 0; number < 17; number++) {
      grant(HOME, number, 16);
    }
    int taken = 0;
    for (int i = 0; i < 257; i++) {
      boolean left = left(peer(100 + i), deposit(i / 16, "m" + i, 1000 + i));
      taken += left ? 1 : 0;
      table.delete(HOME, ids(fetch(HOME)));
    }
    assertThat(taken).isEqualTo(256);
    assertThat(left(peer(999), deposit(16, "without an answer"))).isTrue();
    members.add(LAPTOP);
    assertThat(left(LAPTOP, deposit(16, "of a member", 2000))).isTrue();
  }

  @Test
  void aRelayHas1024MailboxesAndNotOneMore() {
    for (int i = 0; i < 1024; i++) {
      grant(peer(100 + i), i, 1);
    }
    // Capabilities and mailboxes have the same bound, so one must be given back to tell them apart.
    members.add(peer(100));
    assertThat(left(HOME, deposit(0, "stays"))).isTrue();
    table.revoke(peer(100), hash(0));
    assertThat(table.grant(HOME, hash(5000), 1, DAY, now())).as("a 1025th mailbox").isEmpty();
    assertThat(table.grant(peer(101), hash(5000), 1, DAY, now())).isPresent();
  }

  @Test
  void whoIsRemovedLosesItsMailboxItsCapabilitiesAndItsRightToAnswer() {
    grant(HOME, 1, 2);
    left(STRANGER, deposit(1, "drop", 9));
    table.remove(HOME);
    members.remove(HOME);
    assertThat(fetch(HOME)).isEmpty();
    assertThat(left(LAPTOP, deposit(1, "more"))).isFalse();
    assertThat(left(HOME, deposit(9, "ack"))).isFalse();
    table.prune(now());
    assertThat(size()).isZero();
  }

  @Test
  void nothingIsLeftWithSomebodyWhoIsAMemberNoMore() {
    grant(HOME, 1, 1);
    members.clear();
    assertThat(left(LAPTOP, deposit(1, "drop"))).isFalse();
    members.add(HOME);
    assertThat(left(LAPTOP, deposit(1, "drop"))).isTrue();
  }

  @Test
  void everythingComesBackFromTheStateFileAndNoCapabilityIsInIt() {
    grant(HOME, 1, 2);
    left(STRANGER, deposit(1, "drop", 9));
    JsonObject snapshot = table.snapshot();
    String text = snapshot.toString();
    for (int number : new int[] {1, 9}) {
      assertThat(text)
          .doesNotContain(HexFormat.of().formatHex(Post.capability(number)))
          .contains(hash(number).hex());
    }
    table = MailboxTable.restore(JsonParser.parseString(text).getAsJsonObject(), new Random(2));
    assertThat(table.snapshot()).isEqualTo(snapshot);
    assertThat(texts(fetch(HOME))).containsExactly("drop");
    assertThat(left(STRANGER, deposit(1, "drop", 9))).as("the same again").isTrue();
    assertThat(fetch(HOME)).hasSize(1);
    assertThat(left(LAPTOP, deposit(1, "second"))).isTrue();
    assertThat(left(LAPTOP, deposit(1, "third"))).isFalse();
    assertThat(left(LAPTOP, deposit(9, "forged"))).isFalse();
    assertThat(left(HOME, deposit(9, "ack"))).isTrue();
    assertThat(table.openUntil()).isEqualTo(now().plus(DAY.multipliedBy(3)));
  }

  @Test
  void aDamagedStateFileIsRefused() {
    grant(HOME, 1, 2);
    left(STRANGER, deposit(1, "drop", 9));
    String whole = table.snapshot().toString();
    String expires = "\"expires\":\"" + now().plus(DAY);
    for (String[] damage :
        new String[][] {
          {"\"version\":1", "\"version\":2"},
          {HOME.toString(), STRANGER.toString()},
          {hash(9).hex(), hash(1).hex()},
          {hash(9).hex(), hash(9).hex().substring(2)},
          {"\"usesLeft\":1", "\"usesLeft\":17"},
          {expires, "\"expires\":\"+10000-01-01T00:00:00Z"},
          {"\"guest\":false", "\"guest\":7"},
          {"\"id\":\"", "\"id\":\"00"},
          {"\"message\":\"", "\"message\":\"0"},
        }) {
      String damaged = whole.replace(damage[0], damage[1]);
      assertThat(damaged).isNotEqualTo(whole);
      assertThatThrownBy(() ->
              MailboxTable.restore(
                  JsonParser.parseString(damaged).getAsJsonObject(), new Random(2)))
          .as("%s for %s", damage[1], damage[0])
          .isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void theLargestStateFileFitsAPrivateFile() {
    int capability =
        "{'hash':'','usesLeft':16,'expires':'2026-01-01T00:00:00.123456789Z','only':''"
                .concat(",'seen':[]},")
                .length()
            + 64
            + 64
            + 16 * 67;
    int message =
        "{'id':'','expires':'2026-01-01T00:00:00.123456789Z','message':''},".length() + 16;
    int mailbox = "{'owner':'','guest':false,'capabilities':[],'messages':[]},".length() + 64;
    assertThat(
            Limits.CAPABILITIES_MAX * capability
                + Limits.MESSAGES_MAX * message
                + 2 * Limits.BYTES_MAX
                + Limits.MAILBOXES_MAX * mailbox)
        .isLessThan(8 << 20);
  }

  private Instant now() {
    return clock.instant();
  }

  private int size() {
    return table.snapshot().getAsJsonArray("mailboxes").size();
  }

  private void grant(PeerId owner, int capability, int uses) {
    assertThat(table.grant(owner, hash(capability), uses, DAY, now()))
        .as("capability %d", capability)
        .contains(now().plus(DAY));
  }

  private boolean left(PeerId by, MailboxMessages.Deposit deposit) {
    return table.deposit(by, deposit, members::contains, now()).isPresent();
  }

  private List<Mail> fetch(PeerId owner) {
    return table.fetch(owner, 0, Limits.FETCH_MAX, now());
  }

  private static List<Long> ids(List<Mail> mails) {
    return mails.stream().map(Mail::id).toList();
  }

  private static List<String> texts(List<Mail> mails) {
    return mails.stream().map(m -> new String(m.message(), StandardCharsets.UTF_8)).toList();
  }

  private static byte[] large(int number) {
    byte[] message = new byte[Limits.MESSAGE_BYTES_MAX];
    Arrays.fill(message, (byte) number);
    message[0] = (byte) (number >>> 8);
    return message;
  }
}
