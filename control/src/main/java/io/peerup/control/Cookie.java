package io.peerup.control;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/// The secret that a request on the control socket must show: 32 random bytes, as hex in a file
/// that only our user can read. It keeps out what reaches the socket without being able to read our
/// files, such as a confused program that forwards connections.
public final class Cookie {
  private static final int RANDOM_BYTES = 32;
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{" + 2 * RANDOM_BYTES + "}");

  private final String hex;

  private Cookie(String hex) {
    this.hex = hex;
  }

  /// A new one, not yet written anywhere.
  public static Cookie create() {
    byte[] random = new byte[RANDOM_BYTES];
    new SecureRandom().nextBytes(random);
    Cookie cookie = new Cookie(HexFormat.of().formatHex(random));
    Arrays.fill(random, (byte) 0);
    return cookie;
  }

  /// The one that the running server of `home` wrote.
  ///
  /// @throws Failure `file-unsafe`, or `control-broken` when it is missing or damaged
  public static Cookie read(Home home) {
    return PrivateFiles.readIfExists(home.cookie())
        .flatMap(Cookie::parse)
        .orElseThrow(() ->
            new Failure(
                "control-broken",
                Printable.of(home.cookie().toString()) + " is missing or damaged",
                "restart the daemon: peerup daemon stop, peerup daemon start"));
  }

  /// The cookie in a file's bytes, or empty if they are damaged.
  static Optional<Cookie> parse(byte[] file) {
    String hex = new String(file, StandardCharsets.US_ASCII).strip();
    return FORM.matcher(hex).matches() ? Optional.of(new Cookie(hex)) : Optional.empty();
  }

  /// Replaces the file of `home`.
  public void write(Home home) {
    PrivateFiles.write(home.cookie(), (hex + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  /// Whether `header`, the value of an `Authorization` header, shows this cookie. Takes the same
  /// time wherever the first difference lies.
  public boolean isShownBy(String header) {
    return MessageDigest.isEqual(
        header.getBytes(StandardCharsets.UTF_8), header().getBytes(StandardCharsets.UTF_8));
  }

  /// The value of the `Authorization` header that shows this cookie.
  public String header() {
    return "Bearer " + hex;
  }

  @Override
  public String toString() {
    return "Cookie[secret]";
  }
}
