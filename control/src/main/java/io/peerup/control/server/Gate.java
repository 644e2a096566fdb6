package io.peerup.control.server;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.peerup.control.Cookie;
import io.peerup.control.Failure;
import java.util.List;

/// Decides by its headers alone whether a request is heard: before its body is read and before its
/// route is looked up, so that a stranger learns nothing else.
final class Gate {
  private final Cookie cookie;
  private final int bodyBytesMax;

  Gate(Cookie cookie, int bodyBytesMax) {
    this.cookie = cookie;
    this.bodyBytesMax = bodyBytesMax;
  }

  /// @throws Failure `forbidden`, `unauthorized` or `too-large`
  void check(HttpRequest request) {
    // A page in a browser cannot hide its Origin and, by way of a name that it controls, arrives
    // with a foreign Host (DNS rebinding). We never speak to pages.
    List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() != 1 || !hosts.getFirst().equalsIgnoreCase("localhost")) {
      throw new Failure(
          "forbidden", "the Host of a control request must be localhost", "use http://localhost/…");
    }
    if (request.headers().contains(HttpHeaderNames.ORIGIN)) {
      throw new Failure("forbidden", "the control socket does not serve web pages", "");
    }
    List<String> shown = request.headers().getAll(HttpHeaderNames.AUTHORIZATION);
    if (!cookie.isShownBy(shown.size() == 1 ? shown.getFirst() : "")) {
      throw new Failure(
          "unauthorized",
          "the request does not show the cookie of this home",
          "send the header Authorization: Bearer $(cat HOME/state/control.cookie);"
              + " it changes at each start");
    }
    checkLength(request);
  }

  private void checkLength(HttpRequest request) {
    String length = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (length == null) {
      return;
    }
    // Longer than 9 digits is larger than any limit; no need to know by how much.
    if (!length.matches("[0-9]{1,9}") || Integer.parseInt(length) > bodyBytesMax) {
      throw tooLarge(bodyBytesMax);
    }
  }

  static Failure tooLarge(int bodyBytesMax) {
    return new Failure(
        "too-large", "the body of a request may have at most " + bodyBytesMax + " bytes", "");
  }
}
