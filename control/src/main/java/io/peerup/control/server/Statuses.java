package io.peerup.control.server;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.peerup.control.Failure;

/// The HTTP status of a failure. Programs compare the failure's code; the status is for tools that
/// look at nothing else, such as `curl --fail`.
final class Statuses {
  private Statuses() {}

  static HttpResponseStatus of(Failure failure) {
    return switch (failure.code()) {
      case "unauthorized" -> HttpResponseStatus.UNAUTHORIZED;
      case "forbidden" -> HttpResponseStatus.FORBIDDEN;
      case "method-not-allowed" -> HttpResponseStatus.METHOD_NOT_ALLOWED;
      case "too-large" -> HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
      case "headers-too-large" -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
      case "request-timeout" -> HttpResponseStatus.REQUEST_TIMEOUT;
      case "busy", "stopping" -> HttpResponseStatus.SERVICE_UNAVAILABLE;
      case "internal" -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
      case String code when code.endsWith("not-found") || code.startsWith("no-such-") ->
          HttpResponseStatus.NOT_FOUND;
      case String code when code.endsWith("-in-use") -> HttpResponseStatus.CONFLICT;
      default -> HttpResponseStatus.BAD_REQUEST;
    };
  }
}
