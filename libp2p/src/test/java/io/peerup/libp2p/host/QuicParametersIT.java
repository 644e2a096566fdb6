package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.Host;
import io.peerup.libp2p.transport.RawHello;
import io.peerup.testkit.SeededRandom;
import java.io.ByteArrayOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A first message of TLS that is right but for QUIC's transport parameters in it (RFC 9000 section
/// 18), which other libraries failed on (CVE-2026-31812 of quinn).
class QuicParametersIT {

  private static final int EXTENSION = 0x39;

  // Of the first message: type, length, version, random, and then the session's id.
  private static final int SESSION_AT = 1 + 3 + 2 + 32;
  private static final int SESSION_BYTES = 32;

  private static final String SOURCE_ID = "0f08" + HexFormat.of().formatHex(RawHello.id());
  private static final String RIGHT = SOURCE_ID + "0404800fffff" + "080105";

  private final TestHosts hosts = new TestHosts(TestHosts.QUIC);
  private final SeededRandom random = SeededRandom.of("QuicParametersIT");
  private Host server;

  @BeforeEach
  void start() {
    server =
        hosts.listening(b ->
            b.limits(HostLimits.DEFAULTS.change().inboundUpgrade(Duration.ofMinutes(5)).build()));
  }

  @AfterEach
  void stop() {
    hosts.close();
  }

  /// The JDK's first message as QUIC wants it: without a session's id.
  private static byte[] hello(byte[] parameters) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {"TLSv1.3"});
    SSLParameters names = engine.getSSLParameters();
    names.setApplicationProtocols(new String[] {"libp2p"});
    engine.setSSLParameters(names);
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), record);
    byte[] made = Arrays.copyOfRange(record.array(), 5, record.position());
    assertThat(made[SESSION_AT]).isEqualTo((byte) SESSION_BYTES);
    int rest = SESSION_AT + 1 + SESSION_BYTES;
    int ciphers = ByteBuffer.wrap(made).getShort(rest);
    int extensions = rest + 2 + ciphers + 2;
    int before = ByteBuffer.wrap(made).getShort(extensions);
    byte[] body =
        ByteBuffer.allocate(made.length - SESSION_BYTES + 4 + parameters.length)
            .put(made, 0, SESSION_AT)
            .put((byte) 0)
            .put(made, rest, extensions - rest)
            .putShort((short) (before + 4 + parameters.length))
            .put(made, extensions + 2, before)
            .putShort((short) EXTENSION)
            .putShort((short) parameters.length)
            .put(parameters)
            .array();
    ByteBuffer.wrap(body).putInt(0, 1 << 24 | (body.length - 4));
    return body;
  }

  private void send(byte[] parameters) throws Exception {
    InetSocketAddress at = server.listenAddresses().getFirst().socketAddress().orElseThrow();
    byte[] packet = RawHello.packetWith(random.bytes(20), hello(parameters));
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      socket.send(new DatagramPacket(packet, packet.length, at));
    }
  }

  private void assertRefused(String what) {
    assertThat(connect(hosts.dialing(), server).isOpen()).isTrue();
    await(what).atMost(SOON).until(() -> ((PeerHost) server).halfOpen() == 0);
  }

  @Test
  void parametersThatAreNotRightEndTheHandshakeAtOnce() throws Exception {
    Map<String, String> wrong = new LinkedHashMap<>();
    wrong.put("no source id", "080105");
    wrong.put("another source id", "0f080102030405060708");
    wrong.put("cut off", RIGHT + "04");
    wrong.put("longer than all", RIGHT + "0540ff00");
    wrong.put("half a number", RIGHT + "0501c0");
    wrong.put("twice", RIGHT + "080105");
    wrong.put("packets of less than 1200 bytes", RIGHT + "030244af");
    wrong.put("an exponent of 21", RIGHT + "0a0115");
    wrong.put("acknowledgements after 2^14 ms", RIGHT + "0b0480004000");
    wrong.put("one connection id", RIGHT + "0e0101");
    wrong.put("2^60 + 1 streams", RIGHT + "0908d000000000000001");
    wrong.put("what only servers say: the first id", RIGHT + "0004aabbccdd");
    wrong.put("… a reset token", RIGHT + "0210" + "00".repeat(16));
    wrong.put("… the id of a Retry", RIGHT + "1004aabbccdd");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      send(HexFormat.of().parseHex(each.getValue()));
      assertRefused(each.getKey());
    }
    send(HexFormat.of().parseHex(RIGHT));
    await("with all of them right the handshake goes on")
        .during(Duration.ofSeconds(1))
        .atMost(SOON)
        .until(() -> ((PeerHost) server).halfOpen() == 1);
  }

  @Test
  void whateverTheParametersAreTheOthersGoOn() throws Exception {
    byte[] right = HexFormat.of().parseHex(RIGHT);
    for (int i = 0; i < 100; i++) {
      ByteArrayOutputStream parameters = new ByteArrayOutputStream();
      if (random.nextBoolean()) {
        parameters.writeBytes(right);
      }
      parameters.writeBytes(random.bytes(1 + random.nextInt(300)));
      send(parameters.toByteArray());
    }
    assertThat(connect(hosts.dialing(), server).isOpen()).isTrue();
  }
}
