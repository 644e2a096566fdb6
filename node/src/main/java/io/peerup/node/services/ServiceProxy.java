package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.Stream;
import io.peerup.node.services.ServiceMessages.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// A local port whose connections lead to a peer's service. Listens on loopback only. Its accept
/// loop and each connection run on virtual threads of their own.
public final class ServiceProxy implements AutoCloseable {

  /// Told of what happens on a proxy, from several threads.
  public interface Events {
    /// A local connection was carried to its end.
    void finished(long bytesOut, long bytesIn);

    /// A local connection could not be carried.
    void failed(String message, String hint);
  }

  private final Supplier<Stream> streams;
  private final String peerName;
  private final String service;
  private final Events events;
  private final ServerSocket listener;
  private final Semaphore places = new Semaphore(Limits.PROXIED_CONNECTIONS_MAX);
  private final Set<TcpBridge> running = ConcurrentHashMap.newKeySet();

  /// Asks the peer whether it offers the service, then listens.
  ///
  /// @param streams opens a stream of [ServiceMessages#PROTOCOL] to the peer; blocks; its failures
  ///   are told to the user
  /// @param port local TCP port, 0 for any free one
  /// @throws Failure when the peer does not offer the service, or `port-in-use`
  /// @throws OverlayException when the peer goes away or breaks the protocol meanwhile
  public ServiceProxy(
      Supplier<Stream> streams, String peerName, String service, int port, Events events) {
    this.streams = streams;
    this.peerName = peerName;
    this.service = ServiceName.check(service);
    this.events = events;
    try (Stream probe = streams.get()) {
      ServiceClient.request(probe, Kind.CHECK, peerName, service);
    }
    this.listener = bind(port);
    Thread.ofVirtual().name("proxy " + service + " accept").start(this::accept);
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /// Stops listening and ends the connections. Idempotent.
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
            .name("proxy " + service + " " + local.getPort())
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
      Stream stream = streams.get();
      TcpBridge bridge = new TcpBridge(stream, local);
      running.add(bridge);
      try {
        if (listener.isClosed()) {
          bridge.abort(); // whoever closed us may not have seen it
          return;
        }
        ServiceClient.request(stream, Kind.CONNECT, peerName, service);
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
      events.failed(peerName + ": " + e.getMessage(), e.hint());
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

  private static ServerSocket bind(int port) {
    try {
      ServerSocket socket = new ServerSocket();
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
      return socket;
    } catch (IOException e) {
      throw new Failure(
          "port-in-use",
          "cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(),
          "choose another local port, or 0 for any free one",
          e);
    }
  }
}
