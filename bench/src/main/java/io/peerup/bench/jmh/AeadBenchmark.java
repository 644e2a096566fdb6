package io.peerup.bench.jmh;

import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.modes.ChaCha20Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// ChaCha20-Poly1305 of the JDK and of Bouncy Castle: one record sealed and opened again.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class AeadBenchmark {

  private static final int TAG_BYTES = 16;

  @Param({"1024", "16384", "65519"})
  public int bytes;

  private byte[] plain = {};
  private byte[] sealed = {};
  private byte[] opened = {};
  private final byte[] nonce = new byte[12];
  private final SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
  private final ChaCha20Poly1305 bouncyCastle = new ChaCha20Poly1305();
  private Cipher jdk;

  public AeadBenchmark() {
    try {
      jdk = Cipher.getInstance("ChaCha20-Poly1305", "SunJCE");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void arrays() {
    plain = new byte[bytes];
    sealed = new byte[bytes + TAG_BYTES];
    opened = new byte[bytes];
  }

  private void nextNonce() {
    for (int i = 0; ++nonce[i] == 0; ) {
      i++;
    }
  }

  @Benchmark
  public byte[] sunJce() throws GeneralSecurityException {
    nextNonce();
    jdk.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce));
    int _ = jdk.doFinal(plain, 0, bytes, sealed, 0);
    jdk.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce));
    int _ = jdk.doFinal(sealed, 0, sealed.length, opened, 0);
    return opened;
  }

  @Benchmark
  public byte[] bouncyCastle() throws InvalidCipherTextException {
    nextNonce();
    ParametersWithIV parameters =
        new ParametersWithIV(new KeyParameter(key.getEncoded()), nonce.clone());
    bouncyCastle.init(true, parameters);
    int at = bouncyCastle.processBytes(plain, 0, bytes, sealed, 0);
    int _ = bouncyCastle.doFinal(sealed, at);
    bouncyCastle.init(false, parameters);
    at = bouncyCastle.processBytes(sealed, 0, sealed.length, opened, 0);
    int _ = bouncyCastle.doFinal(opened, at);
    return opened;
  }
}
