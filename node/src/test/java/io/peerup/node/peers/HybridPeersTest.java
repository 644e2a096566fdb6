package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.Refused;
import io.peerup.node.Ids;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HybridPeersTest {

  private static final String HYBRID = "/noise-mlkem768-hfs/0.2.0";
  private static final Multiaddr TCP = Multiaddr.parse("/ip4/203.0.113.9/tcp/4001");
  private static final Multiaddr QUIC = Multiaddr.parse("/ip4/203.0.113.9/udp/4001/quic-v1");
  private static final PeerId ONE = Ids.peer(1);
  private static final PeerId TWO = Ids.peer(2);

  @TempDir Path directory;

  private HybridPeers peers() {
    return peers("laptop");
  }

  private HybridPeers peers(String called) {
    return new HybridPeers(directory.resolve("hybrid_peers.json"), _ -> called);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/noise", "/tls/1.0.0", "/plaintext/2.0.0"})
  void whoHasSpokenHybridIsNotSpokenToOverLess(String security) {
    HybridPeers peers = peers();
    assertThatCode(() -> peers.check(ONE, TCP, security)).doesNotThrowAnyException();
    peers.add(ONE, _ -> true);
    assertThatThrownBy(() -> peers.check(ONE, TCP, security))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("laptop has spoken post-quantum security")
        .hasMessageContaining(security)
        .hasMessageEndingWith("peerup peer forget-security laptop");
    assertThatCode(() -> peers.check(ONE, TCP, HYBRID)).doesNotThrowAnyException();
    assertThatCode(() -> peers.check(TWO, TCP, security)).doesNotThrowAnyException();
  }

  @Test
  void aNameThatNeedsQuotesIsNotPartOfTheCommand() {
    HybridPeers peers = peers("my laptop");
    peers.add(ONE, _ -> true);
    assertThatThrownBy(() -> peers.check(ONE, TCP, "/noise"))
        .hasMessageStartingWith("my laptop has")
        .hasMessageEndingWith("forget-security " + ONE);
  }

  /// Also over QUIC at the relay: inside, security is agreed on as over TCP.
  @Test
  void quicHasASecurityOfItsOwnAndACircuitHasNot() {
    HybridPeers peers = peers();
    peers.add(ONE, _ -> true);
    assertThatCode(() -> peers.check(ONE, QUIC, "/tls/1.0.0")).doesNotThrowAnyException();
    Multiaddr circuit = QUIC.withPeer(TWO).plus(Multiaddr.parse("/p2p-circuit"));
    assertThatThrownBy(() -> peers.check(ONE, circuit, "/noise")).isInstanceOf(Refused.class);
  }

  @Test
  void anotherRunRemembersAndForgettingIsRememberedToo() {
    peers().add(ONE, _ -> true);
    peers().add(TWO, _ -> true);
    assertThat(peers().contains(ONE)).isTrue();
    assertThat(peers().forget(ONE)).isTrue();
    assertThat(peers().contains(ONE)).isFalse();
    assertThat(peers().contains(TWO)).isTrue();
    assertThat(peers().forget(ONE)).isFalse();
  }

  @Test
  void withoutRoomThoseWhoWentMakeItAndOthersAreNotForgotten() {
    fill(Limits.HYBRID_PEERS_MAX - 1);
    HybridPeers peers = peers();
    PeerId last = many(0);
    peers.add(last, _ -> false);
    assertThat(peers.contains(last)).as("the last place").isTrue();
    PeerId more = many(1);
    peers.add(more, _ -> true);
    assertThat(peers.contains(more)).as("everybody lasts").isFalse();
    assertThat(peers.contains(last)).isTrue();
    peers.add(more, peer -> !peer.equals(last));
    assertThat(peers.contains(more)).as("one went").isTrue();
    assertThat(peers.contains(last)).isFalse();
    assertThat(peers().contains(more)).isTrue();
  }

  private static PeerId many(int number) {
    byte[] seed = ByteBuffer.allocate(32).putInt(number).array();
    return PeerId.of(PrivateKey.ofEd25519Seed(seed).publicKey());
  }

  private void fill(int count) {
    String ids =
        IntStream.range(0, count)
            .mapToObj(i -> "\"" + many(2 + i) + "\"")
            .collect(Collectors.joining(","));
    PrivateFiles.write(
        directory.resolve("hybrid_peers.json"),
        ("{\"version\":1,\"peers\":[" + ids + "]}").getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "{\"version\":2,\"peers\":[]}",
        "{\"version\":1}",
        "{\"version\":1,\"peers\":{}}",
        "{\"version\":1,\"peers\":[1]}",
        "{\"version\":1,\"peers\":[[]]}",
        "{\"version\":1,\"peers\":[\"nobody\"]}"
      })
  void aDamagedFileIsNamedAndLeftAlone(String content) throws Exception {
    Path file = directory.resolve("hybrid_peers.json");
    PrivateFiles.write(file, content.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::peers)
        .isInstanceOf(Failure.class)
        .hasMessageContaining("hybrid_peers.json is damaged");
    assertThat(Files.readString(file)).isEqualTo(content);
  }
}
