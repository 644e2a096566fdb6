package io.peerup.libp2p.tls;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.wire.ByteWriter;
import io.peerup.libp2p.wire.DerReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// The self-signed certificate by which a libp2p identity vouches for a TLS key (tls/tls.md): an
/// extension holds the identity's public key and its signature over the certificate's.
final class PeerCertificate {

  /// What the identity signs in front of the certificate's key.
  private static final byte[] PREFIX = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  private static final String EXTENSION = "1.3.6.1.4.1.53594.1.1";

  /// Clocks differ; a certificate is not younger than the peer's clock thinks possible.
  private static final Duration BEFORE = Duration.ofHours(1);

  /// The certificate lives as long as the host that made it; this is only far away.
  private static final Duration LIFE = Duration.ofDays(365L * 100);

  /// Signatures of certificates that count: no MD5, no SHA-1 (tls/tls.md).
  private static final Set<String> SIGNATURES =
      Set.of(
          "SHA256WITHECDSA",
          "SHA384WITHECDSA",
          "SHA512WITHECDSA",
          "SHA256WITHRSA",
          "SHA384WITHRSA",
          "SHA512WITHRSA",
          "RSASSA-PSS",
          "ED25519",
          "EDDSA");

  private PeerCertificate() {}

  /// A certificate for a P-256 key pair.
  static X509Certificate create(PrivateKey identity, KeyPair keys, BigInteger serial, Instant now) {
    byte[] keyInfo = keys.getPublic().getEncoded();
    var algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    var name = new X500Name("CN=libp2p");
    V3TBSCertificateGenerator certificate = new V3TBSCertificateGenerator();
    certificate.setSerialNumber(new ASN1Integer(serial));
    certificate.setSignature(algorithm);
    certificate.setIssuer(name);
    certificate.setSubject(name);
    certificate.setStartDate(new Time(Date.from(now.minus(BEFORE))));
    certificate.setEndDate(new Time(Date.from(now.plus(LIFE))));
    certificate.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(keyInfo));
    try {
      byte[] signedKey =
          new DERSequence(
                  new DEROctetString(identity.publicKey().encoded()),
                  new DEROctetString(identity.sign(signedBytes(keyInfo))))
              .getEncoded(ASN1Encoding.DER);
      certificate.setExtensions(
          new Extensions(new Extension(new ASN1ObjectIdentifier(EXTENSION), false, signedKey)));
      TBSCertificate content = certificate.generateTBSCertificate();
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(keys.getPrivate());
      signer.update(content.getEncoded(ASN1Encoding.DER));
      byte[] whole =
          new DERSequence(new ASN1Encodable[] {content, algorithm, new DERBitString(signer.sign())})
              .getEncoded(ASN1Encoding.DER);
      return read(whole);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK can sign with P-256", e);
    }
  }

  /// The identity that vouches for this certificate. Throws [MalformedInput] if none does, or if
  /// the certificate breaks a rule of the specification.
  static PublicKey verify(X509Certificate certificate, Instant now) {
    try {
      if (certificate.getEncoded().length > Limits.CERTIFICATE_BYTES_MAX) {
        throw new MalformedInput("the certificate is too large");
      }
      certificate.checkValidity(Date.from(now));
      Set<String> critical = certificate.getCriticalExtensionOIDs();
      if (critical != null && !Set.of(EXTENSION).containsAll(critical)) {
        throw new MalformedInput("the certificate has a critical extension that is not libp2p's");
      }
      if (!SIGNATURES.contains(certificate.getSigAlgName().toUpperCase(Locale.ROOT))) {
        throw new MalformedInput("the certificate is signed with an algorithm that is not allowed");
      }
      if (certificate.getPublicKey() instanceof RSAKey rsa
          && rsa.getModulus().bitLength() > Limits.RSA_BITS_MAX) {
        throw new MalformedInput("the certificate's RSA key is too large");
      }
      certificate.verify(certificate.getPublicKey());
      return identity(certificate);
    } catch (GeneralSecurityException e) {
      throw new MalformedInput("the certificate does not hold: " + e.getMessage(), e);
    }
  }

  private static PublicKey identity(X509Certificate certificate) {
    byte[] value = certificate.getExtensionValue(EXTENSION);
    if (value == null) {
      throw new MalformedInput("the certificate carries no libp2p identity");
    }
    DerReader signedKey = DerReader.ofSequence(DerReader.ofOctetString(value));
    PublicKey key = PublicKey.decode(signedKey.octetString());
    byte[] signature = signedKey.octetString();
    signedKey.expectEnd();
    if (!key.verify(signedBytes(certificate.getPublicKey().getEncoded()), signature)) {
      throw new MalformedInput("the identity in the certificate did not sign its key");
    }
    return key;
  }

  /// Reads a certificate in DER. Throws [MalformedInput].
  static X509Certificate read(byte[] der) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new MalformedInput("not a certificate: " + e.getMessage(), e);
    }
  }

  private static byte[] signedBytes(byte[] keyInfo) {
    return new ByteWriter().bytes(PREFIX).bytes(keyInfo).toByteArray();
  }
}
