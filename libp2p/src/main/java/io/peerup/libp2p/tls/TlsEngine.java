package io.peerup.libp2p.tls;

import io.peerup.libp2p.ChannelBinding;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.OverlayException;
import io.peerup.libp2p.PeerExpectation;
import io.peerup.libp2p.PeerUnreachable;
import io.peerup.libp2p.ProtocolViolation;
import io.peerup.libp2p.PublicKey;
import io.peerup.libp2p.Refused;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// One side of a TLS 1.3 connection, whole records in and out: first the handshake with
/// certificates on both sides, then data. After every call send what [#takeOutput] has, also after
/// one that throws: it may be an alert.
///
/// [#open] and [#seal] throw [ProtocolViolation] when the peer broke a rule or proved nothing,
/// [Refused] when it is not the peer that we want, shares no muxer with us, or refused us. Nothing
/// may follow but closing. No session is ever resumed: a resumed one would carry no fresh proof of
/// who is there. Not thread-safe; signatures and key agreement of the handshake run on the caller's
/// thread (a millisecond or two). End with [#release].
public final class TlsEngine {

  /// The ALPN name of libp2p without a muxer: the last offer, taken by peers that negotiate muxers
  /// later.
  private static final String LIBP2P = "libp2p";

  /// What the binding of a connection begins with, so that the hash is good for nothing else.
  private static final byte[] BINDING = "peerup-tls-binding-v1".getBytes(StandardCharsets.US_ASCII);

  /// The type of records with messages of the handshake, as long as they are not sealed.
  private static final int HANDSHAKE_RECORD = 22;

  /// So often the engine may want to do something else before it takes bytes.
  private static final int IDLE_ROUNDS = 4;

  /// Once the handshake is over there is nobody left to prove anything.
  private static final PeerExpectation NOBODY = _ -> false;

  /// The engine refuses to work with room for less than its longest record.
  private static final int ROOM_BYTES = Limits.RECORD_BYTES_MAX + 1024;

  private final TlsImplementation.Engine implementation;
  private final SSLEngine engine;
  private final ProvenCertificates certificates;
  private ByteArrayOutputStream output = new ByteArrayOutputStream(0);

  // Only until it is established: an idle connection is small.
  private @Nullable MessageDigest hellos = sha256();
  private PeerExpectation expected;
  private @Nullable RecordReader sent = new RecordReader();

  private @Nullable PublicKey remoteKey;
  private @Nullable OverlayException rejection;
  private @Nullable ChannelBinding binding;
  private boolean established;
  private long dataBytes;
  private long silentBytes;

  TlsEngine(
      TlsImplementation implementation,
      boolean client,
      Credentials own,
      PeerExpectation expected,
      List<String> muxers,
      ProvenCertificates certificates) {
    this.expected = expected;
    this.certificates = certificates;
    List<String> names = new ArrayList<>(muxers);
    names.add(LIBP2P);
    this.implementation = implementation.engine(client, own, new ByIdentity(), names);
    this.engine = this.implementation.ssl();
    Objects.requireNonNull(hellos).update(BINDING);
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
    hash(in, offset, length);
    try {
      int idle = 0;
      while (source.hasRemaining()) {
        SSLEngineResult result = engine.unwrap(source, target);
        idle = result.bytesConsumed() == 0 ? idle + 1 : 0;
        if (idle > IDLE_ROUNDS) {
          throw new ProtocolViolation("TLS: a record that the engine does not take");
        }
        if (established
            && result.getStatus() == SSLEngineResult.Status.OK
            && implementation.failed(result)) {
          wrap();
          throw new ProtocolViolation("TLS: a record that breaks the rules or was tampered with");
        }
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
      if (!established) {
        // BoringSSL notices that it is done when it is asked once more.
        engine.unwrap(ByteBuffer.allocate(0), target);
        advance();
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
    try {
      wrap();
    } catch (SSLException e) {
      // Then there is none.
    }
  }

  /// What has to be sent now, in order before whatever [#seal] gives next. Often empty.
  public byte[] takeOutput() {
    byte[] bytes = output.toByteArray();
    if (bytes.length > 0) {
      output = new ByteArrayOutputStream(0);
    }
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

  /// A hash of the hellos of both sides, which hold the keys that they agreed with: whoever sits in
  /// between with keys of its own has another one on each side. TLS has a better one in its
  /// exporter (RFC 8446 section 7.5), which BoringSSL's binding for Java lacks; both ends must have
  /// the same, whatever implementation each has. Once [#established()].
  public ChannelBinding binding() {
    if (binding == null) {
      throw new IllegalStateException("not established");
    }
    return binding;
  }

  /// Frees what the engine holds outside the heap. Nothing may follow. Idempotent.
  public void release() {
    implementation.release();
  }

  /// Sessions that another handshake could resume.
  int remembered() {
    return implementation.remembered();
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
    if (sent != null) {
      sent.consume(target.array(), 0, target.position(), this::hash);
    }
    return result;
  }

  /// Takes a record into the binding if it is a hello.
  private boolean hash(byte[] record, int offset, int length) {
    if (hellos != null && record[offset] == HANDSHAKE_RECORD) {
      hellos.update(record, offset + Limits.HEADER_BYTES, length - Limits.HEADER_BYTES);
    }
    return true;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("internal error: every JDK has SHA-256", e);
    }
  }

  private void establish() {
    if (hellos == null) {
      return;
    }
    if (remoteKey == null) {
      throw new ProtocolViolation("TLS: the peer showed no certificate");
    }
    String protocol = engine.getApplicationProtocol();
    if (protocol == null || protocol.isEmpty()) {
      throw new ProtocolViolation("TLS: the peer offers no libp2p (ALPN)");
    }
    binding = new ChannelBinding(hellos.digest());
    established = true;
    hellos = null;
    expected = NOBODY;
    sent = null;
  }

  private OverlayException failure(SSLException cause) {
    drain();
    if (rejection != null) {
      return rejection;
    }
    String message = String.valueOf(cause.getMessage());
    return message.contains("Received fatal alert") || message.contains("_ALERT_")
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
        remoteKey = certificates.prove(chain, expected);
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
