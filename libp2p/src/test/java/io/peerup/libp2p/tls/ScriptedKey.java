package io.peerup.libp2p.tls;

import java.net.Socket;
import java.security.KeyPair;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Shows any chain with any key.
final class ScriptedKey extends X509ExtendedKeyManager {
  private final @Nullable KeyPair keys;
  private final X509Certificate[] chain;

  ScriptedKey(@Nullable KeyPair keys, X509Certificate... chain) {
    this.keys = keys;
    this.chain = chain;
  }

  private @Nullable String alias(String... kinds) {
    return keys != null && List.of(kinds).contains("EC") ? "a" : null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] kinds, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(kinds);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String kind, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return alias(kind);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] kinds, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(kinds);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String kind, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(kind);
  }

  @Override
  public String @Nullable [] getClientAliases(String kind, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String kind, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public X509Certificate[] getCertificateChain(String name) {
    return chain;
  }

  @Override
  public java.security.@Nullable PrivateKey getPrivateKey(String name) {
    return keys == null ? null : keys.getPrivate();
  }
}
