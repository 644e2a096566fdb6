package io.peerup.libp2p;

/// Serves one inbound stream. Runs on a virtual thread of its own, named after protocol and peer;
/// when it returns the stream is closed, when it throws the stream is reset.
@FunctionalInterface
public interface StreamHandler {

  /// Serves the stream until done.
  void handle(Stream stream) throws Exception;
}
