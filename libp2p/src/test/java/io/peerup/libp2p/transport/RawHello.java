package io.peerup.libp2p.transport;

import java.security.GeneralSecurityException;
import java.util.Arrays;

/// First packets of QUIC, sealed by hand: good ones, whatever token they bring.
public final class RawHello {

  private static final int ID_LENGTH_AT = 5;
  private static final int RETRY_TAG_BYTES = 16;

  /// Of whoever sends them.
  private static final byte[] ID = new byte[8];

  private RawHello() {}

  /// The connection id that all of them come from.
  public static byte[] id() {
    return ID.clone();
  }

  /// An Initial in which there is nothing but a ping.
  ///
  /// @param to the connection id of the server
  /// @param token empty: none
  public static byte[] packet(byte[] to, byte[] token) {
    try {
      return QuicKeys.sealInitial(to, ID, token, new QuicFrames().ping().toByteArray());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// An Initial with a client's first message of TLS.
  public static byte[] packetWith(byte[] to, byte[] hello) {
    try {
      byte[] frames = new QuicFrames().crypto(0, hello).toByteArray();
      return QuicKeys.sealInitial(to, ID, new byte[0], frames);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The token of a Retry.
  public static byte[] token(byte[] retry) {
    return Arrays.copyOfRange(retry, idEnd(retry), retry.length - RETRY_TAG_BYTES);
  }

  /// What proves that a Retry was received.
  public static byte[] answer(byte[] retry) {
    int end = idEnd(retry);
    int length = retry[ID_LENGTH_AT + 1 + retry[ID_LENGTH_AT]];
    return packet(Arrays.copyOfRange(retry, end - length, end), token(retry));
  }

  private static int idEnd(byte[] retry) {
    if ((retry[0] & 0xF0) != 0xF0) {
      throw new AssertionError("no Retry");
    }
    int length = ID_LENGTH_AT + 1 + retry[ID_LENGTH_AT];
    return length + 1 + retry[length];
  }
}
