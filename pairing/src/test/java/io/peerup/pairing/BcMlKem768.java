package io.peerup.pairing;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.crypto.MlKem768;
import java.util.Optional;
import org.bouncycastle.crypto.SecretWithEncapsulation;
import org.bouncycastle.crypto.kems.MLKEMExtractor;
import org.bouncycastle.crypto.kems.MLKEMGenerator;
import org.bouncycastle.crypto.params.MLKEMParameters;
import org.bouncycastle.crypto.params.MLKEMPrivateKeyParameters;
import org.bouncycastle.crypto.params.MLKEMPublicKeyParameters;

/// ML-KEM-768 with given randomness: another implementation, for known answers.
final class BcMlKem768 implements MlKem768 {

  private final KeyRandom random;

  BcMlKem768(KeyRandom random) {
    this.random = random;
  }

  private record BcKeyPair(MLKEMPrivateKeyParameters key) implements KeyPair {

    @Override
    public byte[] encapsulationKey() {
      return key.getPublicKey();
    }

    @Override
    public byte[] decapsulate(byte[] ciphertext) {
      return new MLKEMExtractor(key).extractSecret(ciphertext);
    }

    @Override
    public void destroy() {}
  }

  @Override
  public KeyPair generate() {
    return new BcKeyPair(
        new MLKEMPrivateKeyParameters(MLKEMParameters.ml_kem_768, random.bytes(64)));
  }

  @Override
  public Optional<Encapsulated> encapsulate(byte[] key) {
    try {
      SecretWithEncapsulation made =
          MLKEMGenerator.internalGenerateEncapsulated(
              new MLKEMPublicKeyParameters(MLKEMParameters.ml_kem_768, key), random.bytes(32));
      return Optional.of(new Encapsulated(made.getEncapsulation(), made.getSecret()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
