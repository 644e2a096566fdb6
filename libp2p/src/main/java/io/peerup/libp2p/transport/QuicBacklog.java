package io.peerup.libp2p.transport;

/// An estimate of what quiche holds of one connection because no reader has asked for it, which we
/// cannot see: while a stream waits for its reader it is at most what has come since and was not
/// read, and at most the connection's window. A machine.
final class QuicBacklog {

  /// Bytes in packets that never came to a reader although none was slow: headers, what came twice.
  private long overheadBytes;

  private int bytes;

  /// The estimate.
  int bytes() {
    return bytes;
  }

  /// Estimates anew and returns by how much that is more than before.
  ///
  /// @param receivedBytes in packets, so far
  /// @param readBytes that came to a reader, so far
  /// @param readerSlow whether bytes wait for a reader
  int estimate(long receivedBytes, long readBytes, boolean readerSlow) {
    long unseen = receivedBytes - readBytes;
    if (!readerSlow) {
      overheadBytes = unseen;
    }
    long unread = Math.max(0, unseen - overheadBytes);
    int before = bytes;
    bytes = (int) Math.min(unread, QuicLimits.CONNECTION_WINDOW_BYTES_MAX);
    return bytes - before;
  }
}
