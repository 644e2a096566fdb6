package io.peerup.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.testkit.Vectors;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Against the bytes that js-multiaddr makes.
class MultiaddrVectorsTest {

  @Test
  void addressesHaveTheBytesAndTextsOfJsMultiaddr() {
    JsonObject all = Vectors.json("libp2p/js-generated.json").getAsJsonObject("multiaddrs");
    assertThat(all.size()).isGreaterThan(10);
    for (Map.Entry<String, JsonElement> entry : all.entrySet()) {
      String text = entry.getKey();
      byte[] bytes = HexFormat.of().parseHex(entry.getValue().getAsString());
      if (text.startsWith("/unix/") || text.contains("/http-path/")) {
        continue; // below
      }
      assertThat(Multiaddr.parse(text).bytes()).as(text).isEqualTo(bytes);
      assertThat(Multiaddr.fromBytes(bytes)).hasToString(text);
      assertThat(Multiaddr.fromBytes(bytes)).isEqualTo(Multiaddr.parse(text));
    }
  }

  /// js-multiaddr writes the path percent-encoded and without its first slash; go-multiaddr and we
  /// write it plainly and rooted.
  @Test
  void unixPathOfJsMultiaddrBecomesTheRootedOne() {
    JsonObject all = Vectors.json("libp2p/js-generated.json").getAsJsonObject("multiaddrs");
    byte[] bytes = HexFormat.of().parseHex(all.get("/unix/tmp%2Fp2p.sock").getAsString());
    Multiaddr address = Multiaddr.fromBytes(bytes);
    assertThat(address).hasToString("/unix/tmp/p2p.sock");
    assertThat(Multiaddr.parse("/unix/tmp/p2p.sock")).isEqualTo(address);
  }

  /// js-multiaddr puts a slash before the path that its text does not have; to us, as to the
  /// multiaddr specification, the decoded text is the value.
  @Test
  void httpPathOfJsMultiaddrShowsItsFirstSlash() {
    JsonObject all = Vectors.json("libp2p/js-generated.json").getAsJsonObject("multiaddrs");
    String text = "/ip4/192.0.2.1/tcp/80/http/http-path/a%2Fb";
    byte[] bytes = HexFormat.of().parseHex(all.get(text).getAsString());
    assertThat(Multiaddr.fromBytes(bytes))
        .hasToString("/ip4/192.0.2.1/tcp/80/http/http-path/%2Fa%2Fb");
    assertThat(Multiaddr.fromBytes(bytes).bytes()).isEqualTo(bytes);
    assertThat(Multiaddr.parse(text)).hasToString(text);
  }
}
