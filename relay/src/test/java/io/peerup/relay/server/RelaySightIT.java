package io.peerup.relay.server;

import static io.peerup.relay.server.TestMember.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.host.HostBuilder;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.GroupSecrets;
import io.peerup.relay.circuit.CircuitClient;
import io.peerup.relay.circuit.CircuitRelay;
import io.peerup.relay.circuit.RelayPolicy;
import io.peerup.relay.circuit.TestPeers;
import io.peerup.relay.group.AuditLog;
import io.peerup.relay.group.GroupStore;
import io.peerup.relay.group.Joiner;
import io.peerup.relay.group.Membership;
import io.peerup.relay.group.PairingService;
import io.peerup.relay.group.PeerNotifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every byte that crosses the relay while a group pairs and talks, looked through for what the
/// relay must not learn.
class RelaySightIT {

  private static final String TALK = "/test/talk/1";
  private static final int WINDOW = 6;

  /// Everybody who was admitted is a member.
  private static final class Admitted implements Membership {
    private final Set<PeerId> peers = ConcurrentHashMap.newKeySet();

    @Override
    public void spoke(Connection connection) {}

    @Override
    public void admit(PeerId peer, String group, Optional<Instant> expires) {
      peers.add(peer);
    }

    @Override
    public void leftProbation(Connection connection) {}

    @Override
    public boolean isMember(PeerId peer) {
      return peers.contains(peer);
    }
  }

  @TempDir Path directory;

  private final InstantSource clock = InstantSource.system();
  private final RelaySight sight = new RelaySight();

  @Test
  void aWholePairingAndATalkShowTheRelayNoNameNoGroupKeyAndNoWord() {
    try (Host relay =
            HostBuilder.create()
                .identity(TestPeers.key(1))
                .listen(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")))
                .build();
        TestMember one = new TestMember(2);
        TestMember two = new TestMember(3)) {
      GroupCode.NewGroup made =
          Joiner.group(
              2,
              relay.id(),
              relay.listenAddresses().getFirst().socketAddress().orElseThrow().getPort(),
              5);
      serve(relay, made);
      assertThat(one.join(made.codes().get(0), "secretname-one")).isTrue();
      assertThat(two.join(made.codes().get(1), "secretname-two")).isTrue();
      await().atMost(SOON).until(() -> one.knows().equals(List.of(two.id())));
      talk(relay, one, two);
      assertThat(one.names().get(two.id())).isEqualTo("secretname-two");
      made.codes().forEach(this::look);
    }
  }

  private void serve(Host relay, GroupCode.NewGroup made) {
    Host seenThrough = sight.through(relay);
    GroupStore groups = GroupStore.open(directory.resolve("groups.json"), clock);
    groups.create(made.spec(), Duration.ofHours(1), Optional.empty(), "");
    Membership members = new Admitted();
    PeerNotifier notifier = new PeerNotifier(seenThrough, groups, members);
    AuditLog audit = new AuditLog(directory.resolve("audit.log"), clock);
    // Both end with the host.
    new PairingService(seenThrough, groups, members, notifier, audit, clock);
    new CircuitRelay(seenThrough, TestPeers.key(1), RelayPolicy.members(), clock);
  }

  private void talk(Host relay, TestMember one, TestMember two) {
    for (TestMember each : List.of(one, two)) {
      CircuitClient client =
          CircuitClient.install(each.host(), CircuitClient.Offers.FROM_OUR_RELAYS, clock);
      client.reserve(each.host().connections(relay.id()).getFirst(), SOON);
    }
    two.host().handle(TALK, stream -> stream.writeFrame(stream.readFrame(100)));
    Multiaddr through =
        relay
            .listenAddresses()
            .getFirst()
            .withPeer(relay.id())
            .plus(Multiaddr.parse("/p2p-circuit"))
            .withPeer(two.id());
    Connection connection = one.host().connect(through, PeerExpectation.exactly(two.id()), SOON);
    try (Stream stream = connection.openStream(List.of(TALK), SOON)) {
      stream.deadline(SOON);
      stream.writeFrame(ascii("a private word"));
      assertThat(stream.readFrame(100)).isEqualTo(ascii("a private word"));
    }
    connection.close();
  }

  private void look(GroupCode code) {
    GroupSecrets secrets = code.secrets();
    assertThat(sight.saw(secrets.token())).as("what the relay must get, it got").isTrue();
    assertThat(sight.saw(ascii("/noise"))).as("the circuit was looked into").isTrue();
    byte[] key = secrets.groupKey().key();
    for (int at = 0; at + WINDOW <= key.length; at++) {
      assertThat(sight.saw(Arrays.copyOfRange(key, at, at + WINDOW))).as("group key").isFalse();
    }
    byte[] text = ascii(code.text());
    for (int at = 0; at + WINDOW <= text.length; at++) {
      assertThat(sight.saw(Arrays.copyOfRange(text, at, at + WINDOW))).as("code").isFalse();
    }
    for (String word : List.of("secretname", "name-one", "private", "word")) {
      assertThat(sight.saw(ascii(word))).as(word).isFalse();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
