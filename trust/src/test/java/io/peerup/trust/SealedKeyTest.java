package io.peerup.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.crypto.Aead;
import io.peerup.libp2p.crypto.Hkdf;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.TwoKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A thief of the file has the passphrase to guess, at the price that its maker set, and whoever
/// changes the file gets an error out of it and nothing else.
class SealedKeyTest {

  private static final int KIB_AT = 17;
  private static final int PASSES_AT = 21;
  private static final int SALT_AT = 25;
  private static final int NONCE_AT = SALT_AT + 16;
  private static final int OWNER_AT = NONCE_AT + 24;

  private static final SeededRandom RANDOM = SeededRandom.of(SealedKeyTest.class);
  private static final PrivateKey KEY = PrivateKey.generate(RANDOM::nextBytes);
  private static byte[] file = {};
  private static byte[] prk = {};

  @BeforeAll
  static void seal() {
    file = SealedKey.seal(KEY, right(), KeyRandom.secure());
    prk = SealedKey.decode(file).stretch(right());
  }

  private static Passphrase right() {
    return of("correct horse battery staple");
  }

  private static Passphrase of(String text) {
    return Passphrase.ofTyped(text.toCharArray());
  }

  private static byte[] with(int at, int value) {
    byte[] out = file.clone();
    out[at] = (byte) value;
    return out;
  }

  private static byte[] u32(int at, long value) {
    byte[] out = file.clone();
    ByteBuffer.wrap(out).putInt(at, (int) value);
    return out;
  }

  private static int commitmentAt() {
    return OWNER_AT + 1 + KEY.publicKey().encoded().length;
  }

  @Test
  void theRightPassphraseGivesTheKeyBackAndAnotherGivesNothing() {
    SealedKey sealed = SealedKey.decode(file);
    assertThat(sealed.owner()).isEqualTo(KEY.publicKey());
    assertThat(sealed.kib()).isEqualTo(65_536);
    assertThat(sealed.passes()).isEqualTo(4);
    assertThat(sealed.open(right()).orElseThrow().encoded()).isEqualTo(KEY.encoded());
    assertThat(sealed.open(of("correct horse battery stapl"))).isEmpty();
    assertThat(sealed.open(of("correct horse battery staple "))).isEmpty();
  }

  @Test
  void theSameKeyAndPassphraseNeverMakeTheSameFile() {
    byte[] other = SealedKey.seal(KEY, right(), KeyRandom.secure());
    assertThat(Arrays.copyOfRange(other, SALT_AT, OWNER_AT))
        .isNotEqualTo(Arrays.copyOfRange(file, SALT_AT, OWNER_AT));
    assertThat(SealedKey.decode(other).openWith(prk)).isEmpty();
  }

  @Test
  void theFileShowsNothingOfTheKey() {
    byte[] plain = KEY.encoded();
    String sealed = new String(file, StandardCharsets.ISO_8859_1);
    // Type, length and the seed; the public half stands in the header anyway.
    for (int at = 4; at + 8 <= 36; at++) {
      assertThat(sealed).doesNotContain(new String(plain, at, 8, StandardCharsets.ISO_8859_1));
    }
  }

  /// What Argon2id makes of the passphrase does not depend on these bytes, so that one derivation
  /// does for all of them.
  @Test
  void eachAlteredByteBehindTheSaltIsRefused() {
    for (int at = NONCE_AT; at < file.length; at++) {
      for (int bit : new int[] {1, 0x80}) {
        byte[] altered = with(at, file[at] ^ bit);
        assertThat(opens(altered)).as("byte %s", at).isFalse();
      }
    }
    assertThat(opens(file)).as("unaltered").isTrue();
  }

  private static boolean opens(byte[] altered) {
    try {
      return SealedKey.decode(altered).openWith(prk).isPresent();
    } catch (MalformedInput e) {
      return false;
    }
  }

  @Test
  void anAlteredSaltIsRefused() {
    for (int at : new int[] {SALT_AT, SALT_AT + 15}) {
      assertThat(SealedKey.decode(with(at, file[at] ^ 1)).open(right())).isEmpty();
    }
  }

