package io.peerup.trust;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever the file is: it is refused, or it asks for work within bounds; and the derived secret
/// of one file opens that file and no other.
class SealedKeyFuzzTest {

  private static final SeededRandom RANDOM = SeededRandom.fixed(4);
  private static final PrivateKey KEY = PrivateKey.generate(RANDOM::nextBytes);
  private static final byte[] FILE;
  private static final byte[] PRK;

  static {
    try (Passphrase passphrase = Passphrase.ofTyped("one two three".toCharArray())) {
      FILE = SealedKey.seal(KEY, passphrase, RANDOM::nextBytes);
      PRK = SealedKey.decode(FILE).stretch(passphrase);
    }
  }

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(input, MalformedInput.class, SealedKey::decode)
        .ifPresent(sealed -> {
          check(SealedKey.isSealed(input), "begins like one");
          check(
              sealed.kib() >= Limits.ARGON2_KIB_MIN && sealed.kib() <= Limits.ARGON2_KIB_MAX,
              "memory");
          check(
              sealed.passes() >= Limits.ARGON2_PASSES_MIN
                  && sealed.passes() <= Limits.ARGON2_PASSES_MAX,
              "passes");
          check(opens(sealed) == Arrays.equals(input, FILE), "opens if it is the one");
        });
  }

  private static boolean opens(SealedKey sealed) {
    try {
      Optional<PrivateKey> key = sealed.openWith(PRK);
      return key.isPresent();
    } catch (MalformedInput e) {
      return false;
    }
  }

  static Stream<byte[]> files() {
    byte[] weaker = FILE.clone();
    weaker[24] = 3;
    return Stream.of(FILE, weaker, Arrays.copyOf(FILE, 40), KEY.encoded());
  }
}
