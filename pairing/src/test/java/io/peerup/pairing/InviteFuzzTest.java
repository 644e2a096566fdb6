package io.peerup.pairing;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.Vectors;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Codes and links as people paste them, and the messages that follow a link.
class InviteFuzzTest {

  private static final String KNOWN = "pairing/pairing_known_answers.json";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeyRandom RANDOM = Fixtures.random(SeededRandom.fixed(4));
  private static final PrivateKey INVITER = Fixtures.identity(1);
  private static final PrivateKey JOINER = Fixtures.identity(2);
  private static final Multiaddr RELAY = Fixtures.RELAY_HOST.multiaddr().withPeer(Fixtures.peer(9));

  private static final PeerCard HOME = PairingWorld.card("home");

  static final UrlInvites INVITES = new UrlInvites();
  private static final InviteUrl URL =
      INVITES.create(
          INVITER,
          new UrlInvites.Spec(List.of(RELAY), new byte[24], "my-crew", "home"),
          1,
          Duration.ofDays(1),
          RANDOM,
          NOW);
  static final InviteAccept ACCEPT =
      InviteAccept.of(URL, JOINER, PairingWorld.card("laptop"), RANDOM, NOW);

  private static final FullCode FULL =
      FullCode.generate(INVITER.peerId(), List.of(RELAY), "", NOW.plusSeconds(600), RANDOM);

  @MethodSource("pasted")
  @FuzzTest
  void code(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    // For a mistyped word the nearest of the list is looked for.
    Decoding.attempt(input, MalformedInput.class, _ -> PairingCode.parse(text))
        .ifPresent(code -> {
          String again =
              switch (code) {
                case PairingCode.Spoken spoken -> spoken.code().text();
                case PairingCode.Typed typed -> typed.code().text();
                case PairingCode.Full full -> full.code().text();
                case PairingCode.Group group -> group.code().text();
                case PairingCode.Link link -> link.link().text();
              };
          same(PairingCode.parse(again).getClass(), code.getClass());
        });
  }

  static Stream<byte[]> pasted() {
    Stream<String> own =
        Stream.of(
            SpokenCode.generate("4711", RANDOM).text(),
            TypedCode.generate(RANDOM).text(),
            TypedCode.generate(RANDOM).text() + "@relay.example:7777",
            "<" + FULL.text() + ">",
            URL.text(),
            new World(1, SeededRandom.fixed(1)).codes.getFirst().text());
    return Stream.concat(own, Vectors.texts(KNOWN, "shown", "input", "code", "url"))
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /// What is behind the check of a full code, which is made right here.
  @MethodSource("fullCodes")
  @FuzzTest
  void fullCode(byte[] input) {
    byte[] whole = new ByteWriter().bytes(input).bytes(FullCode.checkOf(input)).toByteArray();
    String text = FullCode.SCHEME + Pasted.text(whole);
    Decoding.of(input, MalformedInput.class, _ -> FullCode.parse(text))
        .ifPresent(code -> same(code.text(), text));
  }

  static Stream<byte[]> fullCodes() {
    byte[] whole = Pasted.base64(Pasted.fragment(FULL.text()));
    return Stream.concat(
        Stream.of(Arrays.copyOf(whole, whole.length - 4)), Vectors.seeds(KNOWN, "body"));
  }

  /// The bytes of a link: nobody but the inviter can have changed them.
  @MethodSource("links")
  @FuzzTest
  void link(byte[] input) {
    String text = InviteUrl.SCHEME + Pasted.text(input);
    Decoding.of(input, MalformedInput.class, _ -> InviteUrl.parse(text))
        .ifPresent(link -> same(link.text(), text));
  }

  static Stream<byte[]> links() {
    return Stream.concat(
        Stream.of(Pasted.base64(Pasted.fragment(URL.text()))),
        Vectors.texts(KNOWN, "url").map(Pasted::fragment).map(Pasted::base64));
  }

  @MethodSource("hosts")
  @FuzzTest
  void relayHost(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    Decoding.of(input, MalformedInput.class, _ -> RelayHost.parse(text, 7777))
        .ifPresent(host -> same(RelayHost.of(host.multiaddr()), host));
  }

  static Stream<byte[]> hosts() {
    return Stream.of("relay.example:7777", "192.0.2.1", "[2001:db8::1]:1")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /// A message in the inviter's mailbox: only the drop itself commits, and never throws.
  @MethodSource("drops")
  @FuzzTest
  void drop(byte[] input) {
    boolean honest = Arrays.equals(input, ACCEPT.drop());
    UrlInvites invites = honest ? UrlInvites.restore(INVITES.snapshot()) : INVITES;
    invites.handle(input, INVITER, HOME, _ -> false, NOW);
    same(invites.unentered().isEmpty(), !honest);
  }

  static Stream<byte[]> drops() {
    return Stream.concat(Stream.of(ACCEPT.drop()), Vectors.seeds(KNOWN, "drop", "ack"));
  }

  /// A message in the joiner's mailbox that the inviter did not send changes nothing.
  @MethodSource("drops")
  @FuzzTest
  void acknowledgement(byte[] input) {
    check(
        ACCEPT.receive(input) instanceof InviteAccept.Result.Ignored,
        "only the inviter acknowledges");
  }

  @MethodSource("payloads")
  @FuzzTest
  void acknowledgementPayload(byte[] input) {
    Decoding.of(input, MalformedInput.class, AckPayload::decode)
        .ifPresent(
            payload -> same(AckPayload.decode(payload.encoded()).encoded(), payload.encoded()));
  }

  static Stream<byte[]> payloads() {
    return Stream.concat(
        Stream.of(
            new AckPayload.Accepted(PairingWorld.card("home")).encoded(),
            new AckPayload.AlreadyUsed().encoded()),
        Vectors.seeds(KNOWN, "ack_payload"));
  }
}
