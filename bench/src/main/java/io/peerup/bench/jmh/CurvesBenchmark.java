package io.peerup.bench.jmh;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.util.concurrent.TimeUnit;
import javax.crypto.KeyAgreement;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// X25519 and Ed25519 of Bouncy Castle and of the JDK (SunEC).
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class CurvesBenchmark {

  private static final int KEY_BYTES = 32;
  private static final int MESSAGE_BYTES = 64;

  private final SecureRandom random = new SecureRandom();
  private final byte[] message = new byte[MESSAGE_BYTES];
  private final byte[] ownX = new byte[KEY_BYTES];
  private final byte[] theirX = new byte[KEY_BYTES];
  private final byte[] shared = new byte[KEY_BYTES];
  private final Ed25519PrivateKeyParameters bcKey = new Ed25519PrivateKeyParameters(random);
  private final Ed25519PublicKeyParameters bcPublic = bcKey.generatePublicKey();
  private final KeyPair sunX = pair("X25519");
  private final KeyPair sunTheirX = pair("X25519");
  private final KeyPair sunEd = pair("Ed25519");
  private byte[] bcSigned = {};
  private byte[] sunSigned = {};

  private static KeyPair pair(String algorithm) {
    try {
      return KeyPairGenerator.getInstance(algorithm, "SunEC").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  @Setup
  public void prepare() throws GeneralSecurityException {
    random.nextBytes(message);
    random.nextBytes(ownX);
    byte[] theirs = new byte[KEY_BYTES];
    random.nextBytes(theirs);
    X25519.scalarMultBase(theirs, 0, theirX, 0);
    bcSigned = signBouncyCastle();
    sunSigned = signSunEc();
  }

  @Benchmark
  public byte[] agreeBouncyCastle() {
    boolean _ = X25519.calculateAgreement(ownX, 0, theirX, 0, shared, 0);
    return shared;
  }

  @Benchmark
  public byte[] agreeSunEc() throws GeneralSecurityException {
    KeyAgreement agreement = KeyAgreement.getInstance("X25519", "SunEC");
    agreement.init(sunX.getPrivate());
    var _ = agreement.doPhase(sunTheirX.getPublic(), true);
    return agreement.generateSecret();
  }

  @Benchmark
  public byte[] keyPairBouncyCastle() {
    random.nextBytes(ownX);
    X25519.scalarMultBase(ownX, 0, shared, 0);
    return shared;
  }

  @Benchmark
  public KeyPair keyPairSunEc() {
    return pair("X25519");
  }

  @Benchmark
  public byte[] signBouncyCastle() {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(true, bcKey);
    signer.update(message, 0, message.length);
    return signer.generateSignature();
  }

  @Benchmark
  public byte[] signSunEc() throws GeneralSecurityException {
    Signature signer = Signature.getInstance("Ed25519", "SunEC");
    signer.initSign(sunEd.getPrivate());
    signer.update(message);
    return signer.sign();
  }

  @Benchmark
  public boolean verifyBouncyCastle() {
    Ed25519Signer signer = new Ed25519Signer();
    signer.init(false, bcPublic);
    signer.update(message, 0, message.length);
    return signer.verifySignature(bcSigned);
  }

  @Benchmark
  public boolean verifySunEc() throws GeneralSecurityException {
    Signature signer = Signature.getInstance("Ed25519", "SunEC");
    signer.initVerify(sunEd.getPublic());
    signer.update(message);
    return signer.verify(sunSigned);
  }
}
