package io.peerup.libp2p.host;

import static io.peerup.libp2p.host.TestHosts.SOON;
import static io.peerup.libp2p.host.TestHosts.connect;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.Connection;
import io.peerup.libp2p.Host;
import io.peerup.libp2p.Stream;
import io.peerup.libp2p.StreamHandler;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostIT {

  private static final String ECHO = "/test/echo/1";
  private static final StreamHandler ECHOES =
      stream -> {
        stream.inputStream().transferTo(stream.outputStream());
        stream.closeWrite();
      };

  private final TestHosts hosts = new TestHosts();

  @AfterEach
  void closeHosts() {
    hosts.close();
  }

  @Test
  void echoesOverTcpNoiseAndYamux() {
    Host server = hosts.listening();
    server.handle(ECHO, ECHOES);
    Host client = hosts.dialing();

    Connection connection = connect(client, server);
    try (Stream stream = connection.openStream(List.of(ECHO), SOON)) {
      stream.deadline(SOON);
      byte[] sent = "hello".getBytes(StandardCharsets.UTF_8);
      stream.write(sent);
      stream.closeWrite();
      assertThat(stream.readExactly(sent.length)).isEqualTo(sent);
      assertThat(stream.read(new byte[1], 0, 1)).isEqualTo(-1);
    }

    assertThat(connection.remotePeer()).isEqualTo(server.id());
    assertThat(connection.security()).isEqualTo("/noise");
    assertThat(connection.muxer()).isEqualTo("/yamux/1.0.0");
    assertThat(connection.channelBinding()).hasSize(32);
  }
}
