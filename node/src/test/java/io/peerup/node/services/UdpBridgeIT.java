package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.peerup.libp2p.StreamReset;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class UdpBridgeIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PipeStream[] ends = PipeStream.pair();
  private DatagramSocket target;
  private DatagramSocket ours;
  private InetSocketAddress address;

  @BeforeEach
  void open() throws IOException {
    target = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    target.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
    ours = new DatagramSocket();
    address = (InetSocketAddress) target.getLocalSocketAddress();
  }

  @AfterEach
  void close() {
    ends[0].reset();
    target.close();
    ours.close();
  }

  private Thread bridge(Duration idle) {
    return Thread.ofVirtual().start(() -> new UdpBridge(ends[1], ours, address).run(idle));
  }

  private SocketAddress receive(int expected) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[100], 100);
    target.receive(packet);
    assertThat(packet.getLength()).isEqualTo(expected);
    return packet.getSocketAddress();
  }

  @Test
  void onlyTheTargetMayAnswer() throws Exception {
    Thread bridge = bridge(PATIENCE);
    ends[0].writeFrame(new byte[3]);
    SocketAddress from = receive(3);
    try (DatagramSocket stranger = new DatagramSocket()) {
      stranger.send(new DatagramPacket(new byte[4], 4, from));
    }
    target.send(new DatagramPacket(new byte[5], 5, from));
    assertThat(ends[0].readFrame(100)).hasSize(5);
    ends[0].reset();
    assertThat(bridge.join(PATIENCE)).isTrue();
    assertThat(ours.isClosed()).isTrue();
  }

  @Test
  void aProgramThatStartsLateIsFound() throws Exception {
    target.close();
    Thread bridge = bridge(PATIENCE);
    for (int i = 0; i < 5; i++) {
      ends[0].writeFrame(new byte[1]);
    }
    await().during(Duration.ofMillis(200)).atMost(PATIENCE).until(bridge::isAlive);
    target = new DatagramSocket(address);
    target.setSoTimeout(500);
    await()
        .atMost(PATIENCE)
        .until(() -> {
          ends[0].writeFrame(new byte[2]);
          try {
            SocketAddress _ = receive(2);
            return true;
          } catch (SocketTimeoutException e) {
            return false;
          }
        });
  }

  @Test
  void silenceEndsItAndTrafficInEitherDirectionDoesNot() throws Exception {
    Duration idle = Duration.ofMillis(400);
    Thread bridge = bridge(idle);
    ends[0].writeFrame(new byte[1]);
    SocketAddress from = receive(1);
    for (int i = 0; i < 10; i++) {
      Thread.sleep(100);
      target.send(new DatagramPacket(new byte[1], 1, from));
      assertThat(ends[0].readFrame(100)).hasSize(1);
    }
    assertThat(bridge.isAlive()).isTrue();
    assertThat(bridge.join(PATIENCE)).isTrue();
    assertThatThrownBy(() -> ends[0].readFrame(100)).isInstanceOf(StreamReset.class);
  }

  @Test
  void aFrameThatNoDatagramHoldsEndsIt() throws Exception {
    Thread bridge = bridge(PATIENCE);
    ends[0].writeFrame(new byte[Limits.DATAGRAM_BYTES_MAX + 1]);
    assertThat(bridge.join(PATIENCE)).isTrue();
    assertThat(ends[0].isOpen()).isFalse();
  }

  @Test
  void forAPeerThatReadsNothingNoMoreWaitsThanAFlowHolds() throws Exception {
    Thread bridge = bridge(PATIENCE);
    ends[0].writeFrame(new byte[1]);
    SocketAddress from = receive(1);
    for (int i = 0; i < 10_000; i++) {
      target.send(new DatagramPacket(new byte[1000], 1000, from));
    }
    assertThat(bridge.isAlive()).isTrue();
    int taken = 0;
    while (taken < 17) {
      assertThat(ends[0].readFrame(1000)).hasSize(1000);
      taken++;
    }
    // What waits in the stream, in the flow, and in the kernel's buffer of our socket.
    int most = 17 + Limits.FLOW_BYTES_MAX / 1000 + ours.getReceiveBufferSize() / 1000;
    do {
      assertThat(taken++).isLessThanOrEqualTo(most);
      target.send(new DatagramPacket(new byte[7], 7, from)); // there may be no room for it yet
    } while (ends[0].readFrame(1000).length == 1000);
    ends[0].reset();
    assertThat(bridge.join(PATIENCE)).isTrue();
  }
}
