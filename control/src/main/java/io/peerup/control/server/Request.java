package io.peerup.control.server;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;

/// One request, already authenticated, within limits and decoded.
///
/// @param params the segments in braces of the route's path
/// @param query the parameters after `?`; the last one wins when a name is repeated
/// @param body an empty object when the request had none
public record Request(
    String method,
    String path,
    Map<String, String> params,
    Map<String, String> query,
    JsonObject body) {
  public Request {
    params = Map.copyOf(params);
    query = Map.copyOf(query);
  }

  /// The path segment that the route calls `{name}`.
  public String param(String name) {
    String value = params.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the route has no {" + name + "}");
    }
    return value;
  }

  public Optional<String> query(String name) {
    return Optional.ofNullable(query.get(name));
  }
}
