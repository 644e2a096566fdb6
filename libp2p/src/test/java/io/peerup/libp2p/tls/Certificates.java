package io.peerup.libp2p.tls;

import io.peerup.libp2p.PrivateKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// Certificates with everything that can be wrong in one.
final class Certificates {

  private static final String EXTENSION = "1.3.6.1.4.1.53594.1.1";

  private final List<Extension> extensions = new ArrayList<>();
  private final KeyPair keys;
  private PublicKey shown;
  private KeyPair signer;
  private Instant from = Instant.parse("2000-01-01T00:00:00Z");
  private Instant until = Instant.parse("2100-01-01T00:00:00Z");
  private boolean critical;
  private boolean sha1;
  private boolean nameless;

  Certificates(KeyPair keys) {
    this.keys = keys;
    this.shown = keys.getPublic();
    this.signer = keys;
  }

  static KeyPair keys(String kind, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static PublicKey rsa(BigInteger modulus) {
    try {
      return KeyFactory.getInstance("RSA")
          .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(65537)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The value of the libp2p extension.
  static byte[] signedKey(PrivateKey identity, PublicKey key) {
    byte[] prefix = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);
    byte[] info = key.getEncoded();
    byte[] signed = new byte[prefix.length + info.length];
    System.arraycopy(prefix, 0, signed, 0, prefix.length);
    System.arraycopy(info, 0, signed, prefix.length, info.length);
    try {
      return new DERSequence(
              new DEROctetString(identity.publicKey().encoded()),
              new DEROctetString(identity.sign(signed)))
          .getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  Certificates critical() {
    critical = true;
    return this;
  }

  Certificates identity(byte[] value) {
    extensions.add(new Extension(new ASN1ObjectIdentifier(EXTENSION), critical, value));
    return this;
  }

  Certificates extension(String oid, boolean isCritical) {
    extensions.add(new Extension(new ASN1ObjectIdentifier(oid), isCritical, new byte[] {5, 0}));
    return this;
  }

  Certificates padding(int bytes) {
    extensions.add(new Extension(new ASN1ObjectIdentifier("1.2.3.5"), false, new byte[bytes]));
    return this;
  }

  Certificates key(PublicKey other) {
    shown = other;
    return this;
  }

  Certificates valid(Instant notBefore, Instant notAfter) {
    from = notBefore;
    until = notAfter;
    return this;
  }

  Certificates signedBy(KeyPair other) {
    signer = other;
    return this;
  }

  Certificates sha1() {
    sha1 = true;
    return this;
  }

  /// Without a name of issuer and subject.
  Certificates nameless() {
    nameless = true;
    return this;
  }

  X509Certificate build() {
    return PeerCertificate.read(der());
  }

  byte[] der() {
    boolean rsa = keys.getPublic().getAlgorithm().equals("RSA");
    var algorithm =
        new AlgorithmIdentifier(
            rsa
                ? PKCSObjectIdentifiers.sha256WithRSAEncryption
                : sha1
                    ? X9ObjectIdentifiers.ecdsa_with_SHA1
                    : X9ObjectIdentifiers.ecdsa_with_SHA256);
    V3TBSCertificateGenerator content = new V3TBSCertificateGenerator();
    content.setSerialNumber(new ASN1Integer(1));
    content.setSignature(algorithm);
    content.setIssuer(new X500Name("CN=a"));
    content.setSubject(new X500Name("CN=a"));
    content.setStartDate(new Time(Date.from(from)));
    content.setEndDate(new Time(Date.from(until)));
    content.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(shown.getEncoded()));
    if (!extensions.isEmpty()) {
      content.setExtensions(new Extensions(extensions.toArray(Extension[]::new)));
    }
    try {
      ASN1Sequence whole = (ASN1Sequence) content.generateTBSCertificate().toASN1Primitive();
      if (nameless) {
        ASN1Encodable[] fields = whole.toArray();
        fields[3] = new DERSequence();
        fields[5] = new DERSequence();
        whole = new DERSequence(fields);
      }
      String name = rsa ? "SHA256withRSA" : sha1 ? "SHA1withECDSA" : "SHA256withECDSA";
      Signature signature = Signature.getInstance(name);
      signature.initSign(signer.getPrivate());
      signature.update(whole.getEncoded());
      return new DERSequence(
              new ASN1Encodable[] {whole, algorithm, new DERBitString(signature.sign())})
          .getEncoded();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
