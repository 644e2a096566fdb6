package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.transport.RawHello;
import io.peerup.testkit.Needs;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// First packets of QUIC from those who never say more, or who repeat what others said.
class QuicHelloIT {

  private static final int INITIAL_BYTES = 1200;

  /// For handshakes from loopback, where they are few.
  private static final int PLACES = 8;

  private static final int ID_BYTES = 8;
  private static final int SILENCE_MILLIS = 700;

  /// Of `QuicLimits`, which this package does not see.
  private static final Duration TOKEN_AGE_MAX = Duration.ofSeconds(10);

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final SeededRandom random = SeededRandom.of("QuicHelloIT");
  private final List<DatagramSocket> sockets = new ArrayList<>();

  @AfterEach
  void stop() {
    sockets.forEach(DatagramSocket::close);
    hosts.close();
  }

  private DatagramSocket socket(String from) throws IOException {
    DatagramSocket socket = new DatagramSocket(new InetSocketAddress(from, 0));
    socket.setSoTimeout(SILENCE_MILLIS);
    sockets.add(socket);
    return socket;
  }

  private static InetSocketAddress addressOf(Host server) {
    return server.listenAddresses().getFirst().socketAddress().orElseThrow();
  }

  private static void send(DatagramSocket from, byte[] packet, InetSocketAddress to)
      throws IOException {
    from.send(new DatagramPacket(packet, packet.length, to));
  }

  private static byte[] receive(DatagramSocket at) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
    at.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  private static void assertSilence(DatagramSocket at) {
    assertThatThrownBy(() -> receive(at)).isInstanceOf(SocketTimeoutException.class);
  }

  /// The first bytes of an Initial, and nothing good behind them.
  private byte[] hello() {
    byte[] hello = random.bytes(INITIAL_BYTES);
    hello[0] = (byte) 0xC3;
    hello[1] = hello[2] = hello[3] = 0;
    hello[4] = 1;
    hello[5] = ID_BYTES;
    hello[14] = ID_BYTES; // source id
    hello[23] = 0; // no token
    hello[24] = 0x44; // length, two bytes
    hello[25] = (byte) 0x96;
    return hello;
  }

  /// What a dialler of ours says first, at this socket.
  private Thread dialing(DatagramSocket at, Host server) {
    Host client = hosts.dialing();
    Multiaddr there = Multiaddr.parse("/ip4/127.0.0.1/udp/" + at.getLocalPort() + "/quic-v1");
    return Thread.startVirtualThread(() -> {
      try {
        client.connect(there, PeerExpectation.exactly(server.id()), SOON);
      } catch (OverlayException e) {
        // nobody answers it
      }
    });
  }

  @Test
  void anAnswerToAHelloIsAtMostThreeTimesAsLong() throws Exception {
    Host server =
        hosts.listening(b ->
            b.limits(HostLimits.DEFAULTS.change().inboundUpgrade(Duration.ofSeconds(2)).build()));
    DatagramSocket sink = socket("127.0.0.1");
    sink.setSoTimeout(5000);
    dialing(sink, server);
    DatagramSocket forger = socket("127.0.0.1");
    int sent = 0;
    for (int i = 0; i < 2; i++) { // the hello takes two packets
      byte[] hello = receive(sink);
      sent += hello.length;
      send(forger, hello, addressOf(server));
    }
    int got = 0;
    forger.setSoTimeout(3000);
    try {
      while (true) {
        got += receive(forger).length; // and what the server repeats
      }
    } catch (SocketTimeoutException e) {
      assertThat(got).isPositive().isLessThanOrEqualTo(3 * sent);
    }
  }

  @Test
  void anotherVersionIsAnsweredShortlyAndAnUnknownConnectionNotAtAll() throws Exception {
    InetSocketAddress server = addressOf(hosts.listening());
    DatagramSocket stranger = socket("127.0.0.1");
    byte[] other = hello();
    other[1] = 0x1A;
    send(stranger, other, server);
    assertThat(receive(stranger)).hasSizeLessThan(100);
    send(stranger, Arrays.copyOf(other, INITIAL_BYTES - 1), server);
    assertSilence(stranger);
    byte[] established = random.bytes(100);
    established[0] = 0x43;
    established[1] = 0;
    send(stranger, established, server); // no stateless reset
    assertSilence(stranger);
  }

