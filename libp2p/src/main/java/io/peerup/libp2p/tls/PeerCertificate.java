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
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/// The self-signed certificate by which a libp2p identity vouches for a TLS key (tls/tls.md): an
/// extension holds the identity's public key and its signature over the certificate's.
final class PeerCertificate {

  /// What the identity signs in front of the certificate's key.
  private static final byte[] PREFIX = "libp2p-tls-handshake:".getBytes(StandardCharsets.US_ASCII);

  private static final ASN1ObjectIdentifier EXTENSION =
      new ASN1ObjectIdentifier("1.3.6.1.4.1.53594.1.1");

  /// Clocks differ; a certificate is not younger than the peer's clock thinks possible.
  private static final Duration BEFORE = Duration.ofHours(1);

  /// The certificate lives as long as the host that made it; this is only far away.
  private static final Duration LIFE = Duration.ofDays(365L * 100);

  /// Version, serial number, signature, issuer, dates, subject, key.
  private static final int FIELDS_MIN = 7;

  private static final int VERSION_3 = 2;

  /// The context tag of the extensions.
  private static final int EXTENSIONS = 3;

  /// RFC 8410.
  private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

  /// Signatures of certificates that count, by their JDK names: no MD5, no SHA-1 (tls/tls.md).
  private static final Map<ASN1ObjectIdentifier, String> SIGNATURES =
      Map.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          "SHA256withECDSA",
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          "SHA384withECDSA",
          X9ObjectIdentifiers.ecdsa_with_SHA512,
          "SHA512withECDSA",
          PKCSObjectIdentifiers.sha256WithRSAEncryption,
          "SHA256withRSA",
          PKCSObjectIdentifiers.sha384WithRSAEncryption,
          "SHA384withRSA",
          PKCSObjectIdentifiers.sha512WithRSAEncryption,
          "SHA512withRSA",
          ED25519,
          "Ed25519");

  /// Kinds of keys that those signatures are made with, by their JDK names.
  private static final Map<ASN1ObjectIdentifier, String> KEYS =
      Map.of(
          X9ObjectIdentifiers.id_ecPublicKey,
          "EC",
          PKCSObjectIdentifiers.rsaEncryption,
          "RSA",
          ED25519,
          "Ed25519");

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
    certificate.setStartDate(CertificateTime.of(now.minus(BEFORE)));
    certificate.setEndDate(CertificateTime.of(now.plus(LIFE)));
    certificate.setSubjectPublicKeyInfo(SubjectPublicKeyInfo.getInstance(keyInfo));
    try {
      byte[] signedKey =
          new DERSequence(
                  new DEROctetString(identity.publicKey().encoded()),
                  new DEROctetString(identity.sign(signedBytes(keyInfo))))
              .getEncoded(ASN1Encoding.DER);
      certificate.setExtensions(new Extensions(new Extension(EXTENSION, false, signedKey)));
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

  /// What a certificate proves while it holds.
  record Proof(PublicKey identity, Instant from, Instant until) {

    /// Throws [MalformedInput] if it does not hold at this time.
    void checkDates(Instant now) {
      if (now.isBefore(from) || now.isAfter(until)) {
        throw new MalformedInput("the certificate does not hold now");
      }
    }
  }

  /// The identity that vouches for this certificate, given in DER. Throws [MalformedInput] if none
  /// does, or if the certificate breaks a rule of the specification.
  ///
  /// Taken apart here: the JDK's and Bouncy Castle's classes refuse certificates without an
  /// issuer's name, and those of rust-libp2p and js-libp2p have none.
  static Proof verify(byte[] der, Instant now) {
    if (der.length > Limits.CERTIFICATE_BYTES_MAX) {
      throw new MalformedInput("the certificate is too large");
    }
    try {
      Parts parts = parts(der);
      if (!Set.of(EXTENSION).containsAll(Set.of(parts.extensions().getCriticalExtensionOIDs()))) {
        throw new MalformedInput("the certificate has a critical extension that is not libp2p's");
      }
      verifySignature(parts);
      Proof proof = new Proof(identity(parts), parts.from(), parts.until());
      proof.checkDates(now);
      return proof;
    } catch (GeneralSecurityException
        | IOException
        | IllegalArgumentException
        | IllegalStateException
        | ClassCastException e) {
      throw new MalformedInput("the certificate does not hold: " + e.getMessage(), e);
    }
  }

  /// What counts in a certificate.
  private record Parts(
      ASN1Sequence content,
      Instant from,
      Instant until,
      SubjectPublicKeyInfo key,
      Extensions extensions,
      AlgorithmIdentifier algorithm,
      ASN1BitString signature) {

    byte[] keyInfo() throws IOException {
      return key.getEncoded(ASN1Encoding.DER);
    }
  }

  /// RFC 5280 section 4.1.
  private static Parts parts(byte[] der) throws IOException {
    ASN1Sequence whole = ASN1Sequence.getInstance(ASN1Primitive.fromByteArray(der));
    if (whole == null || !Arrays.equals(whole.getEncoded(ASN1Encoding.DER), der)) {
      throw new MalformedInput("the certificate is not in DER");
    }
    if (whole.size() != 3) {
      throw new MalformedInput("the certificate lacks a field");
    }
    ASN1Sequence content = ASN1Sequence.getInstance(whole.getObjectAt(0));
    if (content.size() < FIELDS_MIN) {
      throw new MalformedInput("the certificate lacks a field");
    }
    ASN1Integer version =
        ASN1Integer.getInstance(ASN1TaggedObject.getInstance(content.getObjectAt(0)), true);
    AlgorithmIdentifier algorithm = AlgorithmIdentifier.getInstance(whole.getObjectAt(1));
    if (!version.hasValue(VERSION_3)
        || !algorithm.equals(AlgorithmIdentifier.getInstance(content.getObjectAt(2)))) {
      throw new MalformedInput("the certificate is of another version or names two signatures");
    }
    ASN1Sequence dates = ASN1Sequence.getInstance(content.getObjectAt(4));
    if (dates.size() != 2) {
      throw new MalformedInput("the certificate lacks a date");
    }
    return new Parts(
        content,
        CertificateTime.read(dates.getObjectAt(0)),
        CertificateTime.read(dates.getObjectAt(1)),
        SubjectPublicKeyInfo.getInstance(content.getObjectAt(6)),
        extensions(content),
        algorithm,
        ASN1BitString.getInstance(whole.getObjectAt(2)));
  }

  private static Extensions extensions(ASN1Sequence content) {
    if (content.getObjectAt(content.size() - 1) instanceof ASN1TaggedObject last
        && last.hasContextTag(EXTENSIONS)) {
      return Extensions.getInstance(last, true);
    }
    throw new MalformedInput("the certificate carries no libp2p identity");
  }

  private static void verifySignature(Parts parts) throws GeneralSecurityException, IOException {
    String name = SIGNATURES.get(parts.algorithm().getAlgorithm());
    if (name == null) {
      throw new MalformedInput("the certificate is signed with an algorithm that is not allowed");
    }
    String kind = KEYS.get(parts.key().getAlgorithm().getAlgorithm());
    if (kind == null) {
      throw new MalformedInput("the certificate's key is of a kind that is not allowed");
    }
    var key = KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(parts.keyInfo()));
    if (key instanceof RSAKey rsa && rsa.getModulus().bitLength() > Limits.RSA_BITS_MAX) {
      throw new MalformedInput("the certificate's RSA key is too large");
    }
    Signature verifier = Signature.getInstance(name);
    verifier.initVerify(key);
    verifier.update(parts.content().getEncoded(ASN1Encoding.DER));
    if (!verifier.verify(parts.signature().getOctets())) {
      throw new MalformedInput("the certificate does not hold: its own key did not sign it");
    }
  }

  private static PublicKey identity(Parts parts) throws IOException {
    Extension extension = parts.extensions().getExtension(EXTENSION);
    if (extension == null) {
      throw new MalformedInput("the certificate carries no libp2p identity");
    }
    DerReader signedKey = DerReader.ofSequence(extension.getExtnValue().getOctets());
    PublicKey key = PublicKey.decode(signedKey.octetString());
    byte[] signature = signedKey.octetString();
    signedKey.expectEnd();
    if (!key.verify(signedBytes(parts.keyInfo()), signature)) {
      throw new MalformedInput("the identity in the certificate did not sign its key");
    }
    return key;
  }

  /// The JDK's view of a certificate, as its TLS wants ours. Throws [MalformedInput].
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
