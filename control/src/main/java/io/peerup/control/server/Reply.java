package io.peerup.control.server;

import com.google.gson.JsonObject;

/// The answer to a request: one JSON document, or a stream of JSON objects, one a line.
public sealed interface Reply {
  /// One document, sent with status 200.
  record Document(JsonObject json) implements Reply {}

  /// Lines, sent as they come.
  record Lines(LineWriter writer) implements Reply {}

  static Reply json(JsonObject json) {
    return new Document(json);
  }

  /// An empty object: done, nothing to tell.
  static Reply done() {
    return new Document(new JsonObject());
  }

  /// `writer` runs on the request's virtual thread and the stream ends when it returns. When the
  /// client goes away first, the thread is interrupted and [LineSink#send] throws. A
  /// [io.peerup.control.Failure] thrown here becomes the stream's last line.
  static Reply stream(LineWriter writer) {
    return new Lines(writer);
  }

  /// Produces the lines of a streaming reply.
  @FunctionalInterface
  interface LineWriter {
    void writeTo(LineSink sink) throws Exception;
  }
}