  @Test
  void aFloodOfHelloesFromManyAddressesHoldsFewPlacesAndShutsOutNobody() throws Exception {
    Needs.that(canBind("127.44.56.1"), "127.0.0.1 is the only loopback address here");
    Host server =
        hosts.listening(b ->
            b.limits(HostLimits.DEFAULTS.change().inboundUpgrade(Duration.ofMinutes(5)).build()));
    for (int i = 0; i < 1000; i++) {
      try (DatagramSocket forger = socket("127.44." + (56 + i / 250) + "." + (1 + i % 250))) {
        send(forger, RawHello.packet(id(), new byte[0]), addressOf(server));
      }
    }
    for (int i = 0; i < 5; i++) {
      Connection connection = connect(hosts.dialing(), server);
      assertThat(connection.isOpen()).isTrue();
    }
    int few = HostLimits.DEFAULTS.halfOpen() / 2;
    assertThat(((PeerHost) server).halfOpen()).isPositive().isLessThan(few);
  }

  private static boolean canBind(String address) {
    try (DatagramSocket free = new DatagramSocket(new InetSocketAddress(address, 0))) {
      return free.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /// A server with few places, a fourth of them taken: from now on it doubts newcomers.
  private Host doubting() throws IOException {
    Host server =
        hosts.listening(b ->
            b.limits(
                HostLimits.DEFAULTS
                    .change()
                    .halfOpenFromLoopback(PLACES)
                    .inboundUpgrade(Duration.ofMinutes(5))
                    .build()));
    for (int i = 0; i < 2; i++) {
      send(socket("127.0.0.1"), RawHello.packet(id(), new byte[0]), addressOf(server));
    }
    await().atMost(SOON).until(() -> ((PeerHost) server).halfOpen() == 2);
    return server;
  }

  private byte[] id() {
    return random.bytes(20);
  }

  private byte[] retry(DatagramSocket asked, Host server) throws IOException {
    send(asked, RawHello.packet(id(), new byte[0]), addressOf(server));
    return receive(asked);
  }

  private static void assertPlaces(Host server, int taken) {
    await()
        .during(Duration.ofMillis(SILENCE_MILLIS))
        .atMost(SOON)
        .until(() -> ((PeerHost) server).halfOpen() == taken);
  }

  @Test
  void aTokenIsOfNoUseElsewhereAndBuysItsOwnerNoMorePlacesThanHeHad() throws Exception {
    Host server = doubting();
    DatagramSocket owner = socket("127.0.0.1");
    byte[] retry = retry(owner, server);
    DatagramSocket thief = socket("127.0.0.1");
    send(thief, RawHello.answer(retry), addressOf(server));
    assertSilence(thief);
    assertPlaces(server, 2);

    send(owner, RawHello.answer(retry), addressOf(server));
    await().atMost(SOON).until(() -> ((PeerHost) server).halfOpen() == 3);
    for (int i = 0; i < 50; i++) {
      send(owner, RawHello.packet(id(), RawHello.token(retry)), addressOf(server));
    }
    await().atMost(SOON).until(() -> ((PeerHost) server).halfOpen() == PLACES);
    assertPlaces(server, PLACES);
  }

  @Test
  void aTokenThatWasTamperedWithOrIsTooOldIsNone() throws Exception {
    Host server = doubting();
    DatagramSocket owner = socket("127.0.0.1");
    byte[] retry = retry(owner, server);
    byte[] token = RawHello.token(retry);
    long given = System.nanoTime();
    for (int i = 0; i < token.length; i++) {
      byte[] bent = token.clone();
      bent[i] ^= (byte) (1 << (i % 8));
      send(owner, RawHello.packet(id(), bent), addressOf(server));
      if (i > 0) {
        byte[] cut = Arrays.copyOf(token, i);
        send(owner, RawHello.packet(id(), cut), addressOf(server));
      }
    }
    assertSilence(owner);
    assertPlaces(server, 2);
    send(owner, RawHello.answer(retry), addressOf(server));
    await().atMost(SOON).until(() -> ((PeerHost) server).halfOpen() == 3);

    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> System.nanoTime() - given > TOKEN_AGE_MAX.toNanos());
    send(owner, RawHello.packet(id(), token), addressOf(server));
    assertPlaces(server, 3);
  }
}
