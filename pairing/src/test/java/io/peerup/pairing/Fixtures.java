package io.peerup.pairing;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Small real things for the tests of this package.
final class Fixtures {

  static final RelayHost RELAY_HOST = RelayHost.of(Multiaddr.parse("/ip4/203.0.113.7/tcp/7777"));

  private Fixtures() {}

  /// The identity whose seed is this byte, 32 times.
  static PrivateKey identity(int number) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) number);
    return PrivateKey.ofEd25519Seed(seed);
  }

  static PeerId peer(int number) {
    return PeerId.of(identity(number).publicKey());
  }

  static KeyRandom random(SeededRandom source) {
    return source::nextBytes;
  }

  static SourcePrefix source(String address) {
    try {
      return SourcePrefix.of(InetAddress.getByName(address));
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] concat(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  static BigInteger littleEndian(byte[] bytes) {
    byte[] reversed = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      reversed[i] = bytes[bytes.length - 1 - i];
    }
    return new BigInteger(1, reversed);
  }

  static byte[] hex(JsonObject object, String key) {
    return HexFormat.of().parseHex(object.get(key).getAsString());
  }

  static JsonObject resource(String name) {
    try (InputStream in = Objects.requireNonNull(Fixtures.class.getResourceAsStream(name), name)) {
      return JsonParser.parseString(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Runs a decoder on many damaged forms of good inputs and on pure noise: it may succeed or throw
  /// [MalformedInput], nothing else.
  static void fuzz(Consumer<byte[]> decoder, RandomGenerator random, int rounds, byte[]... seeds) {
    for (int round = 0; round < rounds; round++) {
      byte[] input = mutate(seeds[round % seeds.length], random);
      try {
        decoder.accept(input);
      } catch (MalformedInput e) {
        // The only exception a decoder may throw.
      } catch (RuntimeException e) {
        throw new AssertionError("decoder failed on " + HexFormat.of().formatHex(input), e);
      }
    }
  }

  private static byte[] mutate(byte[] seed, RandomGenerator random) {
    byte[] out = seed.clone();
    switch (random.nextInt(5)) {
      case 0 -> {
        out = new byte[random.nextInt(seed.length + 20)];
        random.nextBytes(out);
      }
      case 1 -> out = Arrays.copyOf(out, random.nextInt(out.length + 8));
      case 2 -> {
        int from = random.nextInt(out.length);
        out = Arrays.copyOfRange(out, from, out.length);
      }
      default -> {
        for (int i = random.nextInt(4); i >= 0; i--) {
          out[random.nextInt(out.length)] = (byte) random.nextInt(256);
        }
      }
    }
    return out;
  }
}
