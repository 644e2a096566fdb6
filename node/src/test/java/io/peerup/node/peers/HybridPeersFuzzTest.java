package io.peerup.node.peers;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.control.Failure;
import io.peerup.node.Ids;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class HybridPeersFuzzTest {

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(input, Failure.class, bytes -> HybridPeers.decode(Path.of("peers.json"), bytes))
        .ifPresent(peers -> check(peers.size() <= Limits.HYBRID_PEERS_MAX, "as many as allowed"));
  }

  static Stream<byte[]> files() {
    return Stream.of(
            "{\"version\":1,\"peers\":[]}",
            "{\"version\":1,\"peers\":[\"" + Ids.peer(1) + "\",\"" + Ids.peer(2) + "\"]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
