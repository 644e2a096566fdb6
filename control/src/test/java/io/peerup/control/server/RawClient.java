package io.peerup.control.server;

import io.peerup.control.Home;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/// A client that says exactly what a test wants, right or wrong.
final class RawClient implements AutoCloseable {
  private final SocketChannel channel;

  private RawClient(SocketChannel channel) {
    this.channel = channel;
  }

  static RawClient connect(Home home) throws IOException {
    return new RawClient(SocketChannel.open(UnixDomainSocketAddress.of(home.socket())));
  }

  /// One request and all that comes back until the server closes.
  static String ask(Home home, String request) throws IOException {
    try (RawClient client = connect(home)) {
      client.send(request);
      return client.readAll();
    }
  }

  /// The header line that shows the cookie of `home`.
  static String cookie(Home home) throws IOException {
    return "Authorization: Bearer " + Files.readString(home.cookie()).strip() + "\r\n";
  }

  RawClient send(String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    return this;
  }

  /// Until the server closes.
  String readAll() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String some = readSome(); !some.isEmpty(); some = readSome()) {
      all.writeBytes(some.getBytes(StandardCharsets.ISO_8859_1));
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /// What comes next; empty when the server has closed.
  String readSome() throws IOException {
    ByteBuffer some = ByteBuffer.allocate(64 << 10);
    int count;
    try {
      count = channel.read(some);
    } catch (IOException e) {
      // A server that closes with something unread resets the connection.
      if (String.valueOf(e.getMessage()).contains("reset")) {
        return "";
      }
      throw e;
    }
    return count <= 0
        ? ""
        : new String(some.array(), 0, some.position(), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
