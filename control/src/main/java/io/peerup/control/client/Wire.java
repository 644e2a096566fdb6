package io.peerup.control.client;

import io.peerup.control.ControlSocket;
import io.peerup.control.Failure;
import io.peerup.control.FileTrouble;
import io.peerup.control.Home;
import io.peerup.control.Printable;
import io.peerup.control.TrustedUsers;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// Bytes to and from a control socket, with a deadline on every wait. Unix socket channels have no
/// timeouts of their own, so this one never blocks except in a selector. For one thread; [#close]
/// may be called by another and ends a wait.
final class Wire implements Input, AutoCloseable {
  private final SocketChannel channel;
  private final Selector selector;
  private final ByteBuffer input = ByteBuffer.allocate(Limits.READ_BYTES).flip();
  private long deadline;
  private boolean bounded;
  private volatile boolean closed;

  private Wire(SocketChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  /// Connects to whatever runs `home`, once it is certain that it is ours.
  ///
  /// @throws Failure `not-running`, `home-unusable`, `socket-unsafe`, `control-broken` or
  ///   `control-timeout`
  static Wire connect(Home home, Duration timeout) {
    Path socket = home.socket();
    long start = System.nanoTime();
    Wire wire = null;
    try {
      ControlSocket.check(socket);
      while (wire == null) {
        wire = tryConnect(socket, timeout.minusNanos(System.nanoTime() - start));
      }
      if (!TrustedUsers.ownerOf(socket)
          .include(wire.channel.getOption(ExtendedSocketOptions.SO_PEERCRED))) {
        throw new Failure(
            "socket-unsafe",
            "another user answers on " + Printable.of(socket.toString()),
            "use a home of your own with --home DIR or PEERUP_HOME");
      }
      return wire;
    } catch (NoSuchFileException | ConnectException e) {
      throw closing(wire, notRunning(home, e));
    } catch (AccessDeniedException e) {
      throw closing(wire, FileTrouble.failure("home-unusable", "cannot look into", home.root(), e));
    } catch (IOException e) {
      // A server that ends just now removes its socket between the look and the connect.
      boolean gone = String.valueOf(e.getMessage()).contains("No such file");
      throw closing(wire, gone ? notRunning(home, e) : broken(e));
    } catch (RuntimeException e) {
      throw closing(wire, e);
    }
  }

  /// @return null when the server's queue of connections is full: the system then neither connects
  ///   nor waits, and this has paused for a moment instead
  private static @Nullable Wire tryConnect(Path socket, Duration left) throws IOException {
    Wire wire = new Wire(SocketChannel.open(StandardProtocolFamily.UNIX), Selector.open());
    try {
      wire.limit(left);
      wire.channel.configureBlocking(false);
      wire.channel.register(wire.selector, SelectionKey.OP_CONNECT);
      wire.channel.connect(UnixDomainSocketAddress.of(socket));
      while (!wire.channel.finishConnect()) {
        wire.await(SelectionKey.OP_CONNECT);
      }
      return wire;
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("temporarily unavailable")) {
        throw closing(wire, e);
      }
      wire.refuseIfLate();
      wire.selector.select(Limits.CONNECT_PAUSE.toMillis());
      wire.close();
      return null;
    } catch (RuntimeException e) {
      throw closing(wire, e);
    }
  }

  private static <E extends Exception> E closing(@Nullable Wire wire, E why) {
    if (wire != null) {
      wire.close();
    }
    return why;
  }

  private static Failure notRunning(Home home, IOException why) {
    return new Failure(
        "not-running",
        "nothing is running for the home " + Printable.of(home.root().toString()),
        "start it: peerup daemon start",
        why);
  }

  static Failure broken(@Nullable IOException why) {
    if (why instanceof ClosedByInterruptException) {
      return interrupted();
    }
    String reason = why == null ? "" : ": " + Printable.of(String.valueOf(why.getMessage()));
    return new Failure(
        "control-broken",
        "the daemon closed the connection before its reply was complete" + reason,
        "look into its log: peerup daemon logs",
        why);
  }

  /// From now on all waits together may take `time`.
  void limit(Duration time) {
    bounded = true;
    deadline = System.nanoTime() + time.toNanos();
  }

  /// From now on a wait may take for ever.
  void unlimit() {
    bounded = false;
  }

  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  @Override
  public int read() throws IOException {
    return fill() ? input.get() & 0xff : -1;
  }

  @Override
  public byte[] readSome(int max) throws IOException {
    if (!fill()) {
      return new byte[0];
    }
    byte[] some = new byte[Math.min(max, input.remaining())];
    input.get(some);
    return some;
  }

  private boolean fill() throws IOException {
    while (!input.hasRemaining()) {
      input.clear();
      int count = channel.read(input);
      input.flip();
      if (count < 0) {
        return false;
      }
      if (count == 0) {
        await(SelectionKey.OP_READ);
      }
    }
    return true;
  }

  private void await(int operation) throws IOException {
    try {
      SelectionKey key = channel.keyFor(selector);
      if (key == null) {
        throw new ClosedChannelException();
      }
      key.interestOps(operation);
      refuseIfLate();
      // At least 1, because 0 would wait for ever.
      long left = Math.max(1, (deadline - System.nanoTime()) / 1_000_000);
      selector.select(bounded ? left : 0);
      selector.selectedKeys().clear();
    } catch (ClosedSelectorException | CancelledKeyException e) {
      throw new IOException("closed", e);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted();
    }
  }

  private static Failure interrupted() {
    return new Failure("interrupted", "the request was interrupted", "");
  }

  private void refuseIfLate() {
    if (bounded && deadline - System.nanoTime() <= 0) {
      throw new Failure(
          "control-timeout",
          "the daemon did not answer in time",
          "look into its log (peerup daemon logs), or try again");
    }
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    try {
      channel.close();
      selector.close();
    } catch (IOException _) {
      // Both give up their descriptors even when they report a failure.
    }
  }
}
