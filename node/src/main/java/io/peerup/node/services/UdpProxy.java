package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A local UDP port whose datagrams lead to a peer's service: a flow for each local program that
/// sends, on a stream of its own, so that answers find back to whom they are for. One virtual
/// thread receives, and each flow has some more.
final class UdpProxy implements ServiceProxy {

  private final ServiceClient.Asker asker;
  private final Events events;
  private final Duration idle;
  private final DatagramSocket socket;

  /// By where the program sends from, the one silent longest first. Guarded by itself.
  private final Map<SocketAddress, Carrier> flows = new LinkedHashMap<>(16, 0.75f, true);

  UdpProxy(ServiceClient.Asker asker, int port, Events events, Duration idle) throws IOException {
    this.asker = asker;
    this.events = events;
    this.idle = idle;
    this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofVirtual().name("proxy " + asker.service() + " receive").start(this::receive);
  }

  @Override
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Override
  public Protocol protocol() {
    return Protocol.UDP;
  }

  @Override
  public void close() {
    socket.close();
    List<Carrier> all;
    synchronized (flows) {
      all = List.copyOf(flows.values());
    }
    all.forEach(Carrier::abort);
  }

  /// Flows that are carried now.
  int flows() {
    synchronized (flows) {
      return flows.size();
    }
  }

  private void receive() {
    DatagramPacket packet = new DatagramPacket(new byte[Limits.DATAGRAM_BYTES_MAX], 0);
    while (!socket.isClosed()) {
      try {
        packet.setLength(Limits.DATAGRAM_BYTES_MAX);
        socket.receive(packet);
        byte[] datagram = Arrays.copyOf(packet.getData(), packet.getLength());
        flowOf(packet.getSocketAddress()).send(datagram);
      } catch (IOException e) {
        if (!socket.isClosed()) {
          LockSupport.parkNanos(Limits.ACCEPT_PAUSE.toNanos());
        }
      }
    }
  }

  private Carrier flowOf(SocketAddress program) {
    Carrier carrier;
    Carrier oldest = null;
    synchronized (flows) {
      carrier = flows.get(program);
      if (carrier != null) {
        return carrier;
      }
      if (flows.size() >= Limits.PROXIED_FLOWS_MAX) {
        oldest = flows.remove(flows.keySet().iterator().next());
      }
      carrier = new Carrier(program);
      flows.put(program, carrier);
    }
    if (oldest != null) {
      oldest.abort();
    }
    Thread.ofVirtual().name("proxy " + asker.service() + " " + program).start(carrier);
    return carrier;
  }

  /// One flow: the datagrams of one program and the answers to it.
  private final class Carrier implements Runnable {
    private final SocketAddress program;
    private final Flow waiting = new Flow();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile @Nullable FlowPipe pipe;

    Carrier(SocketAddress program) {
      this.program = program;
    }

    void send(byte[] datagram) {
      FlowPipe opened = pipe;
      if (opened == null) {
        waiting.offer(datagram);
      } else {
        opened.send(datagram);
      }
    }

    @Override
    public void run() {
      try (Stream stream = asker.streams().get()) {
        FlowPipe opened = new FlowPipe(stream, waiting, this::answer);
        pipe = opened;
        asker.askForDatagrams(stream);
        Thread answers =
            Thread.ofVirtual()
                .name(Thread.currentThread().getName() + " (answers)")
                .start(() -> answers(stream, opened));
        opened.writeFrames(idle);
        opened.end();
        answers.join();
      } catch (Failure e) {
        fail(e.message(), e.hint());
      } catch (OverlayException e) {
        fail(asker.peerName() + ": " + e.getMessage(), e.hint());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        abort();
        synchronized (flows) {
          flows.remove(program, this);
        }
        FlowPipe opened = pipe;
        events.finished(
            opened == null ? 0 : opened.bytesOut(), opened == null ? 0 : opened.bytesIn());
      }
    }

    private void answer(byte[] datagram) throws IOException {
      socket.send(new DatagramPacket(datagram, datagram.length, program));
    }

    private void answers(Stream stream, FlowPipe opened) {
      try {
        asker.expectDatagrams(stream);
        opened.agree();
        opened.receive();
      } catch (Failure e) {
        fail(e.message(), e.hint());
      } catch (OverlayException | IOException e) {
        over.set(true); // ended by one side or the other, as flows do
      } finally {
        opened.end();
      }
    }

    /// Told once; until the pause is over the program's datagrams find this flow and are dropped.
    private void fail(String message, String hint) {
      if (!socket.isClosed() && !over.getAndSet(true)) {
        events.failed(message, hint);
        LockSupport.parkNanos(Limits.FLOW_PAUSE.toNanos());
      }
    }

    void abort() {
      waiting.end();
    }
  }
}
