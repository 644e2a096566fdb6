package io.peerup.control.client;

import com.google.gson.JsonObject;
import java.util.Optional;

/// The lines of a streaming reply. For use by one thread; [#close] may be called by another.
public interface ControlStream extends AutoCloseable {
  /// The next line, empty at the end of the stream; waits without limit.
  ///
  /// @throws io.peerup.control.Failure when the stream's last line is an error, or it breaks off
  Optional<JsonObject> next();

  @Override
  void close();
}
