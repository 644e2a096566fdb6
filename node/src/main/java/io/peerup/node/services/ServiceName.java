package io.peerup.node.services;

import io.peerup.control.Failure;
import io.peerup.control.Printable;
import java.util.regex.Pattern;

/// Names of services: DNS labels (RFC 1123 §2.1), so that they can become host names later.
public final class ServiceName {

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  private ServiceName() {}

  /// True for 1 to 63 lower-case letters, digits and inner dashes.
  public static boolean isValid(String name) {
    return LABEL.matcher(name).matches();
  }

  /// The name itself. @throws Failure `bad-service-name`
  public static String check(String name) {
    if (!isValid(name)) {
      throw new Failure(
          "bad-service-name",
          "`" + Printable.of(name) + "` cannot be a service name",
          "use 1 to 63 lower-case letters, digits and dashes, such as `web` or `ssh-2`");
    }
    return name;
  }
}
