package io.peerup.node.services;

import io.peerup.control.Failure;
import java.util.Locale;

/// What a service speaks.
public enum Protocol {
  TCP,
  UDP;

  /// As in files and documents: `tcp`, `udp`. @throws Failure `bad-target`
  public static Protocol parse(String text) {
    for (Protocol each : values()) {
      if (each.toString().equals(text)) {
        return each;
      }
    }
    throw new Failure("bad-target", "a service speaks tcp or udp", "leave it out for tcp");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
