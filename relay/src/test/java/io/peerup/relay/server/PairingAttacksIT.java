package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.Stream;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.Limits;
import io.peerup.pairing.PairMessages;
import io.peerup.pairing.RelayHost;
import io.peerup.relay.group.Joiner;
import io.peerup.testkit.Alone;
import io.peerup.testkit.BadFrames;
import io.peerup.testkit.Needs;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Strangers and members attack the pairing of a real relay.
@Alone
class PairingAttacksIT {

  private static final byte[] REFUSED = PairMessages.encode(new PairMessages.Failed());

  /// What somebody who has a code may wait while strangers besiege the relay.
  private static final Duration JOIN_UNDER_SIEGE = Duration.ofSeconds(5);

  @TempDir Path directory;

  private TestRelay relay;
  private final List<TestMember> devices = new ArrayList<>();

  @BeforeEach
  void start() {
    relay = new TestRelay(directory.resolve("relay"));
  }

  @AfterEach
  void stop() {
    devices.forEach(TestMember::close);
    relay.close();
  }

  private TestMember device(int number) {
    TestMember device = new TestMember(number);
    devices.add(device);
    return device;
  }

  private TestMember authorised(int number) {
    TestMember device = device(number);
    relay.authorize(device.id());
    return device;
  }

  private void burn(GroupCode code) {
    TestMember guesser = device(90);
    for (int i = 0; i < Limits.FAILURES_MAX; i++) {
      assertThat(TestMember.ask(guesser.connect(relay), Joiner.wrongToken(code, 90)))
          .isEqualTo(REFUSED);
    }
    guesser.disconnect();
  }

  private List<GroupCode> reissue(GroupCode old, int count) {
    GroupCode.NewGroup fresh =
        old.reissue(
            count,
            new RelayHost.Ip(InetAddress.getLoopbackAddress(), relay.port()),
            Joiner.random(77));
    JsonObject body = new JsonObject();
    JsonArray hashes = new JsonArray();
    fresh.spec().tokenHashesHex().forEach(hashes::add);
    body.add("tokenHashes", hashes);
    body.addProperty("ttlSeconds", 3600);
    relay.call("POST", "/v1/groups/" + old.groupId() + "/codes", body);
    return fresh.codes();
  }

  @Test
  void aGroupBurnedByGuessingGetsFreshCodesAtOnceAlsoAfterARestart() {
    List<GroupCode> codes = relay.pair(3);
    TestMember first = device(1);
    assertThat(first.join(codes.get(0), "home")).isTrue();
    burn(codes.get(1));
    assertThat(device(2).join(codes.get(1), "laptop")).isFalse();

    List<GroupCode> fresh = reissue(codes.get(0), 2);
    relay.restart();
    assertThat(device(3).join(codes.get(2), "phone")).as("a code of before").isFalse();
    TestMember second = device(4);
    assertThat(second.join(fresh.get(0), "laptop")).isTrue();
    assertThat(second.knows()).containsExactly(first.id());
    first.connect(relay);
    await().atMost(SOON).until(() -> first.knows().equals(List.of(second.id())));
  }

  @Test
  void everyAdmissionFailureBurnAndRemovalLeavesOneLineAndNoSecret() throws IOException {
    List<GroupCode> codes = relay.pair(2);
    TestMember member = device(1);
    assertThat(member.join(codes.get(0), "secretname")).isTrue();
    burn(codes.get(1));
    reissue(codes.get(0), 1);
    relay.call("DELETE", "/v1/groups/" + codes.get(0).groupId(), null);
    relay.deauthorize(member.id());
    relay.authorize(device(2).id());

    Path audit = relay.home().log().resolveSibling("audit.log");
    List<String> lines = Files.readAllLines(audit);
    assertThat(lines)
        .map(line -> line.replaceAll("^[^ ]+ ([a-z]+) .*outcome=", "$1 "))
        .containsExactly(
            "group created",
            "pair admitted",
            "pair wrong-token",
            "pair wrong-token",
            "pair wrong-token",
            "burn unused-codes-dead",
            "group reissued",
            "revoke done",
            "deauthorize done",
            "authorize done");
    assertThat(lines.get(1))
        .contains(" peer=" + member.id() + " ", " group=" + codes.get(0).groupId() + " ");
    String text = String.join("\n", lines);
    assertThat(text).doesNotContain("secretname");
    for (GroupCode code : codes) {
      for (byte[] secret : List.of(code.secrets().token(), code.secrets().groupKey().key())) {
        for (int at = 0; at + 6 <= secret.length; at++) {
          assertThat(text).doesNotContain(HexFormat.of().formatHex(secret, at, at + 6));
        }
      }
      for (int at = 0; at + 8 <= code.text().length(); at++) {
        assertThat(text).doesNotContain(code.text().substring(at, at + 8));
      }
    }
  }

  @Test
  void brokenFramesGetNoAnswerAndTheConnectionGoesOn() {
    GroupCode code = relay.pair(1).getFirst();
    Connection connection = authorised(1).connect(relay);
    BadFrames.of(Limits.FRAME_BYTES_MAX)
        .forEach((what, bytes) -> {
          try (Stream stream = connection.openStream(List.of(PairMessages.PAIR_PROTOCOL), SOON)) {
            stream.deadline(SOON);
            stream.write(bytes);
            stream.closeWrite();
            assertThatThrownBy(() -> stream.readExactly(1))
                .as(what)
                .isInstanceOf(OverlayException.class);
          }
        });
    assertThat(TestMember.ask(connection, new byte[Limits.FRAME_BYTES_MAX]))
        .as("nonsense of exactly the limit")
        .isEqualTo(REFUSED);
    assertThat(TestMember.ask(connection, Joiner.request(code, 1))[1]).isEqualTo((byte) 1);
  }

