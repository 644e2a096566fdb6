package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.OverlayException;
import io.peerup.pairing.mailbox.CapabilityHash;
import io.peerup.pairing.mailbox.Limits;
import io.peerup.pairing.mailbox.Mail;
import io.peerup.pairing.mailbox.MailboxMessages;
import io.peerup.pairing.mailbox.MailboxMessages.Deposit;
import io.peerup.pairing.mailbox.MailboxMessages.Grant;
import io.peerup.pairing.mailbox.MailboxMessages.Revoke;
import io.peerup.relay.group.UniformProtocol;
import io.peerup.relay.mailbox.MailboxClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages for members that are offline, at a real relay.
class MailboxIT {

  private static final Duration DAY = Duration.ofDays(1);
  private static final byte[] CAPABILITY = filled(0xc1);
  private static final byte[] REPLY = filled(0xc2);

  @TempDir Path directory;

  private final MovedClock clock = new MovedClock();
  private final List<TestMember> open = new ArrayList<>();
  private final AtomicInteger notices = new AtomicInteger();
  private TestRelay relay;
  private TestMember home;

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"), clock);
    home = device(1);
    relay.authorize(home.id());
    home.host()
        .handle(
            MailboxMessages.NOTICE_PROTOCOL,
            stream -> {
              if (Arrays.equals(stream.readFrame(16), MailboxMessages.notice())) {
                notices.incrementAndGet();
              }
            });
  }

  @AfterEach
  void stop() {
    open.forEach(TestMember::close);
    relay.close();
  }

  private TestMember device(int number) {
    TestMember device = new TestMember(number);
    open.add(device);
    return device;
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[Limits.CAPABILITY_BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private Connection connect(TestMember device) {
    List<Connection> known = device.host().connections(relay.id());
    return known.isEmpty() ? device.connect(relay) : known.getFirst();
  }

  private MailboxClient client(TestMember device) {
    return new MailboxClient(connect(device), SOON);
  }

  private void grant(int uses) {
    assertThat(client(home).grant(CapabilityHash.of(CAPABILITY), uses, DAY)).isPresent();
  }

  private boolean leave(TestMember by, String text) {
    return client(by)
        .deposit(CAPABILITY, text.getBytes(UTF_8), Optional.of(CapabilityHash.of(REPLY)));
  }

  private List<Mail> fetch(TestMember device) {
    return client(device).fetch(0).orElseThrow();
  }

  private static List<String> texts(List<Mail> mails) {
    return mails.stream().map(mail -> new String(mail.message(), UTF_8)).toList();
  }

  private static List<Long> ids(List<Mail> mails) {
    return mails.stream().map(Mail::id).toList();
  }

  private boolean isTurnedAway(TestMember device) {
    try {
      Connection connection = device.connect(relay);
      await().atMost(Duration.ofSeconds(1)).until(() -> !connection.isOpen());
      return true;
    } catch (OverlayException e) {
      return true;
    }
  }

  @Test
  void aStrangerLeavesAMessageForAMemberThatIsOfflineAndGetsItsAnswer() {
    grant(1);
    home.disconnect();
    TestMember stranger = device(2);
    assertThat(leave(stranger, "drop")).isTrue();
    assertThat(fetch(stranger)).isEmpty();
    assertThat(notices).hasValue(0);

    connect(home);
    await().atMost(SOON).until(() -> notices.get() == 1);
    List<Mail> mails = fetch(home);
    assertThat(texts(mails)).containsExactly("drop");
    assertThat(client(home).deposit(REPLY, "ack".getBytes(UTF_8), Optional.empty())).isTrue();
    assertThat(client(home).delete(ids(mails))).isTrue();
    assertThat(fetch(home)).isEmpty();

    List<Mail> answer = fetch(stranger);
    assertThat(texts(answer)).containsExactly("ack");
    assertThat(client(stranger).delete(ids(answer))).isTrue();
    assertThat(fetch(stranger)).isEmpty();
  }

  @Test
  void aMemberThatIsConnectedIsToldAtOnceAndOnceForTheSameMessage() {
    grant(2);
    TestMember stranger = device(2);
    leave(stranger, "drop");
    await().atMost(SOON).until(() -> notices.get() == 1);
    assertThat(leave(stranger, "drop")).as("the same again").isTrue();
    assertThat(leave(stranger, "other")).as("a reply that exists").isFalse();
    await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> notices.get() == 1);
    assertThat(texts(fetch(home))).containsExactly("drop");
  }

  @Test
  void messagesCapabilitiesAndUsesOutliveARestart() {
    grant(2);
    TestMember stranger = device(2);
    leave(stranger, "drop");
    relay.restart();
    home.disconnect();
    stranger.disconnect();
    assertThat(leave(stranger, "drop")).as("the same again").isTrue();
    assertThat(client(stranger).deposit(CAPABILITY, new byte[] {1}, Optional.empty())).isTrue();
    assertThat(client(stranger).deposit(CAPABILITY, new byte[] {2}, Optional.empty())).isFalse();
    assertThat(fetch(home)).hasSize(2);
    await().atMost(SOON).until(() -> notices.get() >= 2);
  }

  @Test
  void whoeverHasTheCapabilityCannotReadListOrDelete() {
    grant(2);
    TestMember stranger = device(2);
    leave(stranger, "drop");
    List<Mail> mails = fetch(home);
    assertThat(fetch(stranger)).isEmpty();
    assertThat(client(stranger).delete(ids(mails))).as("nothing to say").isTrue();
    assertThat(client(stranger).revoke(CapabilityHash.of(CAPABILITY))).isFalse();
    assertThat(client(stranger).deposit(REPLY, new byte[] {1}, Optional.empty())).isFalse();
    assertThat(ids(fetch(home))).isEqualTo(ids(mails));
  }

  @Test
  void strangersAreLetInWhileACapabilityLives() {
    TestMember stranger = device(2);
    assertThat(isTurnedAway(stranger)).isTrue();
    grant(1);
    assertThat(leave(stranger, "drop")).isTrue();
    stranger.disconnect();
    assertThat(client(home).revoke(CapabilityHash.of(CAPABILITY))).isTrue();
    assertThat(fetch(stranger)).as("it may still come for its answer").isEmpty();
    stranger.disconnect();
    clock.advance(DAY.plus(Limits.AFTERLIFE));
    assertThat(isTurnedAway(stranger)).isTrue();
    assertThat(fetch(home)).isEmpty();
  }

  @Test
  void strangersAskTwentyTimesAMinuteFromOneAddressAndMembersAsOftenAsTheyLike() {
    grant(1);
    TestMember stranger = device(2);
    for (int i = 0; i < Limits.REQUESTS_PER_SOURCE_MAX; i++) {
      assertThat(client(stranger).fetch(0)).isPresent();
    }
    assertThat(client(stranger).fetch(0)).isEmpty();
    assertThat(leave(stranger, "drop")).isFalse();
    assertThat(client(home).fetch(0)).isPresent();
    clock.advance(Limits.REQUESTS_WINDOW);
    await().atMost(SOON).until(() -> stranger.host().connections(relay.id()).isEmpty());
    assertThat(leave(stranger, "drop")).isTrue();
  }

  @Test
  void theMailboxGoesWithItsOwner() throws IOException {
    grant(2);
    TestMember stranger = device(2);
    leave(stranger, "drop");
    relay.deauthorize(home.id());
    await().atMost(SOON).until(() -> !state().contains(home.id().toString()));
    relay.authorize(home.id());
    home.disconnect();
    assertThat(fetch(home)).isEmpty();
    relay.restart();
    home.disconnect();
    assertThat(fetch(home)).isEmpty();
  }

  @Test
  void aLineDeletedWhileTheRelayIsDownTakesTheMailboxAlong() throws IOException {
    grant(2);
    leave(device(2), "drop");
    relay.server().close();
    Files.writeString(relay.home().authorizedKeys(), "");
    relay.restart();
    assertThat(state()).doesNotContain(home.id().toString());
  }

  private String state() throws IOException {
    return Files.readString(relay.home().state("mailbox.json"));
  }

  @Test
  void everyRefusalHasTheSameBytes() {
    TestMember other = device(3);
    relay.authorize(other.id());
    grant(1);
    TestMember stranger = device(2);
    leave(stranger, "drop");
    CapabilityHash hash = CapabilityHash.of(CAPABILITY);
    Deposit usedUp = new Deposit(CAPABILITY, new byte[] {1}, Optional.empty());
    List<byte[]> answers = new ArrayList<>();
    for (MailboxMessages.Request request :
        List.of(
            new Grant(CapabilityHash.of(filled(9)), 1, DAY),
            new Revoke(hash),
            usedUp,
            new Deposit(filled(9), new byte[] {1}, Optional.empty()),
            new Deposit(REPLY, new byte[] {1}, Optional.empty()))) {
      answers.add(ask(stranger, MailboxMessages.encode(request)));
    }
    for (MailboxMessages.Request request :
        List.of(
            new Grant(hash, 1, DAY),
            new Grant(CapabilityHash.of(filled(9)), 1, Limits.TTL_MAX.plusSeconds(1)),
            new Revoke(hash),
            usedUp)) {
      answers.add(ask(other, MailboxMessages.encode(request)));
    }
    answers.add(ask(home, MailboxMessages.encode(usedUp)));
    answers.add(ask(stranger, new byte[0]));
    answers.add(ask(other, new byte[] {1, 9}));
    assertThat(answers).allSatisfy(a -> assertThat(a).isEqualTo(MailboxMessages.failed()));
  }

  private byte[] ask(TestMember device, byte[] request) {
    return UniformProtocol.ask(
        connect(device), MailboxMessages.PROTOCOL, request, Limits.ANSWER_BYTES_MAX, SOON);
  }

  @Test
  void whatCannotBeWrittenIsRefusedLikeEverythingElseAndTakenOnceItCan() throws IOException {
    grant(1);
    Path file = relay.home().state("mailbox.json");
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    Files.createDirectories(file.resolve("in the way"));
    TestMember stranger = device(2);
    Deposit refused = new Deposit(CAPABILITY, new byte[] {2}, Optional.empty());
    Deposit drop = new Deposit(CAPABILITY, new byte[] {1}, Optional.empty());
    assertThat(ask(stranger, MailboxMessages.encode(refused))).isEqualTo(MailboxMessages.failed());
    Files.delete(file.resolve("in the way"));
    Files.delete(file);
    Files.move(aside, file);
    assertThat(ask(stranger, MailboxMessages.encode(drop))).isEqualTo(MailboxMessages.done());
    relay.restart();
    home.disconnect();
    assertThat(fetch(home)).as("what was refused is not delivered later").hasSize(1);
    assertThat(fetch(home).getFirst().message()).isEqualTo(new byte[] {1});
  }

  @Test
  void theRelaysOwnerSeesHowMuchIsKeptForWhom() {
    grant(2);
    leave(device(2), "drop");
    JsonObject info = relay.call("GET", "/v1/relay", null);
    // The stranger's is for the answer.
    assertThat(info.get("mailboxes").getAsInt()).isEqualTo(2);
    assertThat(info.get("messages").getAsInt()).isEqualTo(1);
    JsonObject kept =
        relay.call("GET", "/v1/members", null).getAsJsonArray("members").get(0).getAsJsonObject();
    assertThat(kept.get("peerId").getAsString()).isEqualTo(home.id().toString());
    assertThat(kept.get("capabilities").getAsInt()).isEqualTo(1);
    assertThat(kept.get("messages").getAsInt()).isEqualTo(1);
    assertThat(kept.get("messageBytes").getAsInt()).isEqualTo("drop".length());
    assertThat(kept.toString() + info).doesNotContain(HexFormat.of().formatHex(CAPABILITY));
  }

  @Test
  void noFileOfTheRelayHoldsACapability() throws IOException {
    grant(1);
    leave(device(2), "drop");
    client(home).deposit(REPLY, "ack".getBytes(UTF_8), Optional.empty());
    String all = "";
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all += new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      }
    }
    for (byte[] capability : List.of(CAPABILITY, REPLY)) {
      assertThat(all)
          .contains(CapabilityHash.of(capability).hex())
          .doesNotContainIgnoringCase(HexFormat.of().formatHex(capability))
          .doesNotContain(new String(capability, StandardCharsets.ISO_8859_1))
          .doesNotContain(
              java.util.Base64.getEncoder().encodeToString(capability).substring(0, 40));
    }
  }
}
