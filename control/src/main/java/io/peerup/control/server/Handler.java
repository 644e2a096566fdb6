package io.peerup.control.server;

/// Answers one kind of request. Runs on a virtual thread of its own and may block.
@FunctionalInterface
public interface Handler {
  /// @throws io.peerup.control.Failure reaches the client as it is
  /// @throws Exception anything else is logged and becomes `internal`
  Reply handle(Request request) throws Exception;
}
