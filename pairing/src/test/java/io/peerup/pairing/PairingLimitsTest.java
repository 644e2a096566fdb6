package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Both sides of the bounds of pairing that no other test stands at.
class PairingLimitsTest {

  private static final Multiaddr ADDRESS = Multiaddr.parse("/ip4/192.0.2.1/tcp/7777");

  private final PairingWorld world = new PairingWorld(SeededRandom.of(PairingLimitsTest.class));

  @Test
  void anInviteLivesOneMinuteToOneHour() {
    create(1, Limits.INVITE_TTL_MIN);
    create(2, Limits.INVITE_TTL_MAX);
    assertThatThrownBy(() -> create(3, Limits.INVITE_TTL_MIN.minusNanos(1)))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> create(3, Limits.INVITE_TTL_MAX.plusNanos(1)))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> create(2, Limits.INVITE_TTL_MAX))
        .as("a selector in use")
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void sixtyFourInvitesAreRememberedForADay() {
    for (int i = world.table.invites(world.now()).size(); i < Limits.INVITES_MAX; i++) {
      world.clock.advance(Limits.INVITE_TTL_MIN);
      create(i, Limits.INVITE_TTL_MIN);
    }
    world.clock.advance(Limits.INVITE_TTL_MIN);
    assertThatThrownBy(() -> create(99, Limits.INVITE_TTL_MIN)).isInstanceOf(LimitReached.class);
    world.restart();
    assertThat(world.table.invites(world.now())).hasSize(Limits.INVITES_MAX);
    world.clock.advance(Limits.INVITE_MEMORY);
    create(99, Limits.INVITE_TTL_MIN);
    assertThat(world.table.invites(world.now())).hasSize(1);
  }

  @Test
  void aCardHasSixteenAddressesAndNotSeventeen() {
    int max = Limits.CARD_ADDRESSES_MAX;
    PeerCard full = card(max, max, Limits.CAPABILITY_BYTES_MAX);
    assertThat(PeerCard.decode(full.encoded()).encoded()).isEqualTo(full.encoded());
    assertThatThrownBy(() -> card(max + 1, 0, 0)).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> card(0, max + 1, 0)).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> card(0, 0, Limits.CAPABILITY_BYTES_MAX + 1))
        .isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> PeerCard.decode(new byte[Limits.CARD_BYTES_MAX + 1]))
        .hasMessageContaining("too long");
  }

  @Test
  void whatALaterVersionAddsToACardIsSkippedAndUnknownAddressesToo() {
    byte[] known = card(1, 0, 0).encoded();
    byte[] unknownAddress = {2 << 3 | 2, 3, (byte) 0xff, (byte) 0xff, 0x7f};
    byte[] unknownField = {15 << 3 | 2, 1, 0};
    assertThat(PeerCard.decode(Crypto.concat(known, unknownAddress, unknownField)).encoded())
        .isEqualTo(known);
  }

  @Test
  void theLargestProofFitsAFrame() {
    byte[] proof =
        new PakeMessages.Proof(
                new byte[32], new byte[Limits.SIGNATURE_BYTES_MAX], new byte[Limits.CARD_BYTES_MAX])
            .encoded();
    assertThat(2 + proof.length + Crypto.TAG_BYTES).isLessThanOrEqualTo(Limits.FRAME_BYTES_MAX);
    assertThat(PakeMessages.Proof.decode(proof).encoded()).isEqualTo(proof);
    byte[] larger =
        new PakeMessages.Proof(new byte[32], new byte[1], new byte[Limits.CARD_BYTES_MAX + 1])
            .encoded();
    assertThatThrownBy(() -> PakeMessages.Proof.decode(larger)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void a256thCodeIsRememberedAndA257thIsNotTried() {
    AttemptLimit limit = new AttemptLimit();
    for (int i = 0; i < Limits.ATTEMPT_KEYS_MAX; i++) {
      limit.count(Crypto.sha256("" + i), world.now());
    }
    assertThatThrownBy(() -> limit.count(Crypto.sha256("one more"), world.now()))
        .isInstanceOf(LimitReached.class);
    limit.count(Crypto.sha256("0"), world.now());
    world.clock.advance(Limits.ATTEMPT_WINDOW);
    limit.count(Crypto.sha256("one more"), world.now());
  }

  @Test
  void pastedTextBeyondItsLimitIsNotLookedAt() {
    assertThatThrownBy(() -> PairingCode.parse("A".repeat(Limits.PASTED_CHARS_MAX + 1)))
        .hasMessageContaining("far too long");
    String link = InviteUrl.SCHEME + "A".repeat(Limits.URL_CHARS_MAX + 1);
    assertThatThrownBy(() -> InviteUrl.parse(link)).hasMessageContaining("no invite link");
  }

  @Test
  void aPastedCodeNamesAtMostFourRelaysAndALinkAtLeastOne() {
    Multiaddr relay = ADDRESS.withPeer(PairingWorld.RELAY);
    int max = Limits.CODE_RELAYS_MAX;
    String text = fullCode(Collections.nCopies(max, relay)).text();
    assertThat(PairingCode.parse(text)).isInstanceOf(PairingCode.Full.class);
    assertThatThrownBy(() -> fullCode(Collections.nCopies(max + 1, relay)))
        .isInstanceOf(MalformedInput.class);
    String none = fullCode(List.of()).text();
    assertThat(((PairingCode.Full) PairingCode.parse(none)).code().relays()).isEmpty();
    assertThatThrownBy(() -> Pasted.checkRelays(List.of(), 1)).isInstanceOf(MalformedInput.class);
    assertThatThrownBy(() -> fullCode(List.of(ADDRESS)))
        .hasMessageContaining("without its peer id");
  }

  private FullCode fullCode(List<Multiaddr> relays) {
    return FullCode.generate(PairingWorld.INVITER.peerId(), relays, "", world.now(), world.random);
  }

  @Test
  void aDropOf4096BytesIsLookedAtAndALongerOneIsNot() {
    byte[] head = {0x01, 0x4c, 0x04};
    byte[] longest = Crypto.concat(head, new byte[Limits.DROP_BYTES_MAX - head.length]);
    assertThat(InviteDrop.dropIdOf(longest)).isPresent();
    assertThat(InviteDrop.dropIdOf(Crypto.concat(longest, new byte[1]))).isEmpty();
  }

  @Test
  void damagedStateFilesAreRefused() {
    world.run(world.secret, PairingWorld.JOINER);
    String good = world.table.snapshot().toString();
    Fixtures.fuzz(
        bytes -> {
          JsonObject json;
          try {
            json =
                JsonParser.parseString(new String(bytes, StandardCharsets.ISO_8859_1))
                    .getAsJsonObject();
          } catch (RuntimeException e) {
            throw new MalformedInput("not JSON", e);
          }
          InviteTable.restore(json, world.random);
        },
        SeededRandom.of("state"),
        3_000,
        good.getBytes(StandardCharsets.UTF_8));
  }

  private InviteSummary create(int number, Duration ttl) {
    PairingSecret secret = new PairingSecret(2, Crypto.ascii("S" + number), new byte[32]);
    return world.table.create(secret, ttl, "", world.now());
  }

  private static PeerCard card(int addresses, int relays, int capabilityBytes) {
    return new PeerCard(
        "laptop",
        Collections.nCopies(addresses, ADDRESS),
        "peerup 0.1",
        "my-crew",
        List.copyOf(Collections.nCopies(relays, ADDRESS.withPeer(PairingWorld.RELAY))),
        new byte[capabilityBytes]);
  }
}
