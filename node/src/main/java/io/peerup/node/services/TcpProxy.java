package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/// A local TCP port whose connections lead to a peer's service. Its accept loop and each connection
/// run on virtual threads of their own.
final class TcpProxy implements ServiceProxy {

  /// Connections that the kernel holds until they are accepted.
  private static final int BACKLOG = 128;

  private final ServiceClient.Asker asker;
  private final Events events;
  private final ServerSocket listener;
  private final Semaphore places = new Semaphore(Limits.PROXIED_CONNECTIONS_MAX);
  private final Set<TcpBridge> running = ConcurrentHashMap.newKeySet();

  TcpProxy(ServiceClient.Asker asker, int port, Events events) throws IOException {
    this.asker = asker;
    this.events = events;
    this.listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    Thread.ofVirtual().name("proxy " + asker.service() + " accept").start(this::accept);
  }

  @Override
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  @Override
  public Protocol protocol() {
    return Protocol.TCP;
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      // It is closed as far as anybody can tell.
    }
    running.forEach(TcpBridge::abort);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        places.acquire();
        Socket local = listener.accept();
        Thread.ofVirtual()
            .name("proxy " + asker.service() + " " + local.getPort())
            .start(() -> {
              try {
                carry(local);
              } finally {
                places.release();
              }
            });
      } catch (IOException e) {
        places.release();
        if (!listener.isClosed()) {
          // Most likely out of descriptors: as much a pause as a chance for others to end.
          LockSupport.parkNanos(Limits.ACCEPT_PAUSE.toNanos());
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void carry(Socket local) {
    try {
      local.setTcpNoDelay(true);
      Stream stream = asker.streams().get();
      TcpBridge bridge = new TcpBridge(stream, local);
      running.add(bridge);
      try {
        if (listener.isClosed()) {
          bridge.abort(); // whoever closed us may not have seen it
          return;
        }
        asker.connect(stream);
        bridge.run();
        events.finished(bridge.bytesToStream(), bridge.bytesToSocket());
      } catch (Failure | OverlayException e) {
        bridge.abort();
        throw e;
      } finally {
        running.remove(bridge);
      }
    } catch (Failure e) {
      refuse(local);
      events.failed(e.message(), e.hint());
    } catch (OverlayException e) {
      refuse(local);
      events.failed(asker.peerName() + ": " + e.getMessage(), e.hint());
    } catch (IOException e) {
      refuse(local);
    }
  }

  private static void refuse(Socket local) {
    try (local) {
      local.setSoLinger(true, 0);
    } catch (IOException e) {
      // The local program has gone already.
    }
  }
}
