package io.peerup.libp2p.tls;

import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// A TLS peer that keeps to none of libp2p's rules: any versions, any names, any certificate, and
/// it trusts everybody.
final class RawTls {

  private static final int ROOM = 64 * 1024;

  private final SSLContext context;
  private final SSLEngine engine;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  RawTls(boolean client, KeyPair keys, X509Certificate... chain) {
    try {
      context = SSLContext.getInstance("TLS");
      context.init(
          new X509ExtendedKeyManager[] {new ScriptedKey(keys, chain)},
          new TrustManager[] {new Anybody()},
          null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    if (!client) {
      engine.setNeedClientAuth(true);
    }
    alpn("/yamux/1.0.0", "libp2p");
  }

  RawTls alpn(String... names) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(names);
    engine.setSSLParameters(parameters);
    return this;
  }

  RawTls serverName(String name) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    engine.setSSLParameters(parameters);
    return this;
  }

  RawTls versions(String... versions) {
    engine.setEnabledProtocols(versions);
    return this;
  }

  /// Begins a handshake, or, after one, a change of keys.
  void begin() {
    try {
      engine.beginHandshake();
      advance();
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] output() {
    byte[] bytes = output.toByteArray();
    output.reset();
    return bytes;
  }

  /// Takes whole records; what it makes of them shows in the output.
  void feed(byte[] records) throws SSLException {
    ByteBuffer in = ByteBuffer.wrap(records);
    while (in.hasRemaining()) {
      SSLEngineResult result = engine.unwrap(in, ByteBuffer.allocate(ROOM));
      if (result.getStatus() != SSLEngineResult.Status.OK) {
        return;
      }
      advance();
    }
  }

  byte[] seal(byte[] plain) {
    try {
      ByteBuffer target = ByteBuffer.allocate(ROOM);
      ByteBuffer source = ByteBuffer.wrap(plain);
      while (source.hasRemaining()) {
        engine.wrap(source, target);
      }
      byte[] sealed = new byte[target.position()];
      target.flip().get(sealed);
      return sealed;
    } catch (SSLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void advance() throws SSLException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> engine.getDelegatedTask().run();
        case NEED_WRAP -> {
          ByteBuffer target = ByteBuffer.allocate(ROOM);
          SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), target);
          output.write(target.array(), 0, target.position());
          if (result.getStatus() != SSLEngineResult.Status.OK) {
            return;
          }
        }
        default -> {
          return;
        }
      }
    }
  }

  private static final class Anybody extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine of) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine of) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket of) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket of) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
