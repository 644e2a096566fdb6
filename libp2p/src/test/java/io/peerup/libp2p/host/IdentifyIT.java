package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.ConnectionGater;
import io.peerup.libp2p.Direction;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.HostListener;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerInfo;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.SignedEnvelope;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.identify.Identify;
import io.peerup.libp2p.identify.Limits;
import io.peerup.libp2p.wire.ProtoWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class IdentifyIT {

  private final TestHosts hosts = new TestHosts();

  @AfterEach
  void stop() {
    hosts.close();
  }

  @Test
  void bothEndsLearnAboutEachOther() throws Exception {
    Host server = hosts.listening(builder -> builder.agentVersion("server/1"));
    Host client = hosts.listening(builder -> builder.agentVersion("client/2"));
    CompletableFuture<PeerInfo> heard = new CompletableFuture<>();
    server.addListener(
        new HostListener() {
          @Override
          public void identified(Connection connection, PeerInfo info) {
            heard.complete(info);
          }
        });
    Connection connection = connect(client, server);

    PeerInfo ofServer = client.identify(connection, SOON);
    assertThat(ofServer.peer()).isEqualTo(server.id());
    assertThat(ofServer.agentVersion()).isEqualTo("server/1");
    assertThat(ofServer.protocolVersion()).isEqualTo("ipfs/0.1.0");
    assertThat(ofServer.protocols())
        .contains("/ipfs/id/1.0.0", "/ipfs/id/push/1.0.0", "/ipfs/ping/1.0.0");
    assertThat(ofServer.listenAddresses()).isEqualTo(server.listenAddresses());
    assertThat(ofServer.signedRecord()).isTrue();
    assertThat(ofServer.observedAddress()).contains(connection.localAddress());

    PeerInfo ofClient = heard.get(20, TimeUnit.SECONDS);
    assertThat(ofClient.agentVersion()).isEqualTo("client/2");
    assertThat(ofClient.listenAddresses()).isEqualTo(client.listenAddresses());
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
  }

  @Test
  void aHostThatDoesNotIdentifyAsksOnlyOnDemandAndAnswersAllTheSame() {
    Host silent = hosts.listening(builder -> builder.identify(false));
    AtomicInteger asked = new AtomicInteger();
    Host client =
        hosts.make(builder ->
            builder.gater(
                new ConnectionGater() {
                  @Override
                  public boolean allowStream(
                      Direction direction, Connection connection, String protocol) {
                    if (direction == Direction.INBOUND && protocol.equals(Identify.PROTOCOL)) {
                      asked.incrementAndGet();
                    }
                    return true;
                  }
                }));
    Connection connection = connect(client, silent);
    assertThat(client.identify(connection, SOON).peer()).isEqualTo(silent.id());
    Connection far = TestHosts.farEnd(silent, connection);
    for (int i = 0; i < 20; i++) {
      assertThat(silent.ping(far, SOON)).isPositive();
    }
    assertThat(silent.info(client.id())).isEmpty();
    assertThat(silent.identify(far, SOON).peer()).isEqualTo(client.id());
    assertThat(asked).hasValue(1);
  }

  @Test
  void aNewHandlerIsPushed() {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    connect(client, server);
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
    await().atMost(SOON).until(() -> client.info(server.id()).isPresent());
    server.handle("/test/new/1", stream -> {});
    await()
        .atMost(SOON)
        .until(() -> client.info(server.id()).orElseThrow().protocols().contains("/test/new/1"));
    server.unhandle("/test/new/1");
    await()
        .atMost(SOON)
        .until(() -> !client.info(server.id()).orElseThrow().protocols().contains("/test/new/1"));
  }

  @Test
  void advertisedAddressesArePushedWithoutOurOwnId() {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    connect(client, server);
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
    await().atMost(SOON).until(() -> client.info(server.id()).isPresent());
    Multiaddr extra = Multiaddr.parse("/ip4/192.0.2.7/tcp/4001");
    server.advertise(List.of(extra.withPeer(server.id())));
    assertThat(server.advertisedAddresses()).contains(extra);
    await()
        .atMost(SOON)
        .until(() -> client.info(server.id()).orElseThrow().listenAddresses().contains(extra));
  }

  @Test
  void ofManyAddressesAsManyAreToldAsFitARecord() {
    Host server = hosts.listening();
    server.advertise(
        IntStream.rangeClosed(1, 100)
            .mapToObj(port -> Multiaddr.parse("/ip4/192.0.2.7/tcp/" + port))
            .toList());
    Host client = hosts.dialing();
    PeerInfo info = client.identify(connect(client, server), SOON);
    assertThat(info.signedRecord()).isTrue();
    assertThat(info.listenAddresses())
        .isEqualTo(server.advertisedAddresses().subList(0, IdentifyService.RECORD_ADDRESSES_MAX));
  }

  @Test
  void aSoftwareNameThatPeersWouldCutIsRefused() {
    String longest = "a".repeat(HostBuilder.AGENT_MAX);
    HostBuilder builder = HostBuilder.create().agentVersion(longest);
    assertThatThrownBy(() -> builder.agentVersion(longest + "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPartialPushChangesOnlyWhatItNames() {
    Host server = hosts.listening();
    Host client = hosts.listening(builder -> builder.agentVersion("client/2"));
    Connection connection = connect(client, server);
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
    try (Stream push = connection.openStream(List.of(Identify.PUSH), SOON)) {
      push.writeFrame(new ProtoWriter().string(3, "/test/only/1").toByteArray());
      push.closeWrite();
    }
    await()
        .atMost(SOON)
        .until(() ->
            server.info(client.id()).orElseThrow().protocols().equals(List.of("/test/only/1")));
    PeerInfo info = server.info(client.id()).orElseThrow();
    assertThat(info.agentVersion()).isEqualTo("client/2");
    assertThat(info.listenAddresses()).isEqualTo(client.listenAddresses());
  }

  @Test
  void aPushWithAnotherPeersKeyIsIgnored() {
    Host server = hosts.listening();
    Host client = hosts.listening();
    Connection connection = connect(client, server);
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
    PeerInfo before = server.info(client.id()).orElseThrow();
    Stream push = connection.openStream(List.of(Identify.PUSH), SOON);
    push.deadline(SOON);
    push.writeFrame(
        new ProtoWriter()
            .bytes(1, connection.remoteKey().encoded())
            .string(6, "forged")
            .toByteArray());
    push.closeWrite();
    assertThatThrownBy(() -> push.readExactly(1)).isInstanceOf(OverlayException.class);
    assertThat(server.info(client.id())).contains(before);
  }

  private static void push(Connection connection, byte[] record) {
    Stream push = connection.openStream(List.of(Identify.PUSH), SOON);
    push.deadline(SOON);
    push.writeFrame(new ProtoWriter().bytes(8, record).toByteArray());
    push.closeWrite();
    assertThat(push.read(new byte[1], 0, 1)).isEqualTo(-1);
  }

  private static byte[] record(PrivateKey about, PrivateKey signer, long sequence, Multiaddr at) {
    byte[] payload =
        new ProtoWriter()
            .bytes(1, about.peerId().bytes())
            .uint(2, sequence)
            .message(3, new ProtoWriter().bytes(1, at.bytes()))
            .toByteArray();
    return SignedEnvelope.seal(signer, "libp2p-peer-record", new byte[] {3, 1}, payload).encoded();
  }

  @Test
  void replayedForgedAndForeignRecordsReplaceNothing() {
    PrivateKey key = PrivateKey.generate(KeyRandom.secure());
    PrivateKey other = PrivateKey.generate(KeyRandom.secure());
    Host server = hosts.listening();
    Host client = HostBuilder.create().identity(key).listen(List.of(TestHosts.LOOPBACK)).build();
    try (client) {
      Connection connection = connect(client, server);
      await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
      Multiaddr old = Multiaddr.parse("/ip4/192.0.2.1/tcp/1");
      Multiaddr good = Multiaddr.parse("/ip4/192.0.2.2/tcp/2");
      Multiaddr bad = Multiaddr.parse("/ip4/192.0.2.3/tcp/3");
      // Above what the host itself took from its clock.
      long first = Long.MAX_VALUE;
      byte[] replayed = record(key, key, first, old);
      push(connection, replayed);
      assertThat(server.info(client.id()).orElseThrow().listenAddresses()).containsExactly(old);
      push(connection, record(key, key, first + 1, good));
      List<byte[]> refused =
          List.of(
              replayed,
              record(key, other, first + 2, bad), // forged: about us, signed by another
              record(other, other, first + 2, bad), // another's, rightly signed
              record(other, key, first + 2, bad), // about another, signed by us
              record(key, key, 1, bad));
      for (byte[] each : refused) {
        push(connection, each);
        assertThat(server.info(client.id()).orElseThrow().listenAddresses()).containsExactly(good);
        assertThat(server.info(other.peerId())).isEmpty();
      }
    }
  }

  @Test
  void tooManyPushesAreRefused() {
    Host server = hosts.listening();
    Host client = hosts.dialing();
    Connection connection = connect(client, server);
    await().atMost(SOON).until(() -> server.info(client.id()).isPresent());
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 40; i++) {
                Stream push = connection.openStream(List.of(Identify.PUSH), SOON);
                push.deadline(SOON);
                push.writeFrame(new ProtoWriter().string(6, "again " + i).toByteArray());
                push.closeWrite();
                assertThat(push.read(new byte[1], 0, 1)).isEqualTo(-1);
              }
            })
        .isInstanceOf(OverlayException.class);
  }

  /// A peer that asks and asks, takes no answer and ends no stream.
  @Test
  void aStormOfRequestsFillsItsOwnPlacesAndNobodyElseWaits() {
    int places = 100;
    Host server =
        hosts.listening(builder ->
            builder.limits(
                HostLimits.DEFAULTS.change().inboundStreamsPerConnection(places).build()));
    Host greedy = hosts.make(builder -> builder.identify(false));
    Connection storm = connect(greedy, server);
    Connection far = TestHosts.farEnd(server, storm);
    List<Stream> asked = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < 6 * places; i++) {
      try {
        asked.add(storm.openStream(List.of(Identify.PROTOCOL), SOON));
      } catch (OverlayException e) {
        refused++;
      }
      // Beside them our own questions to the peer.
      assertThat(far.streamCount()).isLessThanOrEqualTo(places + 2);
    }
    Host other = hosts.dialing();
    assertThat(other.identify(connect(other, server), SOON).peer()).isEqualTo(server.id());
    int answered = 0;
    for (Stream stream : asked) {
      try {
        stream.deadline(SOON);
        answered += stream.readFrame(Limits.FRAME_BYTES_MAX).length > 0 ? 1 : 0;
      } catch (OverlayException e) {
        refused++;
      }
    }
    assertThat(answered).isEqualTo(places);
    assertThat(refused).isEqualTo(5 * places);
    asked.forEach(Stream::close);
    await().atMost(SOON).until(() -> far.streamCount() == 0);
    assertThat(greedy.identify(storm, SOON).peer()).as("places are free").isEqualTo(server.id());
  }
}
