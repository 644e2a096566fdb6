package io.peerup.libp2p.tls;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which identity vouches for which certificate, and those that were found out last: a peer that
/// comes back shows the same one, and its two signatures need not be checked again. That its holder
/// has the key is proven in every handshake. Thread-safe.
final class ProvenCertificates {

  private final InstantSource clock;

  /// By the SHA-256 of the certificate; the least recently shown first.
  private final Map<ByteBuffer, PeerCertificate.Proof> known =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, PeerCertificate.Proof> eldest) {
          return size() > Limits.PROVEN_CERTIFICATES_MAX;
        }
      };

  /// `clock` judges the dates of certificates.
  ProvenCertificates(InstantSource clock) {
    this.clock = clock;
  }

  /// The identity that a peer proves with these certificates: one, and an identity that we expect.
  /// Throws [MalformedInput] if nothing is proven, [Refused] if it is somebody else.
  PublicKey prove(X509Certificate[] chain, PeerExpectation expected) {
    if (chain.length != 1) {
      throw new MalformedInput(chain.length + " certificates instead of one");
    }
    PublicKey key;
    try {
      key = verify(chain[0].getEncoded(), clock.instant());
    } catch (CertificateEncodingException e) {
      throw new MalformedInput("not a certificate: " + e.getMessage(), e);
    }
    PeerId peer = PeerId.of(key);
    if (!expected.accepts(peer)) {
      throw new Refused(
          "TLS handshake: the peer there is " + peer + ", not one we expect",
          "check the peer id in the address; the machine may have a new identity");
    }
    return key;
  }

  private PublicKey verify(byte[] der, Instant now) {
    ByteBuffer id = ByteBuffer.wrap(sha256(der));
    PeerCertificate.Proof proof = find(id);
    if (proof == null) {
      proof = PeerCertificate.verify(der, now);
      keep(id, proof);
    } else {
      proof.checkDates(now);
    }
    return proof.identity();
  }

  private synchronized PeerCertificate.@Nullable Proof find(ByteBuffer id) {
    return known.get(id);
  }

  private synchronized void keep(ByteBuffer id, PeerCertificate.Proof proof) {
    known.put(id, proof);
  }

  synchronized int size() {
    return known.size();
  }

  private static byte[] sha256(byte[] der) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(der);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("internal error: every JDK has SHA-256", e);
    }
  }
}
