package io.peerup.libp2p.transport;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// One direction of the packets of a connection, sealed and opened by hand (RFC 9001 section 5).
final class QuicKeys {

  private static final int NUMBER_BYTES = 4;
  private static final int TAG_BYTES = 16;
  private static final int SAMPLE_BYTES = 16;
  private static final int SHORT_HEADER = 0x40;
  private static final int LONG_HEADER_BIT = 0x80;

  private static final byte[] INITIAL_SALT =
      HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

  private final boolean chacha;
  private final Cipher aead;
  private final SecretKeySpec key;
  private final byte[] iv;
  private final SecretKeySpec mask;
  private long largest = -1;

  /// @param suite name of the cipher suite
  /// @param secret of this direction, in hexadecimal, as a key log has it
  QuicKeys(String suite, String secret) throws GeneralSecurityException {
    this(suite, HexFormat.of().parseHex(secret));
  }

  private QuicKeys(String suite, byte[] from) throws GeneralSecurityException {
    String hash = suite.endsWith("SHA384") ? "HmacSHA384" : "HmacSHA256";
    chacha = suite.contains("CHACHA20");
    int keyBytes = suite.contains("AES_128") ? 16 : 32;
    String kind = chacha ? "ChaCha20" : "AES";
    aead = Cipher.getInstance(chacha ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
    key = new SecretKeySpec(expand(hash, from, "quic key", keyBytes), kind);
    iv = expand(hash, from, "quic iv", 12);
    mask = new SecretKeySpec(expand(hash, from, "quic hp", keyBytes), kind);
  }

  /// Of what a client says first, which anybody can open who sees it.
  ///
  /// @param to the connection id to which it says so
  static QuicKeys initial(byte[] to) throws GeneralSecurityException {
    Mac extract = Mac.getInstance("HmacSHA256");
    extract.init(new SecretKeySpec(INITIAL_SALT, "HKDF"));
    return new QuicKeys(
        "TLS_AES_128_GCM_SHA256", expand("HmacSHA256", extract.doFinal(to), "client in", 32));
  }

  /// HKDF-Expand-Label of at most one block.
  private static byte[] expand(String hash, byte[] secret, String label, int length)
      throws GeneralSecurityException {
    byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
    Mac mac = Mac.getInstance(hash);
    mac.init(new SecretKeySpec(secret, "HKDF"));
    mac.update(new byte[] {0, (byte) length, (byte) name.length});
    mac.update(name);
    mac.update(new byte[] {0, 1}); // no context; HKDF's counter
    return Arrays.copyOf(mac.doFinal(), length);
  }

  /// A whole packet.
  byte[] seal(byte[] to, long number, byte[] frames) throws GeneralSecurityException {
    // So much that there is something to sample.
    byte[] plain = Arrays.copyOf(frames, Math.max(frames.length, SAMPLE_BYTES));
    byte first = SHORT_HEADER | (NUMBER_BYTES - 1);
    return sealBehind(ByteBuffer.allocate(1 + to.length).put(first).put(to), number, plain);
  }

  /// An Initial, in a datagram of the least length that begins a connection.
  static byte[] sealInitial(byte[] to, byte[] from, byte[] token, byte[] frames)
      throws GeneralSecurityException {
    ByteBuffer header =
        ByteBuffer.allocate(1 + 4 + 1 + to.length + 1 + from.length + 2 + token.length + 2)
            .put((byte) (LONG_HEADER_BIT | SHORT_HEADER | (NUMBER_BYTES - 1)))
            .putInt(1)
            .put((byte) to.length)
            .put(to)
            .put((byte) from.length)
            .put(from)
            .putShort((short) (token.length | 0x4000))
            .put(token);
    int rest = QuicLimits.INITIAL_BYTES_MIN - header.capacity();
    header.putShort((short) (rest | 0x4000));
    byte[] padded = Arrays.copyOf(frames, rest - NUMBER_BYTES - TAG_BYTES);
    return initial(to).sealBehind(header, 0, padded);
  }

  private byte[] sealBehind(ByteBuffer start, long number, byte[] plain)
      throws GeneralSecurityException {
    int numberAt = start.capacity();
    byte[] header =
        ByteBuffer.allocate(numberAt + NUMBER_BYTES).put(start.flip()).putInt((int) number).array();
    byte[] packet = Arrays.copyOf(header, header.length + plain.length + TAG_BYTES);
    aead(Cipher.ENCRYPT_MODE, number).updateAAD(header);
    aead.doFinal(plain, 0, plain.length, packet, header.length);
    byte[] masked = mask(packet, header.length);
    packet[0] ^= (byte) (masked[0] & (packet[0] < 0 ? 0x0F : 0x1F));
    for (int i = 0; i < NUMBER_BYTES; i++) {
      packet[numberAt + i] ^= masked[1 + i];
    }
    return packet;
  }

  /// What was in a packet.
  record Opened(long number, ByteBuffer frames) {}

  /// Null if it is not of these keys.
  @Nullable Opened open(byte[] packet, int idBytes) {
    if (packet.length < 1 + idBytes + NUMBER_BYTES + SAMPLE_BYTES) {
      return null;
    }
    try {
      byte[] masked = mask(packet, 1 + idBytes + NUMBER_BYTES);
      byte[] header = Arrays.copyOf(packet, 1 + idBytes + NUMBER_BYTES);
      header[0] ^= (byte) (masked[0] & 0x1F);
      int numberBytes = (header[0] & 3) + 1;
      long number = 0;
      for (int i = 0; i < numberBytes; i++) {
        header[1 + idBytes + i] ^= masked[1 + i];
        number = number << 8 | (header[1 + idBytes + i] & 0xFF);
      }
      number = whole(number, numberBytes * 8);
      int headerBytes = 1 + idBytes + numberBytes;
      aead(Cipher.DECRYPT_MODE, number).updateAAD(header, 0, headerBytes);
      byte[] frames = aead.doFinal(packet, headerBytes, packet.length - headerBytes);
      largest = Math.max(largest, number);
      return new Opened(number, ByteBuffer.wrap(frames));
    } catch (GeneralSecurityException e) {
      return null;
    }
  }

  /// RFC 9000 section A.3.
  private long whole(long truncated, int bits) {
    long window = 1L << bits;
    long expected = largest + 1;
    long candidate = (expected & -window) | truncated;
    if (candidate <= expected - window / 2) {
      return candidate + window;
    }
    return candidate > expected + window / 2 && candidate >= window
        ? candidate - window
        : candidate;
  }

  private Cipher aead(int mode, long number) throws GeneralSecurityException {
    byte[] nonce = iv.clone();
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[nonce.length - 1 - i] ^= (byte) (number >>> (8 * i));
    }
    aead.init(mode, key, chacha ? new IvParameterSpec(nonce) : new GCMParameterSpec(128, nonce));
    return aead;
  }

  private byte[] mask(byte[] packet, int sampleAt) throws GeneralSecurityException {
    byte[] sample = Arrays.copyOfRange(packet, sampleAt, sampleAt + SAMPLE_BYTES);
    if (chacha) {
      Cipher cipher = Cipher.getInstance("ChaCha20");
      int counter = Integer.reverseBytes(ByteBuffer.wrap(sample).getInt());
      byte[] nonce = Arrays.copyOfRange(sample, 4, SAMPLE_BYTES);
      cipher.init(Cipher.ENCRYPT_MODE, mask, new ChaCha20ParameterSpec(nonce, counter));
      return cipher.doFinal(new byte[5]);
    }
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, mask);
    return cipher.doFinal(sample);
  }
}
