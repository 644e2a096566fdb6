package io.peerup.control.server;

/// A method and a path, and who answers.
///
/// @param path such as `/v1/peers/{name}`; a segment in braces matches any one segment,
///   percent-decoded, and is found in [Request#param]
public record Route(String method, String path, Handler handler) {
  public static Route get(String path, Handler handler) {
    return new Route("GET", path, handler);
  }

  public static Route post(String path, Handler handler) {
    return new Route("POST", path, handler);
  }

  public static Route delete(String path, Handler handler) {
    return new Route("DELETE", path, handler);
  }
}
