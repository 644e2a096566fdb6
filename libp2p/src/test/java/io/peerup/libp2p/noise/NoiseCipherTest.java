package io.peerup.libp2p.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.testkit.SeededRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class NoiseCipherTest {

  private final SeededRandom random = SeededRandom.of(NoiseCipherTest.class);
  private final byte[] key = random.bytes(32);
  private final NoiseCipher sender = new NoiseCipher(key, true);
  private final NoiseCipher receiver = new NoiseCipher(key, false);

  @Test
  void recordsOfEveryKindOfLengthArriveAtAnyOffset() {
    for (int length : new int[] {0, 1, 15, 16, 17, 1_023, 1_024, 1_025, 16_384, 65_519}) {
      byte[] plain = random.bytes(length + 3);
      byte[] wire = new byte[length + Limits.TAG_BYTES + 5];
      assertThat(sender.encrypt(plain, 3, length, wire, 5)).isEqualTo(length + 16);
      byte[] opened = new byte[length + 7];
      assertThat(receiver.decrypt(wire, 5, length + 16, opened, 7)).isEqualTo(length);
      assertThat(Arrays.copyOfRange(opened, 7, length + 7))
          .isEqualTo(Arrays.copyOfRange(plain, 3, length + 3));
      assertThat(Arrays.copyOf(wire, 5)).containsOnly(0);
    }
  }

  @Test
  void encryptionAndDecryptionInPlace() {
    for (int length : new int[] {1, 100, 65_519}) {
      byte[] plain = random.bytes(length);
      byte[] buffer = Arrays.copyOf(plain, length + Limits.TAG_BYTES);
      sender.encrypt(buffer, 0, length, buffer, 0);
      assertThat(Arrays.copyOf(buffer, length)).isNotEqualTo(plain);
      assertThat(receiver.decrypt(buffer, 0, buffer.length, buffer, 0)).isEqualTo(length);
      assertThat(Arrays.copyOf(buffer, length)).isEqualTo(plain);
    }
  }

  @Test
  void moreThanOneFrameOfPlaintextIsNotEncrypted() {
    byte[] plain = new byte[Limits.PLAINTEXT_BYTES_MAX + 1];
    byte[] out = new byte[plain.length + Limits.TAG_BYTES];
    assertThatThrownBy(() -> sender.encrypt(plain, 0, plain.length, out, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFlippedBitAnywhereInARecordIsFatal() {
    byte[] record = sealed(random.bytes(100));
    for (int i = 0; i < record.length; i++) {
      byte[] altered = record.clone();
      altered[i] ^= (byte) (1 << random.nextInt(8));
      NoiseCipher fresh = new NoiseCipher(key, false);
      byte[] out = new byte[200];
      assertThatThrownBy(() -> fresh.decrypt(altered, 0, altered.length, out, 0))
          .isInstanceOf(ProtocolViolation.class);
      assertThat(out).containsOnly(0);
      assertThat(fresh.counter()).isZero();
      assertThatThrownBy(() -> fresh.decrypt(record, 0, record.length, out, 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void truncatedRecordsAreFatal() {
    byte[] record = sealed(random.bytes(20));
    for (int length = 0; length < record.length; length++) {
      int cut = length;
      NoiseCipher fresh = new NoiseCipher(key, false);
      assertThatThrownBy(() -> fresh.decrypt(record, 0, cut, new byte[200], 0))
          .isInstanceOf(ProtocolViolation.class);
    }
  }

  @Test
  void replayedAndSwappedRecordsAreFatal() {
    byte[] first = sealed(random.bytes(10));
    byte[] second = sealed(random.bytes(10));
    byte[] out = new byte[10];
    receiver.decrypt(first, 0, first.length, out, 0);
    assertThatThrownBy(() -> receiver.decrypt(first, 0, first.length, out, 0))
        .isInstanceOf(ProtocolViolation.class);
    NoiseCipher swapped = new NoiseCipher(key, false);
    assertThatThrownBy(() -> swapped.decrypt(second, 0, second.length, out, 0))
        .isInstanceOf(ProtocolViolation.class);
  }

  @Test
  void theLastRecordNumberBelowTheReservedOneIsUsed() {
    sender.counter(-2L);
    receiver.counter(-2L);
    byte[] record = sealed(new byte[] {1, 2, 3});
    byte[] out = new byte[3];
    receiver.decrypt(record, 0, record.length, out, 0);
    assertThat(out).containsExactly(1, 2, 3);
  }

  @Test
  void theReservedRecordNumberIsNeverUsed() {
    sender.counter(-1L);
    assertThatThrownBy(() -> sealed(new byte[1])).isInstanceOf(LimitReached.class);
    assertThatThrownBy(() -> sealed(new byte[1])).isInstanceOf(IllegalStateException.class);
    receiver.counter(-1L);
    assertThatThrownBy(() -> receiver.decrypt(new byte[16], 0, 16, new byte[0], 0))
        .isInstanceOf(LimitReached.class);
  }

  @Test
  void theRecordNumberIsLittleEndianBehindFourZeroBytes() throws Exception {
    sender.counter(0x0102030405060708L);
    byte[] record = sealed(new byte[] {42});
    Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
    cipher.init(
        Cipher.DECRYPT_MODE,
        new SecretKeySpec(key, "ChaCha20"),
        new IvParameterSpec(new byte[] {0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1}));
    assertThat(cipher.doFinal(record)).containsExactly(42);
  }

  @Test
  void aDestroyedCipherDoesNothing() {
    sender.destroy();
    assertThatThrownBy(() -> sealed(new byte[1])).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aCipherWorksInOneDirectionOnly() {
    assertThatThrownBy(() -> receiver.encrypt(new byte[1], 0, 1, new byte[17], 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> sender.decrypt(new byte[17], 0, 17, new byte[1], 0))
        .isInstanceOf(IllegalStateException.class);
  }

  private byte[] sealed(byte[] plain) {
    byte[] record = new byte[plain.length + Limits.TAG_BYTES];
    sender.encrypt(plain, 0, plain.length, record, 0);
    return record;
  }
}
