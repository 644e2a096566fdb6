package io.peerup.pairing.mailbox;

import static io.peerup.pairing.mailbox.Post.hash;
import static io.peerup.pairing.mailbox.Post.peer;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;

/// Random requests against a model that knows nothing of mailboxes, bytes or files: who was given
/// what, what was left by it, what was taken away.
class MailboxPropertyTest {

  private static final int PEERS = 6;
  private static final int MEMBERS = 3;
  private static final int CAPABILITIES = 8;

  private static final class Right {
    final int owner;
    final int only;
    final Instant ends;
    int uses;
    final Set<String> left = new HashSet<>();

    Right(int owner, int only, Instant ends, int uses) {
      this.owner = owner;
      this.only = only;
      this.ends = ends;
      this.uses = uses;
    }
  }

  private record Letter(int owner, String text, Instant ends) {}

  private final SeededRandom random = SeededRandom.of(MailboxPropertyTest.class);
  private final VirtualClock clock = new VirtualClock();
  private final Map<PeerId, Integer> numbers = new HashMap<>();
  private final Map<Integer, Right> rights = new HashMap<>();
  private final List<Letter> letters = new ArrayList<>();
  private MailboxTable table = new MailboxTable(random);

  @RepeatedTest(5)
  void twoThousandRandomRequestsDoWhatTheModelSays() {
    for (int number = 0; number < PEERS; number++) {
      numbers.put(peer(number), number);
    }
    for (int step = 0; step < 2000; step++) {
      switch (random.nextInt(12)) {
        case 0, 1 -> grant();
        case 2 -> revoke();
        case 3, 4, 5, 6, 7 -> deposit();
        case 8, 9 -> deleteOne();
        case 10 -> {
          clock.advance(Duration.ofMinutes(random.nextInt(120)));
          forgetWhatIsOver();
        }
        default -> {
          if (random.nextInt(10) == 0) {
            remove();
          }
          table =
              MailboxTable.restore(
                  JsonParser.parseString(table.snapshot().toString()).getAsJsonObject(), random);
        }
      }
      for (int number = 0; number < PEERS; number++) {
        assertThat(fetch(number)).as("step %d, peer %d", step, number).isEqualTo(waiting(number));
      }
    }
  }

  private boolean isMember(PeerId peer) {
    return numbers.getOrDefault(peer, PEERS) < MEMBERS;
  }

  private void grant() {
    int owner = random.nextInt(MEMBERS);
    int capability = random.nextInt(CAPABILITIES);
    int uses = random.nextInt(4);
    Duration ttl = Duration.ofMinutes(random.nextInt(600));
    Right known = rights.get(capability);
    Optional<Instant> answer =
        table.grant(peer(owner), hash(capability), uses, ttl, clock.instant());
    if (known != null) {
      assertThat(answer)
          .isEqualTo(known.owner == owner ? Optional.of(known.ends) : Optional.empty());
    } else if (uses == 0 || ttl.isZero()) {
      assertThat(answer).isEmpty();
    } else {
      assertThat(answer).contains(clock.instant().plus(ttl));
      rights.put(capability, new Right(owner, -1, answer.get(), uses));
    }
  }

  private void revoke() {
    int owner = random.nextInt(PEERS);
    int capability = random.nextInt(CAPABILITIES);
    Right known = rights.get(capability);
    boolean own = known != null && known.owner == owner;
    assertThat(table.revoke(peer(owner), hash(capability))).isEqualTo(own);
    if (own) {
      rights.remove(capability);
    }
  }

  private void deposit() {
    int by = random.nextInt(PEERS);
    int capability = random.nextInt(CAPABILITIES);
    String text = "message " + random.nextInt(6);
    int reply = random.nextBoolean() ? random.nextInt(CAPABILITIES) : -1;
    String content = text + " " + reply;
    Right right = rights.get(capability);
    Optional<MailboxTable.Left> answer =
        table.deposit(
            peer(by),
            reply == -1 ? Post.deposit(capability, text) : Post.deposit(capability, text, reply),
            this::isMember,
            clock.instant());
    if (right == null || right.owner == by || (right.only != -1 && right.only != by)) {
      assertThat(answer).isEmpty();
    } else if (right.left.contains(content)) {
      assertThat(answer).contains(new MailboxTable.Left(peer(right.owner), false));
    } else if (right.uses == 0 || rights.containsKey(reply)) {
      assertThat(answer).isEmpty();
    } else {
      assertThat(answer).contains(new MailboxTable.Left(peer(right.owner), true));
      Instant ends = right.ends.plus(Duration.ofDays(1));
      right.uses--;
      right.left.add(content);
      letters.add(new Letter(right.owner, text, ends));
      if (reply != -1) {
        rights.put(reply, new Right(by, right.owner, ends, 1));
      }
    }
  }

  private void deleteOne() {
    int owner = random.nextInt(PEERS);
    List<Mail> mails = table.fetch(peer(owner), 0, Limits.FETCH_MAX, clock.instant());
    if (!mails.isEmpty()) {
      int which = random.nextInt(mails.size());
      List<Long> id = List.of(mails.get(which).id());
      table.delete(peer((owner + 1) % PEERS), id);
      assertThat(fetch(owner)).as("nobody else deletes it").isEqualTo(waiting(owner));
      table.delete(peer(owner), id);
      int at = 0;
      for (int i = 0; i < letters.size(); i++) {
        if (letters.get(i).owner() == owner && at++ == which) {
          letters.remove(i);
          break;
        }
      }
    }
  }

  private void remove() {
    int peer = random.nextInt(PEERS);
    table.remove(peer(peer));
    rights.values().removeIf(right -> right.owner == peer || right.only == peer);
    letters.removeIf(letter -> letter.owner() == peer);
  }

  private void forgetWhatIsOver() {
    rights.values().removeIf(right -> !clock.instant().isBefore(right.ends));
    letters.removeIf(letter -> !clock.instant().isBefore(letter.ends()));
  }

  /// All of it, in as many answers as it takes.
  private List<String> fetch(int owner) {
    List<String> all = new ArrayList<>();
    long after = 0;
    while (true) {
      List<Mail> some = table.fetch(peer(owner), after, Limits.FETCH_MAX, clock.instant());
      if (some.isEmpty()) {
        return all;
      }
      some.forEach(mail -> all.add(new String(mail.message(), StandardCharsets.UTF_8)));
      after = some.getLast().id();
    }
  }

  private List<String> waiting(int owner) {
    return letters.stream().filter(l -> l.owner() == owner).map(Letter::text).toList();
  }
}
