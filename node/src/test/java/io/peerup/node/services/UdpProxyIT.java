package io.peerup.node.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.peerup.control.Failure;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamReset;
import io.peerup.node.services.ServiceMessages.Kind;
import io.peerup.node.services.ServiceMessages.ServiceReply;
import io.peerup.node.services.ServiceMessages.Status;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class UdpProxyIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration NEVER = Duration.ofHours(1);

  /// The peer's ends of the streams that were opened.
  private final Queue<PipeStream> served = new ConcurrentLinkedQueue<>();

  private final AtomicInteger finished = new AtomicInteger();
  private final Queue<String> failed = new ConcurrentLinkedQueue<>();
  private final List<AutoCloseable> open = new ArrayList<>();

  private final ServiceProxy.Events events =
      new ServiceProxy.Events() {
        @Override
        public void finished(long bytesOut, long bytesIn) {
          finished.incrementAndGet();
        }

        @Override
        public void failed(String message, String hint) {
          failed.add(message);
        }
      };

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  private UdpProxy proxy(Status answer, Duration idle) throws IOException {
    UdpProxy proxy =
        new UdpProxy(new ServiceClient.Asker(() -> serve(answer), "home", "dns"), 0, events, idle);
    open.add(proxy);
    return proxy;
  }

  private Stream serve(Status answer) {
    return serve(answer, PipeStream.pair());
  }

  private Stream serve(Status answer, PipeStream[] ends) {
    served.add(ends[1]);
    Thread.ofVirtual()
        .start(() -> {
          var request = ServiceMessages.decodeRequest(ends[1].readFrame(1024));
          assertThat(request.kind()).isEqualTo(Kind.DATAGRAMS);
          ends[1].writeFrame(ServiceMessages.encode(new ServiceReply(answer, "")));
          try {
            while (answer == Status.OK) {
              ends[1].writeFrame(ends[1].readFrame(Limits.DATAGRAM_BYTES_MAX));
            }
          } catch (StreamReset over) {
            // The flow has ended.
          }
        });
    return ends[0];
  }

  private DatagramSocket program() throws IOException {
    DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
    open.add(socket);
    return socket;
  }

  private static void send(DatagramSocket from, UdpProxy to, byte[] bytes) throws IOException {
    from.send(new DatagramPacket(bytes, bytes.length, to.address()));
  }

  /// What comes beside the stream goes back beside it.
  private Stream serveBeside(int bytesMax) {
    PipeStream[] ends = PipeStream.pairWithDatagrams(bytesMax);
    ends[1].datagrams().ifPresent(beside -> beside.receive(beside::send));
    return serve(Status.OK, ends);
  }

  private static byte[] receive(DatagramSocket at) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    at.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }

  @Test
  void eachProgramGetsItsOwnAnswersAndDatagramsOfEverySizeStayWhole() throws IOException {
    UdpProxy proxy = proxy(Status.OK, NEVER);
    DatagramSocket one = program();
    DatagramSocket two = program();
    for (int size : new int[] {0, 1, 512, 1472, 9000, Limits.DATAGRAM_BYTES_MAX}) {
      byte[] first = new byte[size];
      byte[] second = new byte[size];
      Arrays.fill(first, (byte) 1);
      Arrays.fill(second, (byte) 2);
      send(one, proxy, first);
      send(two, proxy, second);
      assertThat(receive(two)).isEqualTo(second);
      assertThat(receive(one)).isEqualTo(first);
    }
    assertThat(proxy.flows()).isEqualTo(2);
    assertThat(served).hasSize(2);
  }

  @Test
  void onceThePeerHasAgreedWhatFitsGoesBesideTheStream() throws IOException {
    UdpProxy proxy =
        new UdpProxy(
            new ServiceClient.Asker(() -> serveBeside(1000), "home", "dns"), 0, events, NEVER);
    open.add(proxy);
    DatagramSocket program = program();
    send(program, proxy, new byte[] {1});
    assertThat(receive(program)).containsExactly(1);
    int beside = served.element().sentBeside();
    for (int size : new int[] {0, 1, 1000, 1001, Limits.DATAGRAM_BYTES_MAX}) {
      send(program, proxy, new byte[size]);
      assertThat(receive(program)).hasSize(size);
    }
    assertThat(served.element().sentBeside()).as("those of 0, 1 and 1000").isEqualTo(beside + 3);
  }

  @Test
  void aFlowThatIsSilentForTooLongEndsAndTheNextDatagramBeginsAnother() throws IOException {
    UdpProxy proxy = proxy(Status.OK, Duration.ofMillis(200));
    DatagramSocket program = program();
    send(program, proxy, new byte[] {1});
    assertThat(receive(program)).containsExactly(1);
    await().atMost(PATIENCE).until(() -> proxy.flows() == 0);
    assertThat(finished).hasValue(1);
    assertThat(served.element().isOpen()).isFalse();
    send(program, proxy, new byte[] {2});
    assertThat(receive(program)).containsExactly(2);
    assertThat(served).hasSize(2);
  }

  @Test
  void oneProgramMoreThanThereArePlacesTakesThatOfTheOneSilentLongest() throws IOException {
    UdpProxy proxy = proxy(Status.OK, NEVER);
    List<DatagramSocket> programs = new ArrayList<>();
    for (int i = 0; i < Limits.PROXIED_FLOWS_MAX; i++) {
      DatagramSocket program = program();
      programs.add(program);
      send(program, proxy, new byte[] {1});
      assertThat(receive(program)).hasSize(1);
    }
    send(programs.getFirst(), proxy, new byte[] {2});
    assertThat(receive(programs.getFirst())).containsExactly(2);
    DatagramSocket late = program();
    send(late, proxy, new byte[] {3});
    assertThat(receive(late)).containsExactly(3);
    await().atMost(PATIENCE).until(() -> finished.get() == 1);
    assertThat(proxy.flows()).isEqualTo(Limits.PROXIED_FLOWS_MAX);
    List<Boolean> alive = served.stream().map(PipeStream::isOpen).toList();
    assertThat(alive.getFirst()).as("it spoke again").isTrue();
    assertThat(alive.get(1)).as("silent longest").isFalse();
    assertThat(alive).filteredOn(each -> !each).hasSize(1);
  }

  @Test
  void aRefusalIsToldOnceAndNotForEachDatagram() throws IOException {
    UdpProxy proxy = proxy(Status.NOT_OFFERED, NEVER);
    DatagramSocket program = program();
    for (int i = 0; i < 50; i++) {
      send(program, proxy, new byte[] {1});
    }
    await().atMost(PATIENCE).until(() -> proxy.flows() == 0);
    assertThat(served).hasSizeLessThanOrEqualTo(2);
    assertThat(failed).hasSizeBetween(1, 2);
    assertThat(failed.element()).contains("offers no service `dns`");
  }

  @Test
  void closingEndsEveryFlowAndGivesThePortBack() throws IOException {
    UdpProxy proxy = proxy(Status.OK, NEVER);
    DatagramSocket program = program();
    send(program, proxy, new byte[] {1});
    assertThat(receive(program)).hasSize(1);
    InetSocketAddress address = proxy.address();
    proxy.close();
    await().atMost(PATIENCE).until(() -> !served.element().isOpen());
    new DatagramSocket(address).close();
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    DatagramSocket taken = program();
    assertThat(
            org.assertj.core.api.Assertions.catchThrowableOfType(
                    Failure.class,
                    () ->
                        ServiceProxy.open(
                            () -> {
                              PipeStream[] ends = PipeStream.pair();
                              ends[1].writeFrame(
                                  ServiceMessages.encode(new ServiceReply(Status.SPEAKS_UDP, "")));
                              return ends[0];
                            },
                            "home",
                            "dns",
                            taken.getLocalPort(),
                            events))
                .message())
        .contains("127.0.0.1:" + taken.getLocalPort() + " (udp)");
  }
}