  @Test
  void anAlteredNamePurposeOrCutIsRefusedUnopened() {
    for (int at = 0; at < KIB_AT; at++) {
      byte[] altered = with(at, file[at] ^ 1);
      assertThatThrownBy(() -> SealedKey.decode(altered)).isInstanceOf(MalformedInput.class);
    }
    int shortest = commitmentAt() + 32 + Aead.TAG_BYTES;
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      if (length < shortest) {
        assertThatThrownBy(() -> SealedKey.decode(cut)).isInstanceOf(MalformedInput.class);
      } else {
        assertThatThrownBy(() -> SealedKey.decode(cut).openWith(prk))
            .isInstanceOf(MalformedInput.class);
      }
    }
    byte[] longer = Arrays.copyOf(file, file.length + 1);
    assertThatThrownBy(() -> SealedKey.decode(longer).openWith(prk))
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void aFileAtTheLimitIsReadAndOneByteLongerIsNot() {
    byte[] longest = Arrays.copyOf(file, Limits.SEALED_KEY_BYTES_MAX);
    assertThat(SealedKey.decode(longest).owner()).isEqualTo(KEY.publicKey());
    byte[] longer = Arrays.copyOf(file, Limits.SEALED_KEY_BYTES_MAX + 1);
    assertThatThrownBy(() -> SealedKey.decode(longer))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("longer");
  }

  @ParameterizedTest
  @CsvSource({
    KIB_AT + ", 0",
    KIB_AT + ", 1",
    KIB_AT + ", 65535",
    KIB_AT + ", 65537",
    KIB_AT + ", 2147483647",
    KIB_AT + ", 2147483648",
    KIB_AT + ", 4294967295",
    PASSES_AT + ", 0",
    PASSES_AT + ", 1",
    PASSES_AT + ", 2",
    PASSES_AT + ", 25",
    PASSES_AT + ", 2147483648",
    PASSES_AT + ", 4294967295"
  })
  void aCostOutsideTheBoundsIsRefusedBeforeAnybodyIsAskedForAPassphrase(int at, long cost) {
    assertThatThrownBy(() -> SealedKey.decode(u32(at, cost)))
        .isInstanceOf(MalformedInput.class)
        .hasMessageContaining("" + cost);
  }

  @ParameterizedTest
  @CsvSource({"3", "5", "7"})
  void aCostThatIsLegalButNotTheOneItWasSealedWithIsRefused(int passes) {
    SealedKey altered = SealedKey.decode(u32(PASSES_AT, passes));
    assertThat(altered.passes()).isEqualTo(passes);
    assertThat(altered.open(right())).isEmpty();
    assertThat(altered.openWith(prk)).as("whoever kept the derived secret, too").isEmpty();
  }

  /// The cipher alone takes one ciphertext under two keys. Here is such a file, for two passphrases
  /// both of which its maker knows; and it opens under neither the one nor the other.
  @Test
  void aFileMadeToOpenUnderTwoPassphrasesOpensUnderNone() throws Exception {
    byte[] other = SealedKey.decode(file).stretch(of("another passphrase"));
    byte[] header = Arrays.copyOf(file, commitmentAt());
    byte[] nonce = Arrays.copyOfRange(file, NONCE_AT, OWNER_AT);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(header);
    byte[] commitment = Hkdf.expand(other, join("peerup-sealed-1 commit", hash), 32);
    byte[] bound = join(header, commitment);
    byte[] key1 = Hkdf.expand(prk, join("peerup-sealed-1 key", hash), 32);
    byte[] key2 = Hkdf.expand(other, join("peerup-sealed-1 key", hash), 32);
    byte[] sealed = TwoKeys.ciphertext(key1, key2, nonce, bound, RANDOM);
    Optional<byte[]> one = Aead.open(key1, nonce, bound, sealed);
    Optional<byte[]> two = Aead.open(key2, nonce, bound, sealed);
    assertThat(one).as("the cipher takes both keys").isPresent();
    assertThat(two).isPresent();
    assertThat(one.get()).as("to different things").isNotEqualTo(two.get());

    SealedKey forged = SealedKey.decode(join(bound, sealed));
    assertThat(forged.openWith(prk)).as("not the passphrase that it is committed to").isEmpty();
    assertThatThrownBy(() -> forged.openWith(other))
        .as("the one that it is committed to, and no key in it")
        .isInstanceOf(MalformedInput.class);
  }

  @Test
  void anotherKeyUnderTheSamePassphraseDoesNotPassForTheOneInTheHeader() {
    byte[] theirs =
        SealedKey.seal(PrivateKey.generate(RANDOM::nextBytes), right(), KeyRandom.secure());
    byte[] swapped = theirs.clone();
    System.arraycopy(file, OWNER_AT, swapped, OWNER_AT, commitmentAt() - OWNER_AT);
    assertThat(SealedKey.decode(swapped).owner()).isEqualTo(KEY.publicKey());
    assertThat(SealedKey.decode(swapped).open(right())).isEmpty();
  }

  private static byte[] join(String first, byte[] second) {
    return join(first.getBytes(StandardCharsets.US_ASCII), second);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
