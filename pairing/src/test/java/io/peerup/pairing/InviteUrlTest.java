package io.peerup.pairing;

import static io.peerup.pairing.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Invite links, and the two messages that follow.
class InviteUrlTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final PrivateKey INVITER = Fixtures.identity(1);
  private static final PrivateKey JOINER = Fixtures.identity(2);
  private static final PrivateKey OTHER = Fixtures.identity(3);
  private static final PeerCard HOME = PairingWorld.card("home");
  private static final Multiaddr RELAY = Fixtures.RELAY_HOST.multiaddr().withPeer(Fixtures.peer(9));

  private final SeededRandom source = SeededRandom.of(InviteUrlTest.class);
  private final KeyRandom random = Fixtures.random(source);
  private final UrlInvites invites = new UrlInvites();
  private final InviteUrl url = create(1);

  @Test
  void aLinkHasThePublishedBytes() {
    JsonObject known = known("invite_url");
    String text = known.get("url").getAsString();
    InviteUrl url = InviteUrl.parse(text);
    assertThat(url.text()).isEqualTo(text);
    assertThat(url.nonce()).isEqualTo(hex(known, "nonce"));
    assertThat(url.inviter().bytes()).isEqualTo(hex(known, "inviter_id"));
    assertThat(url.exchangeKey()).isEqualTo(hex(known, "exchange_public"));
    assertThat(url.relays()).containsExactly(Multiaddr.fromBytes(hex(known, "relay_multiaddr")));
    assertThat(url.depositCapability()).isEqualTo(hex(known, "deposit_capability"));
    assertThat(url.namespace()).contains("my-crew");
    assertThat(url.name()).isEqualTo("home");
    assertThat(url.expires().getEpochSecond()).isEqualTo(known.get("expires_unix").getAsLong());
    assertThat(
            InviteUrl.create(
                    PrivateKey.ofEd25519Seed(hex(known, "inviter_identity_seed")),
                    url.nonce(),
                    url.exchangeKey(),
                    url.relays(),
                    url.depositCapability(),
                    "my-crew",
                    "home",
                    url.expires())
                .text())
        .isEqualTo(text);
  }

  @Test
  void dropAndAcknowledgementHaveThePublishedBytes() {
    JsonObject link = known("invite_url");
    JsonObject known = known("invite_drop");
    InviteUrl url = InviteUrl.parse(link.get("url").getAsString());
    PrivateKey joiner = PrivateKey.ofEd25519Seed(hex(known, "joiner_identity_seed"));
    byte[] eph = hex(known, "ephemeral_public");
    InviteDrop ofJoiner = InviteDrop.ofJoiner(url, hex(known, "ephemeral_private"), eph);
    byte[] dropId = InviteDrop.dropId(url.nonce());
    assertThat(dropId).isEqualTo(hex(known, "drop_id"));
    assertThat(ofJoiner.info()).isEqualTo(hex(known, "info"));
    assertThat(ofJoiner.ackKey()).isEqualTo(hex(known, "key_ack"));
    byte[] drop = ofJoiner.sealDrop(joiner, eph, dropId, hex(known, "payload"));
    assertThat(drop).isEqualTo(hex(known, "drop"));

    PrivateKey inviter = PrivateKey.ofEd25519Seed(hex(link, "inviter_identity_seed"));
    InviteDrop ofInviter =
        InviteDrop.ofInviter(
            inviter.peerId(), url.nonce(), hex(link, "exchange_private"), url.exchangeKey(), drop);
    InviteDrop.Opened opened = ofInviter.openDrop(drop);
    assertThat(opened.joiner()).isEqualTo(joiner.peerId());
    assertThat(opened.payload()).isEqualTo(hex(known, "payload"));
    byte[] ack = ofInviter.sealAck(inviter, dropId, drop, hex(known, "ack_payload"));
    assertThat(ack).isEqualTo(hex(known, "ack"));
    assertThat(
            InviteDrop.openAck(
                ofJoiner.ackKey(), ofJoiner.info(), inviter.peerId(), Crypto.sha256("", drop), ack))
        .isEqualTo(hex(known, "ack_payload"));
  }

  @Test
  void aLinkIsReadHoweverItWasPassedOn() {
    String text = url.text();
    String data = text.substring(InviteUrl.SCHEME.length());
    for (String form :
        List.of(
            "  " + text + "\n",
            "<" + text + ">",
            "(" + text + ").",
            "\"" + text + "\",",
            "„" + text + "“!",
            text.substring(0, 100) + "\r\n   " + text.substring(100),
            text.substring(0, 50) + "\u200b" + text.substring(50),
            text.replace(":", "%3A").replace("#", "%23"),
            "PeerUp:Join#" + data,
            "https://peerup.example/#" + data,
            "https://anything.example/some/page?x=1#" + data,
            "<HTTPS://peerup.example/#" + data + ">;")) {
      assertThat(InviteUrl.parse(form).text()).as(form).isEqualTo(text);
      assertThat(PairingCode.parse(form)).as(form).isInstanceOf(PairingCode.Link.class);
    }
  }

  @Test
  void everyAlteredCharacterMakesItDamagedOrForged() {
    String text = url.text();
    for (int at = InviteUrl.SCHEME.length(); at < text.length(); at++) {
      char other = text.charAt(at) == 'A' ? 'B' : 'A';
      String altered = text.substring(0, at) + other + text.substring(at + 1);
      assertThatThrownBy(() -> InviteUrl.parse(altered))
          .as("character %d", at)
          .isInstanceOf(MalformedInput.class)
          .hasMessageMatching("(?s)link damaged or forged.*|.*another version.*");
    }
    for (int length = InviteUrl.SCHEME.length(); length < text.length(); length++) {
      String cut = text.substring(0, length);
      assertThatThrownBy(() -> InviteUrl.parse(cut)).isInstanceOf(MalformedInput.class);
    }
  }

  @Test
  void aLinkSignedByAnotherKeyIsForged() {
    byte[] bytes = Pasted.base64(Pasted.fragment(url.text()));
    byte[] body = Arrays.copyOf(bytes, bytes.length - 65);
    byte[] forged =
        Crypto.concat(body, Crypto.lv(OTHER.sign(Crypto.labelled("peerup-invite-v1", body))));
    assertThatThrownBy(() -> InviteUrl.parse(InviteUrl.SCHEME + Pasted.text(forged)))
        .hasMessageContaining("damaged or forged");
    byte[] real =
        Crypto.concat(body, Crypto.lv(INVITER.sign(Crypto.labelled("peerup-invite-v1", body))));
    assertThat(InviteUrl.parse(InviteUrl.SCHEME + Pasted.text(real)).text())
        .as("control")
        .isEqualTo(url.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "peerup:join", "http://x/#AQ", "https://#AQ", "join#AQ", "hello"})
  void whatIsNoLinkIsNoLink(String text) {
    assertThatThrownBy(() -> InviteUrl.parse(text)).hasMessageContaining("no invite link");
  }

  @Test
  void aLinkOfAnotherVersionAndOnesOwnAndAnExpiredOneAreNamed() {
    assertThatThrownBy(() -> InviteUrl.parse("peerup:join#AgMg"))
        .hasMessageContaining("another version");
    assertThatThrownBy(() -> url.checkUsable(INVITER.peerId(), NOW))
        .hasMessageContaining("your own invite");
    url.checkUsable(JOINER.peerId(), url.expires().minusNanos(1));
    assertThatThrownBy(() -> url.checkUsable(JOINER.peerId(), url.expires()))
        .hasMessageContaining("expired");
    assertThatThrownBy(() -> accept(JOINER, url.expires())).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aDropAdmitsItsSenderAndTheAcknowledgementTellsIt() {
    InviteAccept accept = accept(JOINER, NOW);
    var done = (UrlInvites.Result.Done) handle(accept.drop(), NOW);
    assertThat(done.joiner()).isEqualTo(JOINER.peerId());
    assertThat(done.card().name()).isEqualTo("laptop");
    assertThat(done.changed()).isTrue();
    assertThat(accept.receive(done.ack()))
        .isInstanceOfSatisfying(
            InviteAccept.Result.Paired.class,
            paired -> {
              assertThat(paired.inviter()).isEqualTo(INVITER.peerId());
              assertThat(paired.card().name()).isEqualTo("home");
            });
  }

  @Test
  void theSameDropAgainGetsTheSameAcknowledgementEvenAfterRestartAndEnd() {
    InviteAccept accept = accept(JOINER, NOW);
    var first = (UrlInvites.Result.Done) handle(accept.drop(), NOW);
    UrlInvites restored = UrlInvites.restore(invites.snapshot());
    var again =
        (UrlInvites.Result.Done)
            restored.handle(
                accept.drop(), INVITER, PairingWorld.card("renamed"), _ -> false, url.expires());
    assertThat(again.ack()).isEqualTo(first.ack());
    assertThat(again.changed()).isFalse();
    assertThat(restored.snapshot()).isEqualTo(invites.snapshot());
    assertThat(restored.unentered())
        .containsExactly(new InviteTable.Admitted(first.inviteId(), JOINER.peerId(), "laptop"));
    restored.entered(first.inviteId(), JOINER.peerId());
    assertThat(UrlInvites.restore(restored.snapshot()).unentered()).isEmpty();
  }

  @Test
  void ofTwoWhoRaceOneWinsAndTheOtherIsTold() {
    InviteAccept one = accept(JOINER, NOW);
    InviteAccept other = accept(OTHER, NOW);
    assertThat(handle(one.drop(), NOW)).isInstanceOf(UrlInvites.Result.Done.class);
    var before = invites.snapshot();
    var refused = (UrlInvites.Result.Refused) handle(other.drop(), NOW);
    assertThat(refused.reason()).contains("used up").contains(OTHER.peerId().toString());
    assertThat(invites.snapshot()).isEqualTo(before);
    assertThat(other.receive(refused.answer().orElseThrow().ack()))
        .isEqualTo(new InviteAccept.Result.AlreadyUsed(INVITER.peerId()));
    assertThat(refused.answer().orElseThrow().card().name()).isEqualTo("laptop");
  }

  @Test
  void aLinkForThreeAdmitsThreeAndNotFour() {
    InviteUrl three = create(3);
    for (int i = 10; i < 13; i++) {
      InviteAccept accept =
          InviteAccept.of(three, Fixtures.identity(i), PairingWorld.card("d" + i), random, NOW);
      assertThat(handle(accept.drop(), NOW)).isInstanceOf(UrlInvites.Result.Done.class);
    }
    InviteAccept fourth =
        InviteAccept.of(three, Fixtures.identity(13), PairingWorld.card("d"), random, NOW);
    assertThat(handle(fourth.drop(), NOW)).isInstanceOf(UrlInvites.Result.Refused.class);
    assertThatThrownBy(() -> create(Limits.URL_USES_MAX + 1)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void aDropCountsUntilTheLinksLastInstantAndNotAtItsEnd() {
    InviteAccept accept = accept(JOINER, NOW);
    assertThat(handle(accept.drop(), url.expires()))
        .isInstanceOfSatisfying(
            UrlInvites.Result.Refused.class, r -> assertThat(r.reason()).contains("end"));
    assertThat(handle(accept.drop(), url.expires().minusNanos(1)))
        .isInstanceOf(UrlInvites.Result.Done.class);
  }

  @Test
  void messagesForOthersAreLeftAlone() {
    assertThat(handle(new byte[0], NOW)).isEqualTo(new UrlInvites.Result.NotMine());
    assertThat(handle(source.bytes(100), NOW)).isEqualTo(new UrlInvites.Result.NotMine());
    UrlInvites others = new UrlInvites();
    InviteUrl foreign = others.create(INVITER, spec(), 1, Duration.ofHours(1), random, NOW);
    byte[] drop = InviteAccept.of(foreign, JOINER, PairingWorld.card("laptop"), random, NOW).drop();
    assertThat(handle(drop, NOW)).isEqualTo(new UrlInvites.Result.NotMine());
    assertThat(invites.revoke(invites.links().getFirst().id())).isTrue();
    assertThat(handle(accept(JOINER, NOW).drop(), NOW)).isEqualTo(new UrlInvites.Result.NotMine());
  }

  @Test
  void everyAlteredByteOfADropIsRefusedOrNotOursAndChangesNothing() {
    InviteAccept accept = accept(JOINER, NOW);
    byte[] drop = accept.drop();
    var before = invites.snapshot();
    for (int at = 0; at < drop.length; at++) {
      byte[] altered = drop.clone();
      altered[at] ^= (byte) (1 << source.nextInt(8));
      // The topmost bit of an X25519 key is not part of it, but of what is sealed.
      assertThat(handle(altered, NOW))
          .as("byte %d", at)
          .isInstanceOf(
              at < 19 ? UrlInvites.Result.NotMine.class : UrlInvites.Result.Refused.class);
    }
    assertThat(invites.snapshot()).isEqualTo(before);
    assertThat(handle(drop, NOW)).as("control").isInstanceOf(UrlInvites.Result.Done.class);
  }

  @Test
  void alteredForeignAndOlderAcknowledgementsAreIgnored() {
    InviteAccept accept = accept(JOINER, NOW);
    InviteAccept other = accept(OTHER, NOW);
    byte[] ack = ((UrlInvites.Result.Done) handle(accept.drop(), NOW)).ack();
    for (int at = 0; at < ack.length; at++) {
      byte[] altered = ack.clone();
      altered[at] ^= (byte) (1 << source.nextInt(8));
      assertThat(accept.receive(altered)).isEqualTo(new InviteAccept.Result.Ignored());
    }
    assertThat(other.receive(ack)).isEqualTo(new InviteAccept.Result.Ignored());
    assertThat(accept.receive(accept.drop())).isEqualTo(new InviteAccept.Result.Ignored());
    InviteAccept restored = InviteAccept.restore(accept.snapshot());
    assertThat(restored.drop()).isEqualTo(accept.drop());
    assertThat(restored.receive(ack)).isInstanceOf(InviteAccept.Result.Paired.class);
  }

  @Test
  void whoeverHasTheLinkCannotJoinUnderAnothersIdentity() {
    byte[] ephemeral = new byte[32];
    byte[] secret = source.bytes(32);
    X25519.scalarMultBase(secret, 0, ephemeral, 0);
    InviteDrop keys = InviteDrop.ofJoiner(url, secret, ephemeral);
    // Sealed rightly, but signed by a key that is not the named peer's.
    byte[] honest =
        keys.sealDrop(
            OTHER, ephemeral, InviteDrop.dropId(url.nonce()), PairingWorld.card("x").encoded());
    assertThat(keys.openDrop(honest).joiner()).isEqualTo(OTHER.peerId());
    PeerId victim = JOINER.peerId();
    byte[] plain =
        Crypto.lv(
            victim.bytes(),
            OTHER.sign(Crypto.labelled("peerup-drop-v1 sender", Crypto.sha256("", keys.info()))),
            PairingWorld.card("x").encoded());
    InviteDrop same = InviteDrop.ofJoiner(url, secret, ephemeral);
    byte[] forged =
        Crypto.concat(
            Arrays.copyOf(honest, 3 + 16 + 32),
            Crypto.seal(dropKey(secret), Crypto.countedNonce(0), same.info(), plain));
    assertThat(handle(forged, NOW))
        .isInstanceOfSatisfying(
            UrlInvites.Result.Refused.class, r -> assertThat(r.reason()).contains("signature"));
  }

  /// As the protocol page says, because the class keeps it to itself.
  private byte[] dropKey(byte[] secret) {
    byte[] shared = new byte[32];
    X25519.calculateAgreement(secret, 0, url.exchangeKey(), 0, shared, 0);
    byte[] ephemeral = new byte[32];
    X25519.scalarMultBase(secret, 0, ephemeral, 0);
    byte[] info =
        Crypto.lv(
            Crypto.ascii("peerup-drop-v1"),
            url.inviter().bytes(),
            url.exchangeKey(),
            ephemeral,
            InviteDrop.dropId(url.nonce()));
    return Crypto.expand(
        Crypto.hmac(url.nonce(), shared), Crypto.concat(Crypto.lv(Crypto.ascii("drop")), info), 32);
  }

  @Test
  void aKeyOfLowOrderInADropIsRefused() {
    byte[] drop = accept(JOINER, NOW).drop();
    Arrays.fill(drop, 19, 51, (byte) 0);
    assertThat(handle(drop, NOW))
        .isInstanceOfSatisfying(
            UrlInvites.Result.Refused.class, r -> assertThat(r.reason()).contains("low order"));
  }

  @Test
  void theMakerOfALinkCannotJoinByIt() {
    byte[] ephemeral = new byte[32];
    byte[] secret = source.bytes(32);
    X25519.scalarMultBase(secret, 0, ephemeral, 0);
    byte[] own =
        InviteDrop.ofJoiner(url, secret, ephemeral)
            .sealDrop(INVITER, ephemeral, InviteDrop.dropId(url.nonce()), HOME.encoded());
    assertThat(handle(own, NOW))
        .isInstanceOfSatisfying(
            UrlInvites.Result.Refused.class, r -> assertThat(r.reason()).contains("its maker"));
  }

  @Test
  void theNonceIsInNoMessage() {
    InviteAccept accept = accept(JOINER, NOW);
    byte[] ack = ((UrlInvites.Result.Done) handle(accept.drop(), NOW)).ack();
    String seen = HexFormat.of().formatHex(Crypto.concat(accept.drop(), ack));
    String nonce = HexFormat.of().formatHex(url.nonce());
    for (int at = 0; at + 12 <= nonce.length(); at += 2) {
      assertThat(seen).doesNotContain(nonce.substring(at, at + 12));
    }
    String laptop = HexFormat.of().formatHex(Crypto.ascii("laptop"));
    assertThat(seen).doesNotContain(laptop);
    assertThat(invites.toString() + accept + url).doesNotContain(nonce);
  }

  @Test
  void linksAreLimitedInTimeAndNumber() {
    assertThatThrownBy(() ->
            invites.create(INVITER, spec(), 1, Limits.URL_TTL_MAX.plusSeconds(1), random, NOW))
        .isInstanceOf(MalformedInput.class);
    invites.create(INVITER, spec(), 1, Limits.URL_TTL_MAX, random, NOW);
    while (invites.links().size() < Limits.URL_INVITES_MAX) {
      create(1);
    }
    assertThatThrownBy(() -> create(1)).isInstanceOf(LimitReached.class);
    // The next day they are over, a day later they are gone, all but the long one.
    Instant later = NOW.plus(Duration.ofDays(2));
    assertThat(invites.prune(later.minusNanos(1))).isFalse();
    assertThat(invites.prune(later)).isTrue();
    assertThat(invites.links()).hasSize(1);
  }

  @Test
  void messagesSurviveFuzzing() {
    InviteAccept accept = accept(JOINER, NOW);
    byte[] ack = ((UrlInvites.Result.Done) handle(accept.drop(), NOW)).ack();
    Fixtures.fuzz(b -> handle(b, NOW), source, 1_000, accept.drop(), ack);
    Fixtures.fuzz(accept::receive, source, 1_000, ack, accept.drop());
    Fixtures.fuzz(PeerCard::decode, source, 5_000, HOME.encoded());
    Fixtures.fuzz(AckPayload::decode, source, 1_000, new AckPayload.Accepted(HOME).encoded());
  }

  private InviteUrl create(int uses) {
    return invites.create(INVITER, spec(), uses, Duration.ofDays(1), random, NOW);
  }

  private static UrlInvites.Spec spec() {
    return new UrlInvites.Spec(List.of(RELAY), new byte[24], "my-crew", "home");
  }

  private InviteAccept accept(PrivateKey identity, Instant now) {
    return InviteAccept.of(url, identity, PairingWorld.card("laptop"), random, now);
  }

  private UrlInvites.Result handle(byte[] message, Instant now) {
    return invites.handle(message, INVITER, HOME, _ -> false, now);
  }

  private static JsonObject known(String part) {
    return Vectors.json("pairing/pairing_known_answers.json").getAsJsonObject(part);
  }
}
