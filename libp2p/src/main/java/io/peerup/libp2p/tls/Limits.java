package io.peerup.libp2p.tls;

/// The bounds of the TLS layer, in bytes unless said otherwise.
public final class Limits {

  /// Most plaintext in one record (RFC 8446 section 5.1).
  public static final int PLAINTEXT_BYTES_MAX = 1 << 14;

  /// Most plaintext that is sealed at a time: the JDK's engine cuts more than 16 367 bytes into a
  /// full record and a tiny one.
  public static final int SEALED_AT_A_TIME_BYTES_MAX = 16_256;

  /// The header of a record: type, version, length.
  public static final int HEADER_BYTES = 5;

  /// Longest body of a record: content, content type, padding and tag (RFC 8446 section 5.2).
  public static final int BODY_BYTES_MAX = PLAINTEXT_BYTES_MAX + 256;

  /// Longest record with its header.
  public static final int RECORD_BYTES_MAX = HEADER_BYTES + BODY_BYTES_MAX;

  /// Longest certificate that is looked at: an RSA-8192 key for each of certificate and identity
  /// with their signatures are 5 kB. The engine bounds the whole handshake message at 32 KiB.
  static final int CERTIFICATE_BYTES_MAX = 8_192;

  /// Certificates whose signatures were found good lately and are not checked again, some 300 bytes
  /// each: the peers of a busy relay that come and go.
  static final int PROVEN_CERTIFICATES_MAX = 1_024;

  /// Largest RSA key of a certificate, in bits, as for identities: checking a signature with a
  /// larger one costs more than a stranger may ask for.
  static final int RSA_BITS_MAX = 8_192;

  /// What a peer may send in records that carry no data, in all: its handshake, session tickets and
  /// changes of keys, each of which makes us compute and most of which make us answer. Twice the
  /// largest handshake of ours; on top comes a part of the data, for long connections.
  static final int SILENT_BYTES_MAX = 32 * 1024;

  /// Longest first message of a dialler; those with post-quantum keys have 2 kB.
  static final int HELLO_BYTES_MAX = 16 * 1024;

  /// So much data allows another byte of records without any: keys are changed after megabytes.
  static final int DATA_BYTES_PER_SILENT_BYTE = 1024;

  private Limits() {}
}
