package io.peerup.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Somebody on the way: takes TCP connections on loopback, passes them on to another port there,
/// and replaces some words by others of the same length in what the dialler sends.
public final class EditingProxy implements AutoCloseable {

  private static final int CHUNK_BYTES = 64 * 1024;

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Set<String> words = ConcurrentHashMap.newKeySet();
  private final AtomicInteger edits = new AtomicInteger();

  /// Passes on to this port, and edits nothing yet.
  public EditingProxy(int target) throws IOException {
    this.target = target;
    this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("proxy").start(this::accept);
  }

  /// Where to dial.
  public int port() {
    return server.getLocalPort();
  }

  /// From now on no listener hears this multistream token: it becomes one that nobody knows.
  public EditingProxy hiding(String protocol) {
    words.add(protocol + "\n");
    return this;
  }

  /// From now on nothing more is edited.
  public void hideNothing() {
    words.clear();
  }

  /// How often a word was replaced.
  public int edits() {
    return edits.get();
  }

  /// Ends the connections that pass now.
  public void cut() {
    sockets.forEach(EditingProxy::close);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(near);
        sockets.add(far);
        Thread.ofVirtual().name("proxy out").start(() -> pass(near, far, true));
        Thread.ofVirtual().name("proxy back").start(() -> pass(far, near, false));
      } catch (IOException e) {
        // Closed, or the target is not there: the dialler sees as much.
      }
    }
  }

  private void pass(Socket from, Socket to, boolean edited) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        String text = new String(chunk, 0, count, StandardCharsets.ISO_8859_1);
        out.write((edited ? edit(text) : text).getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // One side is gone; so is the other now.
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private String edit(String text) {
    String edited = text;
    for (String word : words) {
      if (edited.contains(word)) {
        edits.incrementAndGet();
        edited = edited.replace(word, "x".repeat(word.length() - 1) + "\n");
      }
    }
    return edited;
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
    cut();
  }
}
