package io.peerup.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerUnreachable;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A name server on loopback that knows a few TXT records.
class SystemNamesIT {

  private static final String LONG = "/ip4/8.8.8.8/tcp/1/http-path/" + "x".repeat(300);

  /// The strings of each record of a name; names that are not here do not exist.
  private static final Map<String, List<List<String>>> ZONE =
      Map.of(
          "_dnsaddr.a.example.com",
          List.of(
              List.of("dnsaddr=" + LONG.substring(0, 200), LONG.substring(200)),
              List.of("dnsaddr=/dnsaddr/b.example.com")),
          "_dnsaddr.b.example.com",
          List.of(List.of("dnsaddr=/ip4/9.9.9.9/tcp/2"), List.of("with \"spaces\" \\ ", "in it")));

  private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  private volatile boolean silent;
  private final SystemNames names = new SystemNames("dns://127.0.0.1:" + socket.getLocalPort());

  SystemNamesIT() throws IOException {
    Thread.ofVirtual().name("name server").start(this::serve);
  }

  @AfterEach
  void stop() {
    socket.close();
  }

  private void serve() {
    try {
      while (true) {
        DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
        socket.receive(packet);
        if (!silent) {
          byte[] answer = answer(packet.getData());
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private static byte[] answer(byte[] query) throws IOException {
    StringBuilder name = new StringBuilder();
    int at = 12;
    for (; query[at] != 0; at += query[at] + 1) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
    }
    List<List<String>> records = ZONE.getOrDefault(name.toString(), List.of());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(query, 0, 2);
    out.writeShort(records.isEmpty() ? 0x8183 : 0x8180);
    out.writeShort(1);
    out.writeShort(records.size());
    out.writeInt(0);
    out.write(query, 12, at + 5 - 12);
    for (List<String> strings : records) {
      out.writeShort(0xc00c);
      out.writeShort(16);
      out.writeShort(1);
      out.writeInt(60);
      out.writeShort(strings.stream().mapToInt(String::length).sum() + strings.size());
      for (String string : strings) {
        out.writeByte(string.length());
        out.writeBytes(string);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void theStringsOfATextRecordAreJoined() {
    assertThat(names.texts("_dnsaddr.a.example.com"))
        .containsExactlyInAnyOrder("dnsaddr=" + LONG, "dnsaddr=/dnsaddr/b.example.com");
    assertThat(names.texts("_dnsaddr.b.example.com"))
        .containsExactlyInAnyOrder("dnsaddr=/ip4/9.9.9.9/tcp/2", "with \"spaces\" \\ in it");
  }

  @Test
  void aNameThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> names.texts("_dnsaddr.none.example.com"))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining("_dnsaddr.none.example.com does not resolve");
  }

  @Test
  void aServerThatSaysNothingIsNotWaitedForWithoutEnd() {
    silent = true;
    assertThatThrownBy(() -> names.texts("_dnsaddr.a.example.com"))
        .isInstanceOf(PeerUnreachable.class)
        .hasMessageContaining("does not resolve");
  }

  @Test
  void aDnsaddrIsFollowedToItsAddresses() {
    NameExpansion found =
        new Names(names, System::nanoTime)
            .expand(List.of(Multiaddr.parse("/dnsaddr/a.example.com")), Duration.ofSeconds(20));
    assertThat(found.results().keySet())
        .containsExactlyInAnyOrder(Multiaddr.parse(LONG), Multiaddr.parse("/ip4/9.9.9.9/tcp/2"));
    assertThat(found.failures()).isEmpty();
  }
}
