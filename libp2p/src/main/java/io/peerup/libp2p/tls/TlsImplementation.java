package io.peerup.libp2p.tls;

import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.X509ExtendedTrustManager;

/// An implementation of TLS 1.3 to build on. Thread-safe; belongs to one host.
public interface TlsImplementation extends AutoCloseable {

  /// One side of one connection: nothing but TLS 1.3, a certificate wanted from both sides and
  /// judged by `judge` alone, no server name, no session that another could resume, nor tickets for
  /// one.
  ///
  /// @param own always the same for one implementation
  /// @param protocols application protocols to offer or take, best first
  Engine engine(
      boolean client, Credentials own, X509ExtendedTrustManager judge, List<String> protocols);

  /// No engines after this; those that there are live on.
  @Override
  void close();

  /// An engine and what it holds.
  interface Engine {

    SSLEngine ssl();

    /// Frees it. Idempotent.
    void release();

    /// Whether this result, of an unwrap after the handshake, is a failure that the engine does not
    /// throw: it then has an alert to send.
    boolean failed(SSLEngineResult result);

    /// Sessions that another handshake could resume.
    int remembered();
  }
}
