package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Parsing never throws, never authorises who is not there, and writes back what it read.
class AuthorizedKeysFuzzTest {

  private static final String GOOD =
      "# peers\n"
          + peer(1)
          + " expires=2027-01-31T18:00:00Z verified=live:ab12 name=\"the home\" x=1 # c\r\n"
          + "\n"
          + peer(2)
          + " name=laptop tier=local\n";

  private final SeededRandom random = SeededRandom.of(AuthorizedKeysFuzzTest.class);

  @Test
  void anyBytesParseAndComeBack() {
    byte[] seed = GOOD.getBytes(StandardCharsets.UTF_8);
    for (int round = 0; round < 1_500; round++) {
      byte[] file = mutate(seed);
      AuthorizedKeys keys;
      try {
        keys = AuthorizedKeys.parse(file);
      } catch (RuntimeException e) {
        throw new AssertionError("parser failed on " + HexFormat.of().formatHex(file), e);
      }
      assertThat(keys.render()).isEqualTo(file);
      // A damaged peer id is never another valid one: base58 of a checked key.
      assertThat(keys.peers())
          .allSatisfy(p -> assertThat(contains(file, p.peer().toString())).isTrue());
      AuthorizedKeys more = keys.with(AuthorizedPeer.of(peer(9), "nine"));
      assertThat(more.find(peer(9))).isPresent();
      assertThat(more.peers()).containsAll(others(keys));
    }
  }

  private static List<AuthorizedPeer> others(AuthorizedKeys keys) {
    return keys.peers().stream().filter(p -> !p.peer().equals(peer(9))).toList();
  }

  private static boolean contains(byte[] file, String text) {
    return new String(file, StandardCharsets.ISO_8859_1).contains(text);
  }

  private byte[] mutate(byte[] seed) {
    byte[] out = seed.clone();
    byte[] nasty = " \t\r\n\0\"\\#=\u007f%,abc".getBytes(StandardCharsets.UTF_8);
    switch (random.nextInt(4)) {
      case 0 -> out = random.bytes(random.nextInt(200));
      case 1 -> out = Arrays.copyOf(out, random.nextInt(out.length));
      default -> {
        for (int i = random.nextInt(5); i >= 0; i--) {
          out[random.nextInt(out.length)] =
              random.nextInt(3) == 0
                  ? (byte) random.nextInt(256)
                  : nasty[random.nextInt(nasty.length)];
        }
      }
    }
    return out;
  }
}
