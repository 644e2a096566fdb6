package io.peerup.control.server;

import io.peerup.control.Failure;
import io.peerup.control.PercentCode;
import io.peerup.control.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Finds the route of a request. Pure; used from any thread.
final class Router {
  /// A route and what the request's path says for its braces.
  record Match(Route route, Map<String, String> params) {}

  private final List<Route> routes;

  Router(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /// @param path without the query, percent-encoded
  /// @throws Failure `not-found` or `method-not-allowed`
  Match find(String method, String path) {
    List<String> segments = decode(path);
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : routes) {
      Map<String, String> params = match(route.path().split("/", -1), segments);
      if (params != null && route.method().equals(method)) {
        return new Match(route, params);
      }
      if (params != null) {
        allowed.add(route.method());
      }
    }
    if (!allowed.isEmpty()) {
      throw new Failure(
          "method-not-allowed",
          Printable.of(method + " " + path) + " is not possible",
          "use " + String.join(" or ", allowed));
    }
    throw new Failure(
        "not-found",
        "there is no " + Printable.of(method + " " + path) + " here",
        "docs/protocols/control.md lists all requests; a node and a relay answer different ones");
  }

  private static List<String> decode(String path) {
    List<String> segments = new ArrayList<>();
    for (String segment : path.split("/", -1)) {
      segments.add(decoded(segment));
    }
    return segments;
  }

  private static @Nullable Map<String, String> match(String[] template, List<String> segments) {
    if (template.length != segments.size()) {
      return null;
    }
    Map<String, String> params = new HashMap<>();
    for (int i = 0; i < template.length; i++) {
      String part = template[i];
      if (part.startsWith("{") && part.endsWith("}") && !segments.get(i).isEmpty()) {
        params.put(part.substring(1, part.length() - 1), segments.get(i));
      } else if (!part.equals(segments.get(i))) {
        return null;
      }
    }
    return params;
  }

  /// The parameters of a query, `a=1&b=two+words`.
  static Map<String, String> query(String query) {
    Map<String, String> params = new LinkedHashMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        params.put(decoded(name.replace('+', ' ')), decoded(value.replace('+', ' ')));
      }
    }
    return params;
  }

  private static String decoded(String text) {
    try {
      return PercentCode.decode(text);
    } catch (IllegalArgumentException e) {
      throw new Failure("bad-request", "the path is " + e.getMessage(), "");
    }
  }
}
