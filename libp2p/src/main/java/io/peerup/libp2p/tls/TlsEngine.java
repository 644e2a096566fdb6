package io.peerup.libp2p.tls;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// One side of a TLS 1.3 connection, whole records in and out: first the handshake with
/// certificates on both sides, then data. After every call send what [#takeOutput] has, also after
/// one that throws: it may be an alert.
///
/// [#open] and [#seal] throw [ProtocolViolation] when the peer broke a rule or proved nothing,
/// [Refused] when it is not the peer that we want, shares no muxer with us, or refused us. Nothing
/// may follow but closing. Each connection has its own context, so that no session is ever resumed:
/// a resumed one would carry no fresh proof of who is there. Not thread-safe; signatures and key
/// agreement of the handshake run on the caller's thread (a millisecond or two).
public final class TlsEngine {

  /// The ALPN name of libp2p without a muxer: the last offer, taken by peers that negotiate muxers
  /// later.
  private static final String LIBP2P = "libp2p";

  private static final String VERSION = "TLSv1.3";
  private static final String EXPORTER = "EXPORTER-peerup-v1";
  private static final int BINDING_BYTES = 32;

  /// AES-128 first: with this JDK it is about twice as fast as ChaCha20 in TLS.
  private static final String[] CIPHERS = {
    "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384"
  };

  /// Longer than the seven days that a ticket may live: the JDK's engine then neither gives tickets
  /// nor keeps those it gets, of which a listener could send any number.
  private static final int NO_TICKETS_SECONDS = 604_801;

  private static final String[] GROUPS = {"x25519", "secp256r1"};

  /// The engine refuses to work with room for less than its longest record.
  private static final int ROOM_BYTES = Limits.RECORD_BYTES_MAX + 1024;

  private final SSLContext context;
  private final SSLEngine engine;
  private final PeerExpectation expected;
  private final InstantSource clock;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private @Nullable PublicKey remoteKey;
  private @Nullable OverlayException rejection;
  private boolean established;
  private long dataBytes;
  private long silentBytes;

