package io.peerup.libp2p.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// What one side shows of itself.
///
/// @param key of the certificate; it proves nothing without an identity's signature
/// @param chain one certificate, of that key
public record Credentials(PrivateKey key, List<X509Certificate> chain) {

  public Credentials {
    chain = List.copyOf(chain);
  }

  @Override
  public String toString() {
    return "Credentials[" + chain.size() + " certificates]";
  }
}