  @Test
  void aRequestReplayedByAnotherPeerGivesItNothingAndSpendsNoCode() {
    GroupCode code = relay.pair(1).getFirst();
    byte[] recorded = Joiner.request(code, 1);
    assertThat(TestMember.ask(device(2).connect(relay), recorded)).isEqualTo(REFUSED);
    assertThat(relay.onlyGroup().get("used").getAsInt()).isZero();
    assertThat(relay.onlyGroup().get("failures").getAsInt()).isZero();
    assertThat(TestMember.ask(device(1).connect(relay), recorded)[1]).isEqualTo((byte) 1);
    assertThat(TestMember.ask(device(3).connect(relay), recorded))
        .as("after its use")
        .isEqualTo(REFUSED);
  }

  /// Opens a pairing stream and sends the beginning of a frame that never comes. Empty if the relay
  /// turns it away at once; it may also do so a little later.
  private static Optional<Stream> stall(Connection connection) {
    try {
      Stream stream = connection.openStream(List.of(PairMessages.PAIR_PROTOCOL), SOON);
      stream.deadline(SOON);
      stream.write(new byte[] {100});
      return Optional.of(stream);
    } catch (OverlayException e) {
      return Optional.empty();
    }
  }

  @Test
  void silentStreamsOfAStrangerHoldOnePlaceAndShutNobodyOut() {
    GroupCode code = relay.pair(1).getFirst();
    Connection hostile = device(2).connect(relay);
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      stall(hostile).ifPresent(streams::add);
    }
    assertThat(device(1).join(code, "home")).isTrue();
    assertThat(streams).as("the first has a place").isNotEmpty();
    await().atMost(SOON).until(() -> streams.stream().filter(Stream::isOpen).count() <= 1);
  }

  @Test
  void membersWhoStallFillTheirOwnPlacesAndStrangersStillPair() {
    GroupCode code = relay.pair(1).getFirst();
    int places = io.peerup.relay.group.Limits.MEMBER_REQUESTS_MAX;
    List<Stream> streams = new ArrayList<>();
    for (int number = 1; number <= places + 4; number++) {
      stall(authorised(number).connect(relay)).ifPresent(streams::add);
    }
    await().atMost(SOON).until(() -> streams.stream().filter(Stream::isOpen).count() == places);
    assertThat(device(80).join(code, "home")).isTrue();
    assertThat(streams.stream().filter(Stream::isOpen)).as("still there").hasSize(places);
  }

  @Test
  void fiftySilentStrangersFromOneAddressDoNotKeepAnotherFromPairing() throws Exception {
    besiegedFrom(listenOutside(), relay.address());
  }

  @Test
  void fiftySilentStrangersOfThisMachineDoNotKeepOneFromOutsideFromPairing() throws Exception {
    besiegedFrom(relay.address(), listenOutside());
  }

  /// Makes the relay listen on an address that does not count as loopback.
  private Multiaddr listenOutside() throws IOException {
    Optional<InetAddress> outside =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
            .findFirst();
    Needs.that(outside.isPresent(), "this machine has no IPv4 address but loopback");
    Multiaddr address =
        Multiaddr.parse("/ip4/" + outside.orElseThrow().getHostAddress() + "/tcp/0");
    return relay.server().host().listen(address);
  }

  private void besiegedFrom(Multiaddr theirs, Multiaddr ours) throws Exception {
    GroupCode code = relay.pair(1).getFirst();
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger arrivals = new AtomicInteger();
    List<Thread> crowd = new ArrayList<>();
    try {
      for (int number = 100; number < 150; number++) {
        TestMember stranger = device(number);
        crowd.add(
            Thread.ofVirtual()
                .start(() -> {
                  do {
                    arrive(stranger, theirs, arrivals);
                  } while (!isOver(end));
                }));
      }
      await().atMost(SOON).until(() -> arrivals.get() > 100);
      TestMember device = device(1);
      long start = System.nanoTime();
      Connection connection =
          device.host().connect(ours.withoutPeer(), PeerExpectation.exactly(relay.id()), SOON);
      byte[] answer = TestMember.ask(connection, Joiner.request(code, 1));
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertThat(answer[1]).as("admitted").isEqualTo((byte) 1);
      assertThat(took).isLessThan(JOIN_UNDER_SIEGE);
      assertThat(relay.info().get("visitors").getAsInt()).isLessThanOrEqualTo(Limits.PROBATION_MAX);
    } finally {
      end.countDown();
      for (Thread thread : crowd) {
        thread.join(SOON);
      }
    }
  }

  private void arrive(TestMember stranger, Multiaddr address, AtomicInteger arrivals) {
    try {
      if (stranger.host().connections().isEmpty()) {
        stranger.host().connect(address.withoutPeer(), PeerExpectation.exactly(relay.id()), SOON);
      }
    } catch (OverlayException e) {
      // Shown out: it comes again.
    }
    arrivals.incrementAndGet();
  }

  private static boolean isOver(CountDownLatch end) {
    try {
      return end.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
