package io.peerup.libp2p.yamux;

/// One session's part in what all sessions may buffer together.
public interface BufferAccount {

  /// The account of a session whose own bound is the only one.
  BufferAccount ALONE =
      new BufferAccount() {
        @Override
        public void change(int bytes) {}

        @Override
        public boolean mustGive() {
          return false;
        }
      };

  /// So many bytes more are held, or fewer.
  void change(int bytes);

  /// True if this session must give something up now.
  boolean mustGive();
}