  TlsEngine(
      boolean client,
      X509ExtendedKeyManager key,
      PeerExpectation expected,
      List<String> muxers,
      InstantSource clock) {
    this.expected = expected;
    this.clock = clock;
    try {
      context = SSLContext.getInstance(VERSION);
      context.init(new X509ExtendedKeyManager[] {key}, new TrustManager[] {new ByIdentity()}, null);
      context.getClientSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
      context.getServerSessionContext().setSessionTimeout(NO_TICKETS_SECONDS);
      engine = context.createSSLEngine();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("internal error: every JDK has TLS 1.3", e);
    }
    engine.setUseClientMode(client);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {VERSION});
    parameters.setCipherSuites(CIPHERS);
    parameters.setNamedGroups(GROUPS);
    parameters.setNeedClientAuth(!client);
    engine.setSSLParameters(parameters);
    List<String> names = new ArrayList<>(muxers);
    names.add(LIBP2P);
    alpn(names.toArray(String[]::new));
  }

  /// Offers these application protocols instead.
  void alpn(String... names) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(names);
    engine.setSSLParameters(parameters);
  }

  /// Begins the handshake: the dialler's first records are in the output then.
  public void begin() {
    try {
      engine.beginHandshake();
      advance();
    } catch (SSLException e) {
      throw failure(e);
    }
  }

  /// Whether the handshake is complete on our side. The listener may still refuse our certificate
  /// after that: the dialler hears of it with the first records it reads.
  public boolean established() {
    return established;
  }

  /// Takes one whole record, `in[offset … offset + length)`, and writes what it says to `out` from
  /// 0; returns how many bytes, 0 for a record of the handshake. `out` needs room for as many bytes
  /// as the record has, and must be another array.
  ///
  /// @throws PeerUnreachable at the peer's good-bye
  public int open(byte[] in, int offset, int length, byte[] out) {
    ByteBuffer source = ByteBuffer.wrap(in, offset, length);
    ByteBuffer target = ByteBuffer.wrap(out);
    try {
      while (source.hasRemaining()) {
        SSLEngineResult result = engine.unwrap(source, target);
        switch (result.getStatus()) {
          case OK -> advance();
          case CLOSED -> {
            advance();
            throw new PeerUnreachable("closed by peer");
          }
          // One whole record needs no more bytes and no more room than there are.
          case BUFFER_UNDERFLOW, BUFFER_OVERFLOW ->
              throw new ProtocolViolation("TLS: a record that is not whole");
        }
      }
      int count = target.position();
      account(length, count);
      return count;
    } catch (SSLException e) {
      throw failure(e);
    }
  }

  /// Bounds what a peer makes us do beside taking its data.
  private void account(int recordBytes, int data) {
    dataBytes += data;
    if (data == 0) {
      silentBytes += recordBytes;
      long allowed = Limits.SILENT_BYTES_MAX + dataBytes / Limits.DATA_BYTES_PER_SILENT_BYTE;
      if (silentBytes > allowed) {
        throw new ProtocolViolation("TLS: more than " + allowed + " bytes of records without data");
      }
    }
  }

  /// Seals up to [Limits#SEALED_AT_A_TIME_BYTES_MAX] bytes to one or more records, written to `out`
  /// from 0, which needs room for [#SEALED_BYTES_MAX]; returns how many bytes.
  public int seal(byte[] plain, int offset, int length, byte[] out) {
    ByteBuffer source = ByteBuffer.wrap(plain, offset, length);
    ByteBuffer target = ByteBuffer.wrap(out);
    try {
      while (source.hasRemaining()) {
        SSLEngineResult result = engine.wrap(source, target);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
          throw new PeerUnreachable("the TLS connection is closed");
        }
      }
      return target.position();
    } catch (SSLException e) {
      throw failure(e);
    }
  }

  /// Room that [#seal] needs: the engine may cut the plaintext in two, and asks for the longest
  /// record each time.
  public static final int SEALED_BYTES_MAX = 2 * ROOM_BYTES;

  /// Says good-bye: the record is in the output then.
  public void close() {
    engine.closeOutbound();
    drain();
  }

  /// What has to be sent now, in order before whatever [#seal] gives next. Often empty.
  public byte[] takeOutput() {
    byte[] bytes = output.toByteArray();
    output.reset();
    return bytes;
  }

  /// Who the peer proved to be. Once [#established()].
  public PublicKey remoteKey() {
    if (remoteKey == null) {
      throw new IllegalStateException("nobody is proven yet");
    }
    return remoteKey;
  }

  /// The muxer agreed within the handshake; empty: negotiate it with multistream. Once
  /// [#established()].
  public Optional<String> muxer() {
    return Optional.of(engine.getApplicationProtocol()).filter(name -> !name.equals(LIBP2P));
  }

  /// Once [#established()].
  public ChannelBinding binding() {
    try {
      return new ChannelBinding(
          ((ExtendedSSLSession) engine.getSession())
              .exportKeyingMaterialData(EXPORTER, null, BINDING_BYTES));
    } catch (SSLKeyException e) {
      throw new IllegalStateException("internal error: TLS 1.3 exports keying material", e);
    }
  }

  /// Sessions that another handshake could resume.
  int remembered() {
    return Collections.list(context.getClientSessionContext().getIds()).size();
  }

  /// Does what the engine wants next: computes, or has something to send.
  private void advance() throws SSLException {
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> {
          for (Runnable task = engine.getDelegatedTask();
              task != null;
              task = engine.getDelegatedTask()) {
            task.run();
          }
        }
        case NEED_WRAP -> {
          if (wrap().getStatus() == SSLEngineResult.Status.CLOSED) {
            return;
          }
        }
        case NOT_HANDSHAKING, FINISHED -> {
          establish();
          return;
        }
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          return;
        }
      }
    }
  }

  private SSLEngineResult wrap() throws SSLException {
    ByteBuffer target = ByteBuffer.allocate(ROOM_BYTES);
    SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), target);
    output.write(target.array(), 0, target.position());
    return result;
  }

  private void establish() {
    if (established) {
      return;
    }
    if (remoteKey == null) {
      throw new ProtocolViolation("TLS: the peer showed no certificate");
    }
    String protocol = engine.getApplicationProtocol();
    if (protocol == null || protocol.isEmpty()) {
      throw new ProtocolViolation("TLS: the peer offers no libp2p (ALPN)");
    }
    established = true;
  }

  private OverlayException failure(SSLException cause) {
    drain();
    if (rejection != null) {
      return rejection;
    }
    String message = String.valueOf(cause.getMessage());
    return message.contains("Received fatal alert")
        ? new Refused("the peer ended the TLS handshake or connection: " + message)
        : new ProtocolViolation("TLS: " + message, cause);
  }

  /// After a failure the engine still wants to send an alert.
  private void drain() {
    try {
      while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
        SSLEngineResult result = wrap();
        if (result.getStatus() != SSLEngineResult.Status.OK || result.bytesProduced() == 0) {
          return;
        }
      }
    } catch (SSLException e) {
      // Then there is no alert.
    }
  }

  /// Asks one thing of a peer: exactly one certificate, by which an identity that we expect vouches
  /// for the key. No name and no authority counts.
  private final class ByIdentity extends X509ExtendedTrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, SSLEngine of)
        throws CertificateException {
      check(chain);
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      try {
        if (chain.length != 1) {
          throw new MalformedInput(chain.length + " certificates instead of one");
        }
        PublicKey key = PeerCertificate.verify(chain[0], clock.instant());
        PeerId peer = PeerId.of(key);
        if (!expected.accepts(peer)) {
          throw new Refused(
              "TLS handshake: the peer there is " + peer + ", not one we expect",
              "check the peer id in the address; the machine may have a new identity");
        }
        remoteKey = key;
      } catch (MalformedInput e) {
        rejection = new ProtocolViolation("TLS: " + e.getMessage(), e);
        throw new CertificateException(e.getMessage(), e);
      } catch (Refused e) {
        rejection = e;
        throw new CertificateException(e.getMessage(), e);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind, Socket of)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
