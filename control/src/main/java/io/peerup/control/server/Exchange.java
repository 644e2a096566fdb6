package io.peerup.control.server;

import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import org.jspecify.annotations.Nullable;

/// The way back to the client of one request. Used by the request's virtual thread; it hears one of
/// [#reply], [#fail], or [#beginStream] followed by [#endStream].
interface Exchange {
  void reply(JsonObject document);

  void fail(Failure failure);

  /// @param writer is interrupted when the client goes away
  LineSink beginStream(Thread writer);

  /// @param failure becomes the last line, null when all went well
  void endStream(@Nullable Failure failure);
}
