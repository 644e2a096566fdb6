package io.peerup.libp2p.yamux;

/// Where a session's frames go: the transport below. Called on the session's thread only, must not
/// throw and must not call back into the session.
public interface YamuxOutput {

  /// True while the transport is below its high-water mark. The session hands over no frame while
  /// this is false, except one go-away when it ends; so what waits below is at most the high-water
  /// mark plus one frame ([YamuxLimits#FRAME_BYTES_MAX]). When it becomes true again, the shell
  /// calls [YamuxSession#transportWritable()].
  boolean isWritable();

  /// One whole frame: the 12 bytes of `header`, then `length` bytes of `payload` from `offset`
  /// (none for control frames). Both arrays are the caller's: copy or encrypt them before
  /// returning. A frame fits into one Noise message; several small ones may share one.
  void frame(byte[] header, byte[] payload, int offset, int length);

  /// The end of a batch: what was handed over should leave now. A shell that knows that more is
  /// coming in the same turn of its loop may wait until the end of that turn.
  void flush();
}
