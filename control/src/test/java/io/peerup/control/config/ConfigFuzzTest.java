package io.peerup.control.config;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.control.Failure;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the text, the loader answers with a config or with problems, never otherwise.
class ConfigFuzzTest {

  @MethodSource("files")
  @FuzzTest
  void yaml(byte[] input) {
    // For each wrong key the nearest right one is looked for.
    Decoding.attempt(input, Failure.class, bytes -> ConfigLoader.parse("f", text(bytes)))
        .ifPresent(config -> {
          String whole = ConfigText.of(config);
          same(ConfigText.of(ConfigLoader.parse("f", whole)), whole);
        });
  }

  static Stream<byte[]> files() {
    return Stream.of(
            ConfigText.of(Config.defaults()),
            "version: 1\nrelay:\n  direct: false\n  addresses: ['/ip4/192.0.2.1/tcp/1']\n",
            "relay-server: {limits: {circuit-bytes: 2GiB, reservation-ttl: 1h30m}}\n",
            "log:\n  level: debug # c\n",
            "a: &x [1]\nb: *x\n",
            "{version: !!int \"1\"}\n",
            "relay: |\n  text\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  @MethodSource("sizeTexts")
  @FuzzTest
  void sizes(byte[] input) {
    Decoding.of(input, IllegalArgumentException.class, bytes -> Sizes.parse(text(bytes)))
        .ifPresent(size -> {
          check(size >= 0, "not negative");
          same(Sizes.parse(Sizes.format(size)), size);
        });
  }

  static Stream<byte[]> sizeTexts() {
    return Stream.of("131072", "128KiB", "2GiB", "999999999999999TiB", "0")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
