package io.peerup.pairing.rendezvous;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.SourcePrefix;
import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RendezvousTableTest {

  private static final Duration TTL = Duration.ofMinutes(10);
  private static final Selector CODE = Selector.ofText(Selector.TYPED, "EJWJ7KQ");
  private static final PeerId HOME = peer(1);
  private static final PeerId LAPTOP = peer(2);
  private static final PeerId STRANGER = peer(3);

  private final VirtualClock clock = new VirtualClock();
  private final RendezvousTable table = new RendezvousTable(new Random(1));

  @Test
  void whoKnowsTheCodeLearnsWhoWaitsAndMayOpenOneCircuit() {
    open(HOME, CODE);
    assertThat(find(LAPTOP, CODE)).contains(HOME);
    assertThat(redeem(LAPTOP)).isTrue();
    assertThat(redeem(LAPTOP)).as("the second time").isFalse();
  }

  @Test
  void withoutATicketThereIsNoCircuit() {
    open(HOME, CODE);
    assertThat(redeem(LAPTOP)).isFalse();
    find(LAPTOP, CODE);
    assertThat(redeem(STRANGER)).as("somebody else's ticket").isFalse();
    assertThat(table.redeem(LAPTOP, STRANGER, clock.instant())).as("another target").isFalse();
    assertThat(redeem(LAPTOP)).isTrue();
  }

  @Test
  void aTicketEndsAfter30SecondsAndNotBefore() {
    open(HOME, CODE);
    find(LAPTOP, CODE);
    clock.advance(Duration.ofMillis(29_999));
    assertThat(find(STRANGER, CODE)).as("one live ticket an invite").isEmpty();
    clock.advance(Duration.ofMillis(1));
    assertThat(redeem(LAPTOP)).isFalse();
    assertThat(find(STRANGER, CODE)).contains(HOME);
  }

  @Test
  void anInviteHasSixLookupsAndNoneMoreHoweverOftenItIsAskedFor() {
    open(HOME, CODE);
    for (int i = 0; i < 6; i++) {
      assertThat(find(LAPTOP, CODE)).as("lookup %d", i + 1).contains(HOME);
      assertThat(redeem(LAPTOP)).isTrue();
    }
    assertThat(find(LAPTOP, CODE)).isEmpty();
    clock.advance(Duration.ofMinutes(1));
    open(HOME, CODE);
    assertThat(find(STRANGER, CODE)).isEmpty();
    clock.advance(TTL);
    open(HOME, CODE);
    assertThat(find(LAPTOP, CODE)).as("a new invite").contains(HOME);
  }

  @Test
  void prolongingKeepsTheCountOfLookups() {
    open(HOME, CODE);
    for (int i = 0; i < 5; i++) {
      find(LAPTOP, CODE);
      redeem(LAPTOP);
    }
    clock.advance(Duration.ofMinutes(9));
    open(HOME, CODE);
    clock.advance(Duration.ofMinutes(9));
    assertThat(find(LAPTOP, CODE)).contains(HOME);
    redeem(LAPTOP);
    assertThat(find(LAPTOP, CODE)).isEmpty();
  }

  @Test
  void aSelectorBelongsToWhoCameFirst() {
    open(HOME, CODE);
    assertThat(table.open(STRANGER, Optional.of(CODE), TTL, clock.instant())).isEmpty();
    assertThat(table.close(STRANGER, CODE)).isFalse();
    assertThat(find(LAPTOP, CODE)).contains(HOME);
    assertThat(table.close(HOME, CODE)).isTrue();
    assertThat(table.open(STRANGER, Optional.of(CODE), TTL, clock.instant())).isPresent();
  }

  @Test
  void anInviteEndsAtItsVeryInstant() {
    open(HOME, CODE);
    clock.advance(TTL.minusMillis(1));
    assertThat(table.openUntil()).isAfter(clock.instant());
    assertThat(find(LAPTOP, CODE)).contains(HOME);
    clock.advance(Duration.ofMillis(1));
    assertThat(redeem(LAPTOP)).isFalse();
    assertThat(find(STRANGER, CODE)).isEmpty();
  }

  @Test
  void timesOutOfBoundsAreRefused() {
    for (Duration wrong :
        Set.of(Duration.ZERO, Limits.TTL_MIN.minusSeconds(1), Limits.TTL_MAX.plusSeconds(1))) {
      assertThat(table.open(HOME, Optional.of(CODE), wrong, clock.instant())).isEmpty();
    }
    assertThat(table.open(HOME, Optional.of(CODE), Limits.TTL_MIN, clock.instant())).isPresent();
    assertThat(table.open(HOME, Optional.of(CODE), Limits.TTL_MAX, clock.instant())).isPresent();
  }

  @Test
  void aMemberHasFiveInvitesAndNotSix() {
    for (int i = 0; i < 5; i++) {
      assertThat(table.open(HOME, Optional.empty(), TTL, clock.instant())).isPresent();
    }
    assertThat(table.open(HOME, Optional.empty(), TTL, clock.instant())).isEmpty();
    assertThat(table.open(STRANGER, Optional.empty(), TTL, clock.instant())).isPresent();
    table.forget(HOME);
    assertThat(table.open(HOME, Optional.empty(), TTL, clock.instant())).isPresent();
  }

  @Test
  void aRelayHas640InvitesAndNotOneMore() {
    Set<Selector> nameplates = new HashSet<>();
    for (int i = 0; i < 640; i++) {
      table
          .open(peer(10 + i / 5), Optional.empty(), TTL, clock.instant())
          .ifPresent(opened -> nameplates.add(opened.selector()));
    }
    assertThat(nameplates).as("all different").hasSize(640);
    assertThat(table.open(HOME, Optional.empty(), TTL, clock.instant())).isEmpty();
  }

  @Test
  void tenLookupsAMinuteFromOneSourceAndNotEleven() {
    for (int i = 0; i < 10; i++) {
      assertThat(find(LAPTOP, Selector.ofText(Selector.SPOKEN, "" + (2000 + i)))).isEmpty();
      clock.advance(Duration.ofSeconds(1));
    }
    open(HOME, CODE);
    assertThat(find(LAPTOP, CODE)).as("the eleventh").isEmpty();
    assertThat(table.find(LAPTOP, source("192.0.2.8/32"), CODE, clock.instant())).contains(HOME);
    redeem(LAPTOP);
    clock.advance(Duration.ofSeconds(50));
    assertThat(find(LAPTOP, CODE)).as("the first is a minute old").contains(HOME);
  }

  @Test
  void sourcesAreCountedForAMinuteAndOnly4096OfThem() {
    for (int i = 0; i < 4096; i++) {
      table.find(
          LAPTOP, source("10.0.%d.%d/32".formatted(i / 256, i % 256)), CODE, clock.instant());
    }
    open(HOME, CODE);
    assertThat(find(LAPTOP, CODE)).as("no place to count it").isEmpty();
    clock.advance(Limits.FINDS_WINDOW);
    assertThat(find(LAPTOP, CODE)).contains(HOME);
  }

  @Test
  void aTicketShowsWhileItIsLiveAndLookingAtItUsesNothing() {
    open(HOME, CODE);
    assertThat(table.hasTicket(LAPTOP, clock.instant())).isFalse();
    find(LAPTOP, CODE);
    assertThat(table.hasTicket(LAPTOP, clock.instant())).isTrue();
    assertThat(table.hasTicket(STRANGER, clock.instant())).isFalse();
    assertThat(table.hasTicket(LAPTOP, clock.instant().plus(Limits.TICKET_TIME))).isFalse();
    assertThat(redeem(LAPTOP)).isTrue();
    assertThat(table.hasTicket(LAPTOP, clock.instant())).isFalse();
  }

  @Test
  void nobodyFindsItself() {
    open(HOME, CODE);
    assertThat(find(HOME, CODE)).isEmpty();
    assertThat(find(LAPTOP, CODE)).as("and that used no ticket").contains(HOME);
  }

  private void open(PeerId owner, Selector selector) {
    assertThat(table.open(owner, Optional.of(selector), TTL, clock.instant())).isPresent();
  }

  private Optional<PeerId> find(PeerId caller, Selector selector) {
    return table.find(caller, source("192.0.2.7/32"), selector, clock.instant());
  }

  private boolean redeem(PeerId caller) {
    return table.redeem(caller, HOME, clock.instant());
  }

  private static SourcePrefix source(String text) {
    return new SourcePrefix(text);
  }

  private static PeerId peer(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    seed[0] = (byte) (number >>> 8);
    return PeerId.of(PrivateKey.ofEd25519Seed(seed).publicKey());
  }
}
